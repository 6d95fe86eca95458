/** The life of a request: what follows from an event. `machine` is all of it, for the engine. */
import type { Read } from '../approval/host.ts';
import type { Machine, MachineEvent } from '../engine.ts';
import { elapsed, looked as seen } from './active.ts';
import { isWaiting, obey, type Checked, type Command } from './commands.ts';
import { deadlineOf } from './deadlines.ts';
import { next, type Effect, type EffectValues } from './effects.ts';
import { CANCELLED, close, closed, evaluationOf, failed, remove, withdraw } from './end.ts';
import { asOf, askAgain } from './evaluate.ts';
import { evaluated, evaluationFailed } from './evaluation.ts';
import { extensionResumed } from './extension.ts';
import { called, described, looked, reclaimed } from './grant.ts';
import { progressed } from './judgement.ts';
import { expired, offerTo, resumed } from './lifecycle.ts';
import { andThen, type JoinAnswer, type JoinStep } from './notes.ts';
import { callOf, rank, refuse } from './refuse.ts';
import type { CommandCall } from '../checked.ts';
import type { Open, Removing, State, Waits } from './state.ts';

export type JoinEvent = MachineEvent<Command, Effect, EffectValues, Checked>;

export const joinMachine: Machine<State, Command, Effect, EffectValues, CommandCall, Checked, JoinAnswer> = {
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
  return andThen(follow(state, event, now), (after) => honourCancel(after, now));
}

function follow(state: Exclude<State, { state: 'closed' }>, event: JoinEvent, now: number): JoinStep {
  switch (event.kind) {
    case 'command':
      return obey(state, event.command, { id: event.id, checked: event.checked, now });
    case 'result':
      return resultOf(state, event, now);
    case 'failed':
      return failure(state, event, now);
    case 'started':
      return { state: state.state === 'granting' ? { ...state, startedAt: now } : state };
    case 'time':
      return state.state === 'closing' || (deadlineOf(state)?.at ?? Infinity) > now ? { state } : passed(state, now);
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

/** Does what is due now. */
function passed(state: Open, now: number): JoinStep {
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
