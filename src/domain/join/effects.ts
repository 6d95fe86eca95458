/** What a request needs to have done next, as data: `src/workflows/join-effects.ts` does it. */
import { readingOf, type Approval } from '../approval/host.ts';
import type { Reason } from '../admission.ts';
import type { EffectBase } from '../engine.ts';
import type { GrantRecord } from '../ownership.ts';
import type { JoinRequest } from '../request.ts';
import type { Approvers, Candidate } from '../requirement.ts';
import type { Settings } from '../settings.ts';
import type { Term } from '../view.ts';
import { evaluationOf } from './end.ts';
import { evaluationEffect, type EvaluationEffect, type EvaluationValues } from './evaluation.ts';
import type { Grant, NotGranted } from './grant.ts';
import type { Look } from './presence.ts';
import type { Context, Granting, Made, Open, State, Tried } from './state.ts';

/** A call to Chime: for whom, by whom, and what earlier ones may have done. */
interface Call {
  readonly request: JoinRequest;
  readonly bearer: string;
  readonly settings: Settings;
  readonly tried?: Tried;
}

/** A read of who may review. */
interface Reading {
  readonly request: JoinRequest;
  readonly approvers: readonly Approvers[];
  readonly askedBy?: string;
}

export type Effect =
  | EvaluationEffect
  | (EffectBase & Reading & { readonly do: 'readRoster' })
  | (EffectBase & Reading & { readonly do: 'confirmRoles'; readonly of: readonly string[] })
  | (EffectBase & { readonly do: 'look'; readonly request: JoinRequest; readonly grant: GrantRecord })
  | (EffectBase & Call & { readonly do: 'grant'; readonly validUntil: number })
  /** `forMs`: how long it may be tried, where that is less than what the settings say. */
  | (EffectBase & Call & { readonly do: 'findGrant'; readonly firstScheduledAt?: number; readonly forMs?: number })
  | (EffectBase & { readonly do: 'describe' } & Removal)
  | (EffectBase & { readonly do: 'remove'; readonly reason: Reason } & Removal)
  | (EffectBase & { readonly do: 'findEarlierGrant'; readonly settings: Settings });

interface Removal {
  readonly request: JoinRequest;
  readonly grant: GrantRecord;
  readonly bearer: string;
  readonly settings: Settings;
}

export interface EffectValues extends EvaluationValues {
  readonly readRoster: readonly Candidate[];
  readonly confirmRoles: readonly Candidate[];
  readonly look: Look;
  readonly grant: Grant | NotGranted;
  readonly findGrant: Grant | null;
  readonly describe: Look;
  /** What became of the membership: another one than ours is left where it is. */
  readonly remove: 'removed' | 'gone' | 'notOurs';
  readonly findEarlierGrant: (Made & { readonly term?: Term }) | null;
}

export function next(state: State): Effect | undefined {
  switch (state.state) {
    case 'closed':
      return undefined;
    case 'closing': {
      const { settings } = state.was.judged.context;
      return { do: 'findEarlierGrant', key: 'findEarlierGrant', ...WRITE, settings };
    }
    case 'evaluating':
      return state.pauseUntil === undefined ? evaluationEffect(state.evaluation) : undefined;
    case 'waitingForInput':
    case 'waitingForTime':
    case 'waitingForPeople': {
      if (state.evaluation) return evaluationEffect(state.evaluation);
      return state.state === 'waitingForPeople' ? reading(state, state.approval) : undefined;
    }
    case 'granting':
      return granting(state);
    case 'incident':
      return undefined;
    case 'active':
      return whileActive(state);
    case 'removing': {
      const { judged, request, made, reason } = state;
      const { serviceBearer: bearer, settings } = judged.context;
      return {
        do: 'remove',
        key: 'remove',
        ...WRITE,
        request,
        grant: grantIn(made, request),
        bearer,
        settings,
        reason,
      };
    }
  }
}

/** What has been begun is waited for. */
const WRITE = { lane: 'patient', stop: 'wait' } as const;

function granting({ step, request, memory, judged }: Granting): Effect {
  const { serviceBearer, settings } = judged.context;
  const { tried } = memory;
  const call = { request, settings, ...(tried ? { tried } : {}) };
  const round = memory.rounds?.count ?? 0;
  switch (step.at) {
    case 'call': {
      const { bearer } = step;
      return { do: 'grant', key: `grant:${round}`, ...WRITE, ...call, bearer, validUntil: validUntil(judged.context) };
    }
    case 'look': {
      const { bearer, firstScheduledAt, tooOld } = step;
      const patience = tooOld ? {} : { forMs: LOOK_FOR_MS };
      return { do: 'findGrant', key: `look:${round}`, ...WRITE, ...call, bearer, firstScheduledAt, ...patience };
    }
    case 'claim': {
      const [bearer = serviceBearer] = tried?.bearers ?? [];
      const since = tried ? { firstScheduledAt: tried.firstScheduledAt } : {};
      return { do: 'findGrant', key: `claim:${round}`, ...WRITE, ...call, bearer, ...since };
    }
    case 'describe': {
      // Our clock may be wrong: right after the call, what its bearer made is ours.
      const { type, invitedBy = '' } = grantIn(step.made, request);
      const grant = { type, invitedBy, since: LONG_AGO };
      return { do: 'describe', key: 'describe', ...WRITE, request, grant, bearer: serviceBearer, settings };
    }
  }
}

/** How long a last look may take. */
const LOOK_FOR_MS = 60_000;

const LONG_AGO = new Date(0).toISOString();

/** Until when the call may be made. What was said within the last second counts as said now, or nothing would ever be. */
function validUntil({ admittedAt, validForMs }: Context): number {
  return admittedAt + Math.max(validForMs, LEAST_VALID_MS);
}

const LEAST_VALID_MS = 1_000;

function whileActive(state: Extract<Open, { state: 'active' }>): Effect | undefined {
  const { task, looks, request, made, extension } = state;
  const evaluation = evaluationOf(state);
  if (evaluation) return evaluationEffect(evaluation);
  const grant = grantIn(made, request);
  const lane = state.looksFirmly ? 'firm' : 'quick';
  const read = { lane, stop: 'drop', request, grant } as const;
  if (task?.kind === 'look') return { do: 'look', key: `look:${task.n}:${lane}`, ...read };
  if (looks.length > 0) return { do: 'look', key: `look:${looks.join(',')}:${lane}`, ...read };
  return extension && reading(state, extension.approval, extension.by);
}

function reading({ request }: Open, approval: Approval, askedBy?: string): Effect | undefined {
  const wanted = readingOf(approval);
  return wanted && { ...wanted, request, ...(askedBy === undefined ? {} : { askedBy }) };
}

function grantIn({ grant }: Made, { type }: JoinRequest): GrantRecord {
  return grant ?? { type };
}
