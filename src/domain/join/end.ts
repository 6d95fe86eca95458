/** The ways in which a request ends, or is held until an operator acts. */
import type { Reason } from '../admission.ts';
import { dropPending, type Approval } from '../approval/host.ts';
import type { CommandId } from '../engine.ts';
import type { Refusal } from '../refusal.ts';
import type { RequestError } from '../view.ts';
import { isoOf, tell, tellParent, type JoinStep } from './notes.ts';
import { extensionOf, panelOf } from './project.ts';
import type { Active, Common, End, GrantIncident, Judged, Open, RemovalIncident, Removing } from './state.ts';

/** What every state has, without what belongs to the one it is in. */
export function commonOf(state: Common | Open): Common {
  const { id, runId, firstRunId, isChild, request, requestedAt, requesterVerified, memory, notes, answers } = state;
  const { override, judged, early, expiresAt, called, made, term, cancelled } = state;
  const earlier = 'state' in state ? panelOf(state) : state.earlier;
  const always = { id, runId, firstRunId, isChild, request, requestedAt, memory, notes, answers };
  const sometimes = { requesterVerified, override, judged, early, earlier, expiresAt, called, made, term, cancelled };
  const happened = Object.entries(sometimes).filter(([, value]) => value !== undefined);
  return { ...always, ...Object.fromEntries(happened) };
}

/**
 * Ends a request that granted nothing, unless it had before somebody reset it in Temporal. Only a run that is not the first of
 * its request can have been reset.
 */
export function close(state: Open, end: End, now: number): JoinStep {
  const { runId, firstRunId, made, judged } = state;
  const mayHaveGranted = runId !== firstRunId && made?.grant === undefined && judged !== undefined;
  if (!mayHaveGranted) return closed(state, end, now);
  return { state: { state: 'closing', was: { ...state, judged }, end } };
}

/** Ends a request for good, and lets people and parent know. */
export function closed(was: Open, end: End, now: number): JoinStep {
  const step = { state: { state: 'closed', was, ...end, closedAt: isoOf(now) } } as const;
  return tellParent(tell(step, end.outcome, now));
}

/** After people have decided, or while a member is there who has to leave, a failure is an incident and no lost request. */
export function failed(state: Open, error: RequestError, now: number): JoinStep {
  const { judged } = state;
  // A second failure while it is held would be one of this code: nothing could hold it.
  if (!judged || state.state === 'incident') return closed(state, { outcome: 'failed', error }, now);
  if (state.state === 'active' || state.state === 'removing')
    return held(removalIncident(state, judged, error, now), now);
  if (!isDecided(state)) return closed(state, { outcome: 'failed', error }, now);
  return held({ ...heldOf(state, judged, error, now), during: 'grant' }, now);
}

function isDecided(state: Open): boolean {
  const approved = panelOf(state)?.reviews.some(({ decision }) => decision === 'approve');
  return state.override !== undefined || approved === true;
}

function removalIncident(state: Active | Removing, judged: Judged, error: RequestError, now: number): RemovalIncident {
  const extension = extensionOf(state);
  const { made, term } = state;
  return {
    ...heldOf(state, judged, error, now),
    during: 'removal',
    made,
    term,
    ...(state.state === 'removing' ? { reason: state.reason } : {}),
    ...(extension ? { extension } : {}),
  };
}

function heldOf(state: Open, judged: Judged, error: RequestError, now: number) {
  const dueAt = isoOf(now + judged.context.settings.expireAfterMs);
  return { ...withoutRounds(commonOf(state)), state: 'incident', judged, at: isoOf(now), error, dueAt } as const;
}

function held(state: GrantIncident | RemovalIncident, now: number): JoinStep {
  const { error, dueAt } = state;
  return tell({ state }, 'incident', now, { code: error.type, message: error.message, dueAt });
}

/** The request waits for something else now than for a call in time. */
export function withoutRounds<S extends Common>(state: S): S {
  const { rounds: _rounds, ...memory } = state.memory;
  return { ...state, memory };
}

/** Ends the membership. */
export function remove(state: Active, reason: Reason): JoinStep {
  const { judged, made, term } = state;
  return {
    state: { ...commonOf(state), state: 'removing', judged, made, term, reason },
    answers: repliesOf(state).map((to) => ({ to, answer: ENDING })),
  };
}

/** Takes the request back. */
export function withdraw(state: Open, now: number): JoinStep {
  const step = close(state, { outcome: 'withdrawn' }, now);
  return { ...step, answers: repliesOf(state).map((to) => ({ to, answer: WITHDRAWN })) };
}

/** Commands that wait for an effect which does not matter any more. */
function repliesOf(state: Open): CommandId[] {
  const evaluation = evaluationOf(state);
  const waiting = evaluation && 'replyTo' in evaluation.why ? [evaluation.why.replyTo] : [];
  if (state.state === 'waitingForPeople') return [...waiting, ...callersOf(state.approval)];
  if (state.state !== 'active') return waiting;
  const { task, extension, looks } = state;
  const before = task?.kind === 'look' && task.before.what === 'extend' ? [task.before.replyTo] : [];
  return [...waiting, ...before, ...looks, ...(extension ? callersOf(extension.approval) : [])];
}

function callersOf(approval: Approval): CommandId[] {
  return dropPending(approval).callers.map(({ replyTo }) => replyTo);
}

export function evaluationOf(state: Open) {
  if (state.state === 'active') return state.task?.kind === 'evaluate' ? state.task.evaluation : undefined;
  return 'evaluation' in state ? state.evaluation : undefined;
}

export const TERM_ENDED: Reason = {
  code: 'TERM_ENDED',
  message: 'The term is over.',
  binding: 'host',
  visibility: 'full',
};

export const CANCELLED: Reason = {
  code: 'REVOKED',
  message: 'The workflow was cancelled in Temporal.',
  binding: 'host',
  visibility: 'full',
};

const WITHDRAWN: Refusal = { code: 'AlreadyResolved', message: 'The request was withdrawn meanwhile.' };

const ENDING: Refusal = {
  code: 'NotActive',
  message: 'Somebody is ending the membership just now, or its term ends: ask again, if it stays.',
};
