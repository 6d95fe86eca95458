/** From the decision to the membership: the call, what became of it, and the term that begins. */
import { durationMs } from '../duration.ts';
import { CHIME_ROLES } from '../requirement.ts';
import type { RequestError, Term } from '../view.ts';
import { evaluating } from './evaluate.ts';
import { closed, commonOf, failed } from './end.ts';
import { isoOf, tell, tellParent, type JoinStep } from './notes.ts';
import type { Look } from './presence.ts';
import { panelOf } from './project.ts';
import type { Active, Closing, Granting, Judged, Made, Open } from './state.ts';

/** What came of the call. `joined`: this system made the membership; `alreadyMember`: it was there before. */
export interface Grant extends Made {
  readonly outcome: 'joined' | 'alreadyMember';
}

/** A call that failed. `tooOld`: the policies have to be asked again first; `mayBeApplied`: nobody knows whether it was. */
export interface NotGranted {
  readonly outcome: 'failed';
  readonly error: RequestError;
  readonly tooOld: boolean;
  readonly mayBeApplied: boolean;
}

/** Makes the call. `completedBy`: who decided last, and makes it where nobody else may. */
export function grant(state: Open, judged: Judged, completedBy: string | undefined, now: number): JoinStep {
  const { executor, serviceBearer } = judged.context;
  const bearer = executor ?? executorAmong(state, completedBy) ?? serviceBearer;
  const granting: Granting = {
    ...commonOf(state),
    state: 'granting',
    judged,
    called: { bearer, since: isoOf(now) },
    step: { at: 'call', bearer },
    ...(completedBy === undefined ? {} : { completedBy }),
  };
  return { state: granting };
}

/** The member is there, perhaps by an attempt of ours that nobody heard of: then it is our grant, with its term. */
export function claim(state: Open, judged: Judged, completedBy: string | undefined): JoinStep {
  const step = { at: 'claim' } as const;
  const by = completedBy === undefined ? {} : { completedBy };
  return { state: { ...commonOf(state), state: 'granting', judged, step, ...by } };
}

/** Whoever decided last makes the call where they hold a role, so that InvitedBy is true. */
function executorAmong(state: Open, completedBy: string | undefined): string | undefined {
  if (completedBy === undefined || state.override?.by === completedBy) return completedBy;
  const review = panelOf(state)?.reviews.findLast(({ reviewer }) => reviewer === completedBy);
  return CHIME_ROLES.some((role) => review?.roles.includes(role)) ? completedBy : undefined;
}

export function called(state: Granting, value: Grant | NotGranted, now: number): JoinStep {
  const { step, startedAt = now } = state;
  if (value.outcome !== 'failed') return granted(state, value, now);
  const { error, tooOld, mayBeApplied } = value;
  if (!mayBeApplied || step.at !== 'call') return tooOld ? askInTime(state, now) : failed(state, error, now);
  const { bearer } = step;
  const { bearers = [], firstScheduledAt = startedAt } = state.memory.tried ?? {};
  const tried = { bearers: [...new Set([...bearers, bearer])], firstScheduledAt };
  const look = { at: 'look', bearer, error, tooOld, firstScheduledAt: startedAt } as const;
  return { state: { ...state, memory: { ...state.memory, tried }, step: look } };
}

/** After a failure, that one says more than that nobody can look either. */
export function looked(state: Granting, found: Grant | null | RequestError, now: number): JoinStep {
  const { step } = state;
  const isError = found !== null && 'type' in found;
  if (found && !isError) return granted(state, found, now);
  if (step.at !== 'look') return isError ? failed(state, found, now) : askInTime(state, now);
  if (step.tooOld) return isError ? failed(state, found, now) : askInTime(state, now);
  return failed(state, step.error, now);
}

function granted(state: Granting, { outcome, ...made }: Grant, now: number): JoinStep {
  if (outcome === 'alreadyMember') return closed({ ...state, made }, { outcome }, now);
  return joined(state, made, undefined, now);
}

/** What an earlier run granted before it was reset goes on, with its term, whatever is thought of it now. */
export function reclaimed(
  { was, end }: Closing,
  earlier: (Made & { readonly term?: Term }) | null,
  now: number,
): JoinStep {
  if (!earlier) return closed(was, end, now);
  const { term, ...made } = earlier;
  const granting: Granting = { ...commonOf(was), state: 'granting', judged: was.judged, step: { at: 'claim' } };
  return joined(granting, made, term, now);
}

function joined(state: Granting, made: Made, before: Term | undefined, now: number): JoinStep {
  // Whoever may have to remove it needs to tell it from a later one.
  const isNeeded = termMsOf(state, before) !== undefined || state.isChild;
  const describe = { at: 'describe', made, ...(before ? { before } : {}) } as const;
  const next: Granting = { ...state, step: describe };
  return isNeeded && made.grant ? { state: next } : described(next, undefined, now);
}

/** `look`: none where nobody looked, or nothing could be seen. Right after the call, what its bearer made is ours. */
export function described(state: Granting, look: Look | undefined, now: number): JoinStep {
  if (state.step.at !== 'describe') return { state };
  const { made: told, before } = state.step;
  const made = look?.is === 'there' ? seen(told, look) : told;
  const ms = termMsOf(state, before);
  if (ms === undefined) return closed({ ...state, made }, { outcome: 'joined' }, now);
  const ageMs = look?.is === 'there' ? look.ageMs : 0;
  // This run knows nothing of who agreed to it then: only people make it longer now.
  const term: Term = before ? { ...before, decided: true } : startTerm(state, ms, now - ageMs, now);
  const { expiresAt: _expiresAt, ...common } = commonOf(state);
  const active: Active = { ...common, state: 'active', judged: state.judged, made, term, looks: [] };
  return tellParent(tell({ state: active }, 'joined', now, { dueAt: term.endsAt }));
}

function seen(made: Made, { at, createdAt }: Extract<Look, { is: 'there' }>): Made {
  const { grant: before } = made;
  if (!before) return made;
  const { type, invitedBy } = before;
  return { ...made, seenAt: at, grant: { type, ...(invitedBy === undefined ? {} : { invitedBy }), createdAt } };
}

function termMsOf({ request, judged: { context } }: Granting, before: Term | undefined): number | undefined {
  if (before) return Date.parse(before.endsAt) - Date.parse(before.startedAt);
  const asked = request.term === undefined ? [] : [durationMs(request.term)];
  const times = [...asked, ...(context.term ? [context.term.limitMs] : [])];
  return times.length === 0 ? undefined : Math.min(...times);
}

const DAY = 86_400_000;
const REMIND_MS = [7 * DAY, DAY];

/** The clock starts when the member is there, also where a reset in Temporal makes us come here once more. */
function startTerm({ judged: { context } }: Granting, ms: number, startedAt: number, now: number): Term {
  const limit = context.term ? { limitMs: context.term.limitMs } : {};
  return { startedAt: isoOf(startedAt), ...limit, ...endingAt(startedAt + ms, now, context.term?.remindMs) };
}

/** When a term ends, and when that is announced: only what lies ahead. */
export function endingAt(
  endsAt: number,
  now: number,
  remindMs: readonly number[] = REMIND_MS,
): Pick<Term, 'endsAt' | 'remindAt'> {
  const times = remindMs.map((ms) => endsAt - ms).filter((at) => at > now);
  return { endsAt: isoOf(endsAt), remindAt: times.toSorted((a, b) => a - b).map(isoOf) };
}

/** Chime, its queue or its workers took longer than the policies' word holds: they are asked again, with pauses. */
function askInTime(state: Granting, now: number): JoinStep {
  const { judged, memory, completedBy, called: call } = state;
  const { retry } = judged.context.settings;
  const { count, since } = memory.rounds ?? { count: 0, since: judged.context.admittedAt };
  if (now - since > retry.forMs) return failed(state, NEVER_IN_TIME, now);
  const pause = count === 0 ? 0 : Math.min(retry.initialMs * 2 ** (count - 1), MAX_PAUSE_MS);
  const rounds = { count: count + 1, since };
  const before = {
    ...commonOf(state),
    memory: { ...memory, rounds },
    ...(call ? { called: { since: call.since } } : {}),
  };
  const again = evaluating(before, { kind: 'again', ...(completedBy === undefined ? {} : { completedBy }) }, now);
  return { state: { ...again, ...(pause > 0 ? { pauseUntil: now + pause } : {}) } };
}

/** So long a pause costs nobody more than Chime does, and a day of them still fits into one run. */
const MAX_PAUSE_MS = 300_000;

const NEVER_IN_TIME: RequestError = {
  type: 'TimedOut',
  message: 'Each time that the call could be made, what the policies had said was too old.',
  hint: 'Look at the queue chime-api and its workers, and at ADMISSION_VALID_FOR and ADMISSION_RETRY_FOR.',
};
