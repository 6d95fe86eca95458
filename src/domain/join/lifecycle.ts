/** From what the policies said to what follows: a refusal, a question, a wait, people, or the call. */
import type { BoundRequirement, Composition, Reason } from '../admission.ts';
import {
  askAnew,
  offer,
  openApproval,
  resume,
  type Caller,
  type Moved,
  type Read,
  type Resolved,
} from '../approval/host.ts';
import type { PanelEvent } from '../approval/panel.ts';
import { peopleOf } from '../conclusion.ts';
import { durationMs } from '../duration.ts';
import { withoutPeople } from '../facts.ts';
import { parties } from '../request.ts';
import type { AskedInput } from '../view.ts';
import { close, commonOf, failed, withoutRounds } from './end.ts';
import { evaluating } from './evaluate.ts';
import type { Concluded } from './evaluation.ts';
import { claim, grant } from './grant.ts';
import { isoOf, tell, andThen, type JoinStep } from './notes.ts';
import { panelOf } from './project.ts';
import { reported } from './reply.ts';
import type { Context, Evaluating, Judged, Made, Open, State, WaitingForPeople, Waits } from './state.ts';

/** `settled`: the policies were asked after people had approved. */
interface Settled {
  readonly settled?: boolean;
}

/** Does what the policies came to. */
export function applyDecision(
  before: Evaluating | Waits,
  admission: Concluded,
  now: number,
  { settled = false }: Settled = {},
): JoinStep {
  const { composition, facts } = admission.conclusion;
  const judged = judgedBy(admission, now);
  const proved = admission.proof ? { requesterVerified: admission.proof.verified } : {};
  const known = { ...before, ...proved };
  const common = { ...commonOf(known), judged };
  const waiting = { ...withoutRounds(common), expiresAt: expiryOf(before, judged, now) };
  switch (composition.action) {
    case 'deny':
      return close(over(known, judged), { outcome: 'denied', reason: composition.reason }, now);
    case 'alreadyMember':
      return alreadyMember(over(known, judged), judged, standingMembership(before, admission), now);
    case 'ask': {
      const inputs = askedInputs(composition.inputs, before, now);
      const message = composition.inputs.map(({ prompt }) => prompt).join(' ');
      return tell({ state: { ...waiting, state: 'waitingForInput', inputs } }, 'inputNeeded', now, { message });
    }
    case 'defer':
      return defer(over(known, judged), composition, waiting, now);
    case 'admit':
      return grant(over(known, judged), judged, undefined, now);
    case 'pend': {
      const asked = { requirements: composition.requirements, facts, requestDigest: admission.requestDigest };
      return askPeople(before, { ...waiting, state: 'waitingForPeople' }, { ...asked, settled }, now);
    }
  }
}

/** The state that the policies were asked in, with what they said. */
function over<S extends Evaluating | Waits>(before: S, judged: Judged): S & { judged: Judged } {
  return { ...before, judged };
}

function judgedBy(admission: Concluded, now: number): Judged {
  const { policyDigest, requestDigest, decisions, conclusion } = admission;
  const { facts, composition } = conclusion;
  return {
    at: isoOf(now),
    policyDigest,
    requestDigest,
    decisions,
    facts: withoutPeople(facts),
    composition,
    context: contextOf(admission, now),
  };
}

export function contextOf({ settings, serviceBearer, listedAs, conclusion }: Concluded, now: number): Context {
  const { executor, term, validForMs = Number.MAX_SAFE_INTEGER } = conclusion;
  const validFor = Math.min(settings.validForMs, validForMs);
  const common = { settings, serviceBearer, listedAs, executor, admittedAt: now, validForMs: validFor };
  return { ...common, ...(term ? { term } : {}) };
}

/** Whether what the policies said may still be acted on. */
export function isFresh({ context: { admittedAt, validForMs } }: Judged, now: number): boolean {
  return now - admittedAt <= validForMs;
}

/** Counted from when the request first had to wait. */
function expiryOf({ expiresAt }: Evaluating | Waits, { context }: Judged, now: number): string {
  return expiresAt ?? isoOf(now + context.settings.expireAfterMs);
}

/** What was asked before keeps its time. */
function askedInputs(
  inputs: (Composition & { action: 'ask' })['inputs'],
  before: Evaluating | Waits,
  now: number,
): AskedInput[] {
  const earlier = before.state === 'waitingForInput' ? before.inputs : [];
  return inputs.map((input) => {
    const known = earlier.find(({ binding }) => binding === input.binding);
    return { ...input, dueAt: known?.dueAt ?? isoOf(now + durationMs(input.expiresIn)) };
  });
}

function defer(
  before: (Evaluating | Waits) & { judged: Judged },
  { bindings, giveUpAfterMs, until: wanted }: Composition & { action: 'defer' },
  waiting: Omit<Extract<State, { state: 'waitingForTime' }>, 'state' | 'until' | 'evaluation'>,
  now: number,
): JoinStep {
  const giveUpAt = Date.parse(before.requestedAt) + giveUpAfterMs;
  if (giveUpAt <= now) return close(before, expired(`${bindings.join(', ')} put it off for too long.`), now);
  // A time that has come already must not make the workflow ask without a pause.
  const until = isoOf(Math.max(Math.min(Date.parse(wanted), giveUpAt), now + LEAST_PAUSE_MS));
  return { state: { ...waiting, state: 'waitingForTime', until } };
}

const LEAST_PAUSE_MS = 1_000;

interface PeopleAsked extends Required<Settled> {
  readonly requirements: readonly BoundRequirement[];
  readonly facts: Concluded['conclusion']['facts'];
  readonly requestDigest: string;
}

/** Asks people, or counts what they said before against what is asked now. */
function askPeople(
  before: Evaluating | Waits,
  waiting: Omit<WaitingForPeople, 'approval' | 'settled'>,
  { requirements, facts, requestDigest, settled }: PeopleAsked,
  now: number,
): JoinStep {
  const panel = panelOf(before);
  const { earlier: _earlier, ...rest } = waiting;
  const excluded = parties(waiting.request);
  const asked = {
    requirements,
    people: facts.approvers ? peopleOf(facts.approvers.value) : [],
    requestDigest,
    excluded,
  };
  if (!panel) {
    const opened = openApproval({ ...asked, at: now, dueAt: Date.parse(waiting.expiresAt) });
    const state: WaitingForPeople = { ...rest, approval: opened.approval, settled: true };
    // The first stages of all are what `pending` tells of.
    const notes = opened.notes.filter(({ kind }) => kind !== 'stage');
    return andThen(tell({ state }, 'pending', now), (next) =>
      next.state === 'waitingForPeople' ? movedOn(next, { ...opened, notes }, now) : { state: next },
    );
  }
  const paused = before.state === 'waitingForInput' || before.state === 'waitingForTime';
  const moved = askAnew(panel, { at: now, ...asked, paused });
  return movedOn({ ...rest, approval: moved.approval, settled }, moved, now);
}

/** Takes an event of the approval into account. `caller`: whoever waits for the answer. */
export function offerTo(state: WaitingForPeople, event: PanelEvent, now: number, caller?: Caller): JoinStep {
  return movedOn(state, offer(state.approval, event, caller), now);
}

/** Goes on with what had to be read. */
export function resumed(state: WaitingForPeople, read: Read, now: number): JoinStep {
  return movedOn(state, resume(state.approval, read), now);
}

function movedOn(state: WaitingForPeople, moved: Moved, now: number): JoinStep {
  const { approval } = moved;
  const step = reported({ ...state, approval, expiresAt: approval.panel.dueAt }, moved, now);
  return andThen(step, (next) => (next.state === 'waitingForPeople' ? follow(next, moved, now) : { state: next }));
}

function follow(state: WaitingForPeople, moved: Moved, now: number): JoinStep {
  switch (moved.kind) {
    case 'reading':
      return { state };
    case 'open':
      return { state: { ...state, settled: false } };
    case 'failed':
      return failed(state, moved.error, now);
    case 'resolved': {
      const { resolution, approval } = moved;
      if (resolution.result === 'approved') return approved(state, resolution.completedBy, now);
      return close(state, endOf(resolution, approval.panel.dueAt), now);
    }
  }
}

/** What was found may be too old by now: then the policies are asked again before the call is made. */
function approved(state: WaitingForPeople, completedBy: string | undefined, now: number): JoinStep {
  if (state.settled || isFresh(state.judged, now)) return grant(state, state.judged, completedBy, now);
  return admitAgain(state, completedBy, now);
}

/** An admin lets somebody in; what the policies deny has to be asked again where it is too old. */
export function overridden(state: Waits, by: string, now: number): JoinStep {
  return isFresh(state.judged, now) ? grant(state, state.judged, by, now) : admitAgain(state, by, now);
}

function admitAgain(state: Waits, completedBy: string | undefined, now: number): JoinStep {
  const { evaluation } = evaluating(
    state,
    { kind: 'again', ...(completedBy === undefined ? {} : { completedBy }) },
    now,
  );
  return { state: { ...state, memory: { ...state.memory, evaluations: evaluation.n }, evaluation } };
}

/** The policies had the last word before the call. */
export function admittedAgain(
  state: Evaluating | Waits,
  admission: Concluded,
  completedBy: string | undefined,
  now: number,
): JoinStep {
  const { action } = admission.conclusion.composition;
  // An override stands against what policies ask of people, never against what they deny.
  const isOverridden = state.override !== undefined && ['ask', 'defer', 'pend'].includes(action);
  if (!isOverridden) return applyDecision(state, admission, now, { settled: true });
  const judged = state.judged ? { ...state.judged, context: contextOf(admission, now) } : judgedBy(admission, now);
  return grant(state, judged, completedBy, now);
}

/** Somebody added the member, unless a call of ours did of which nobody heard. */
function alreadyMember(
  state: (Evaluating | Waits) & { judged: Judged },
  judged: Judged,
  made: Made,
  now: number,
): JoinStep {
  if (!state.memory.tried) return close({ ...state, made }, { outcome: 'alreadyMember' }, now);
  return claim(state, judged, lastApprover(state));
}

export function lastApprover(state: Open): string | undefined {
  if (state.override) return state.override.by;
  const result = panelOf(state)?.result;
  return result?.result === 'approved' ? result.completedBy : undefined;
}

function standingMembership({ request }: Evaluating | Waits, { conclusion: { facts } }: Concluded): Made {
  const { name, invitedBy, subChannelId } = facts['member.membership']?.value ?? {};
  return {
    member: { arn: request.memberArn, ...(name === undefined ? {} : { name }) },
    ...(invitedBy === undefined ? {} : { invitedBy }),
    ...(subChannelId === undefined ? {} : { subChannelId }),
  };
}

export function expired(message: string) {
  return { outcome: 'expired', reason: { code: 'EXPIRED', binding: 'host', visibility: 'full', message } } as const;
}

function endOf(result: Exclude<Resolved, { result: 'approved' }>, dueAt: string) {
  if (result.result === 'denied') return { outcome: 'denied', reason: denialOf(result) } as const;
  return expired(
    result.binding ? `Nobody decided in time what ${result.binding} asks for.` : `Nobody decided before ${dueAt}.`,
  );
}

function denialOf({ code, binding }: Resolved & { result: 'denied' }): Reason {
  return { code, message: DENIALS[code], binding, visibility: 'full' };
}

const DENIALS = {
  REVIEW_DENIED: 'Who was asked to review this request denied it.',
  DENIED_BY_TIME: 'Nobody approved in time, and then it is denied.',
  NO_ELIGIBLE_APPROVER: 'Too few people are left who could approve.',
} as const;
