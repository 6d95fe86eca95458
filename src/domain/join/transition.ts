/** The life of a request: what follows from an event. `machine` is all of it, for the engine. */
import type { Read } from '../approval/host.ts';
import type { Machine, MachineEvent } from '../engine.ts';
import type { Refusal } from '../refusal.ts';
import type { RequestError } from '../view.ts';
import { elapsed, looked as seen } from './active.ts';
import { given, isWaiting } from './commands.ts';
import type { Checked, Command } from './commands.ts';
import { deadlineOf } from './deadlines.ts';
import { next } from './effects.ts';
import type { Effect, EffectValues } from './effects.ts';
import { CANCELLED, close, closed, evaluationOf, failed, remove, withdraw } from './end.ts';
import { asOf, askAgain } from './evaluate.ts';
import { evaluated, evaluationFailed } from './evaluation.ts';
import type { Concluded, Evaluated, Evaluation, Why } from './evaluation.ts';
import { extended, extendedAgain, extensionFailed, extensionResumed } from './extension.ts';
import { called, described, looked, reclaimed } from './grant.ts';
import { admittedAgain, applyDecision, expired, offerTo, resumed } from './lifecycle.ts';
import { answered, tell, andThen, withNote } from './notes.ts';
import type { JoinAnswer, JoinStep } from './notes.ts';
import { disclosedResult, viewOf } from './project.ts';
import { callOf, rank, refuse } from './refuse.ts';
import type { JoinCall } from './refuse.ts';
import type { Evaluating, Open, Removing, State, Waits } from './state.ts';

export type JoinEvent = MachineEvent<Command, Effect, EffectValues, Checked>;

export const joinMachine: Machine<State, Command, Effect, EffectValues, JoinCall, Checked, JoinAnswer> = {
  transition,
  next,
  deadline: deadlineOf,
  refuse,
  rank,
  call: callOf,
  continues: (state) => isWaiting(state) || state.state === 'incident' || state.state === 'active',
  isClosed: ({ state }) => state === 'closed',
};

export function transition(state: State, event: JoinEvent, now: number): JoinStep {
  if (state.state === 'closed') return { state };
  return andThen(follow(state, event, now), (next) => honourCancel(next, now));
}

function follow(state: Exclude<State, { state: 'closed' }>, event: JoinEvent, now: number): JoinStep {
  switch (event.kind) {
    case 'command':
      return given(state, event.command, { id: event.id, checked: event.checked, now });
    case 'result':
      return resultOf(state, event, now);
    case 'failed':
      return failure(state, event, now);
    case 'started':
      return { state: state.state === 'granting' ? { ...state, startedAt: now } : state };
    case 'time':
      return state.state === 'closing' || (deadlineOf(state)?.at ?? Infinity) > now ? { state } : time(state, now);
    case 'cancelled':
      if (state.state === 'closing') return { state };
      return { state: { ...state, cancelled: true } };
    case 'broken':
      return state.state === 'closing' ? closed(state.was, state.end, now) : failed(state, event.error, now);
    case 'news':
      return { state };
  }
}

/** Cancelling means withdraw, or revoke once the member is there. While the call is under way it waits for its turn. */
function honourCancel(state: State, now: number): JoinStep {
  if (state.state === 'closed' || state.state === 'closing' || !state.cancelled) return { state };
  if (state.state === 'active') return remove(state, CANCELLED);
  const isTakenBack = state.state === 'granting' && state.step.at === 'call' && state.startedAt === undefined;
  const isHeld = state.state === 'incident' && state.during === 'grant';
  const mayEnd = state.state === 'evaluating' || isWaiting(state) || isHeld || isTakenBack;
  return mayEnd ? withdraw(state, now) : { state };
}

function resultOf(
  state: Exclude<State, { state: 'closed' }>,
  event: Extract<JoinEvent, { kind: 'result' }>,
  now: number,
): JoinStep {
  if (state.state === 'closing') {
    return event.effect.do === 'findEarlierGrant'
      ? reclaimed(state, event.value as EffectValues['findEarlierGrant'], now)
      : { state };
  }
  const { effect, value } = event;
  switch (effect.do) {
    case 'admit':
    case 'askExternal':
    case 'conclude': {
      const evaluation = evaluationOf(state);
      return evaluation
        ? progressed(state, evaluated(evaluation, event as Parameters<typeof evaluated>[1]), now)
        : { state };
    }
    case 'readRoster':
    case 'confirmRoles':
      return read(state, { kind: 'result', value: value as EffectValues['readRoster'] }, now);
    case 'look':
      return state.state === 'active' ? seen(state, value as EffectValues['look'], now) : { state };
    case 'grant':
      return state.state === 'granting' ? called(state, value as EffectValues['grant'], now) : { state };
    case 'findGrant':
      return state.state === 'granting' ? looked(state, value as EffectValues['findGrant'], now) : { state };
    case 'describe':
      return state.state === 'granting' ? described(state, value as EffectValues['describe'], now) : { state };
    case 'remove':
      return state.state === 'removing' ? removed(state, value as EffectValues['remove'], now) : { state };
    case 'findEarlierGrant':
      return { state };
  }
}

function failure(
  state: Exclude<State, { state: 'closed' }>,
  { effect, error, retryable }: Extract<JoinEvent, { kind: 'failed' }>,
  now: number,
): JoinStep {
  // Nobody can look: then it ends as it would have without.
  if (state.state === 'closing') return reclaimed(state, null, now);
  switch (effect.do) {
    case 'admit':
    case 'askExternal':
    case 'conclude': {
      const evaluation = evaluationOf(state);
      return evaluation ? progressed(state, evaluationFailed(evaluation, error, retryable), now) : { state };
    }
    case 'readRoster':
    case 'confirmRoles':
      return read(state, { kind: 'failed', error, retryable }, now);
    case 'look':
      if (state.state !== 'active') return { state };
      return effect.lane === 'quick' && retryable
        ? { state: { ...state, looksFirmly: true } }
        : seen(state, error, now);
    case 'grant':
    case 'remove':
      return failed(state, error, now);
    case 'findGrant':
      return state.state === 'granting' ? looked(state, error, now) : { state };
    case 'describe':
      return state.state === 'granting' ? described(state, undefined, now) : { state };
    case 'findEarlierGrant':
      return { state };
  }
}

function read(state: Open, found: Read, now: number): JoinStep {
  if (state.state === 'waitingForPeople') return resumed(state, found, now);
  return state.state === 'active' ? extensionResumed(state, found, now) : { state };
}

/** An evaluation went on, ended, or failed. */
function progressed(state: Open, done: Evaluated, now: number): JoinStep {
  const evaluation = evaluationOf(state);
  if (!evaluation) return { state };
  switch (done.kind) {
    case 'goesOn': {
      const early = done.early ? { early: done.early } : {};
      return { state: { ...withEvaluation(state, done.evaluation), ...early } };
    }
    case 'concluded':
      return concluded(state, evaluation.why, done.admission, now);
    case 'failed':
      return unanswered(state, evaluation.why, done.error, now);
  }
}

function withEvaluation(state: Open, evaluation: Evaluation): Open {
  if (state.state === 'active') return { ...state, task: { kind: 'evaluate', evaluation } };
  return state.state === 'evaluating' || isWaiting(state) ? { ...state, evaluation } : state;
}

function concluded(state: Open, why: Why, admission: Concluded, now: number): JoinStep {
  if (state.state === 'active') {
    if (why.kind === 'extend') return extended(state, admission, why, now);
    return why.kind === 'extendAgain' ? extendedAgain(state, admission, now) : { state };
  }
  if (state.state !== 'evaluating' && !isWaiting(state)) return { state };
  switch (why.kind) {
    case 'first':
    case 'deferral':
      return applyDecision(state, admission, now);
    case 'again':
      return admittedAgain(state, admission, why.completedBy, now);
    case 'reevaluate':
      return andThen(answered({ state }, why.replyTo, disclosedResult(viewOf(state))), () =>
        applyDecision(state, admission, now),
      );
    case 'input': {
      const known = { ...state, answers: why.answers };
      return andThen(answered({ state }, why.replyTo, disclosedResult(viewOf(known))), () =>
        applyDecision(known, admission, now),
      );
    }
    case 'amend':
      return amended(state, why, admission, now);
    case 'extend':
    case 'extendAgain':
      return { state };
  }
}

/** The policies are asked again, and earlier reviews count no more. */
function amended(state: Evaluating | Waits, why: Why & { kind: 'amend' }, admission: Concluded, now: number): JoinStep {
  const { replyTo, stamp, request, fields } = why;
  const noted = withNote({ ...state, request }, { ...stamp, what: `amended ${fields.join(', ')}` });
  const step = answered(tell({ state: noted }, 'amended', now), replyTo, disclosedResult(viewOf(noted)));
  return andThen(step, (next) =>
    next.state === 'evaluating' || isWaiting(next) ? applyDecision(next, admission, now) : { state: next },
  );
}

/** Where a command asked for it, nothing changes, and whoever gave it may not know what was found. */
function unanswered(state: Open, why: Why, error: RequestError, now: number): JoinStep {
  if (state.state === 'active') return extensionFailed(state, why, now);
  if (!isWaiting(state)) return failed(state, error, now);
  const { evaluation: _evaluation, ...before } = state;
  const known = before as Waits;
  if (!('replyTo' in why)) return failed(known, error, now);
  const { type, message, field, accepted } = error;
  const issue = { ...(field === undefined ? {} : { field }), ...(accepted === undefined ? {} : { accepted }) };
  const refusal: Refusal = type === 'InvalidRequest' ? { code: 'InvalidRequest', message, ...issue } : UNAVAILABLE;
  return answered({ state: known }, why.replyTo, refusal);
}

/** Does what is due now. */
function time(state: Open, now: number): JoinStep {
  switch (state.state) {
    case 'evaluating': {
      const { pauseUntil, ...rest } = state;
      if (pauseUntil === undefined || pauseUntil > now) return { state };
      return { state: { ...rest, evaluation: asOf(rest.evaluation, now) } };
    }
    case 'waitingForInput':
    case 'waitingForTime':
    case 'waitingForPeople':
      return state.evaluation ? { state } : whileWaiting(state, now);
    case 'incident':
      if (Date.parse(state.dueAt) > now) return { state };
      return closed(state, { outcome: 'failed', error: state.error }, now);
    case 'active':
      return elapsed(state, now);
    case 'granting':
    case 'removing':
      return { state };
  }
}

function whileWaiting(state: Waits, now: number): JoinStep {
  const isPast = (time: string) => Date.parse(time) <= now;
  if (state.state === 'waitingForPeople') return offerTo(state, { kind: 'time', at: now }, now);
  const late = state.state === 'waitingForInput' ? state.inputs.find(({ dueAt }) => isPast(dueAt)) : undefined;
  if (late) return close(state, expired(`Nobody answered ${late.binding} before ${late.dueAt}.`), now);
  if (isPast(state.expiresAt)) return close(state, expired(`Nothing was decided before ${state.expiresAt}.`), now);
  if (state.state !== 'waitingForTime' || !isPast(state.until)) return { state };
  return { state: askAgain(state, { kind: 'deferral' }, now) };
}

function removed(state: Removing, done: EffectValues['remove'], now: number): JoinStep {
  const { reason } = state;
  return closed(
    state,
    { outcome: 'revoked', reason: { ...reason, message: `${reason.message} ${REMOVED[done]}` } },
    now,
  );
}

const REMOVED = {
  removed: 'The membership was removed.',
  gone: 'The membership was gone already.',
  notOurs: 'The membership there now is not the one that this request made: it was left.',
};

const UNAVAILABLE: Refusal = {
  code: 'Unavailable',
  message: 'The policies could not be asked again; nothing was changed. Operators can see why.',
};
