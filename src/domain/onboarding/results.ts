import { readingOf, resume, type Read } from '../approval/host.ts';
import { useAssertion } from '../checked.ts';
import type { RequestError } from '../view.ts';
import { askReviewers, takeOver } from './approval.ts';
import { looked, notStarted, startedChild, withdrawn } from './children.ts';
import { next, type Effect, type Prepared, type Values } from './effects.ts';
import { askedOf, close, holdRemoval } from './ending.ts';
import { failStep, finish, type Said } from './lifecycle.ts';
import { withSettled } from './operate.ts';
import type { Preparing, Running, State, Underway } from './state.ts';
import { currentOf } from './steps.ts';

type EffectOf<D extends Effect['do']> = Extract<Effect, { readonly do: D }>;

type Take<D extends Effect['do']> = (
  state: Underway,
  effect: EffectOf<D>,
  value: Values[D],
  now: number,
  said: Said,
) => State;

const TAKE: { readonly [D in Exclude<Effect['do'], 'prepare'>]: Take<D> } = {
  startChild: (state, { step }, { firstRunId }) => ({ ...state, course: startedChild(state, step, firstRunId) }),
  lookAtChild: (state, { step }, view, now) => looked(state, step, view, now),
  withdrawChild: (state, { step }, found) => ({ ...state, course: withdrawn(state.course, step, found) }),
  sendMessage: (state, effect, _, now) =>
    isWanted(state, effect) ? { ...state, course: finish(state.course, effect.step, now) } : state,
  openReview: (state, effect, found, now, said) =>
    isWanted(state, effect) && state.state === 'running' ? askReviewers(state, effect.step, found, now, said) : state,
  readRoster: (state, effect, value, now, said) => read(state, effect, { kind: 'result', value }, now, said),
  confirmRoles: (state, effect, value, now, said) => read(state, effect, { kind: 'result', value }, now, said),
  removeGrant: (state, { index }, settled) => ({ ...state, course: withSettled(state.course, index, settled) }),
};

/** Takes over what an effect came to, if that still means anything. */
export function took(
  state: Preparing | Underway,
  { effect, value }: { readonly effect: Effect; readonly value: unknown },
  now: number,
  said: Said,
): State {
  if (effect.do === 'prepare') return state.state === 'preparing' ? prepared(state, value as Prepared, now) : state;
  if (state.state === 'preparing') return state;
  const take = TAKE[effect.do] as (...given: [Underway, Effect, unknown, number, Said]) => State;
  return take(state, effect, value, now, said);
}

/** Takes over everything that was found out before the first step. */
function prepared(state: Preparing, { proof, ...found }: Prepared, now: number): Running {
  const { used } = useAssertion(state.assertions, proof.assertion, now);
  const steps = found.flow.steps.map(({ id }) => ({ id, status: 'future' }) as const);
  const course = { ...found, requesterVerified: proof.verified, steps, grants: [] };
  return { ...askedOf(state), state: 'running', assertions: used, course };
}

/** The machine still wants it: an effect that may be given up may have been. */
function isWanted(state: Underway, { key }: Effect): boolean {
  return next(state)?.key === key;
}

function read(
  state: Underway,
  effect: EffectOf<'readRoster' | 'confirmRoles'>,
  found: Read,
  now: number,
  said: Said,
): State {
  const approval = state.state === 'running' ? currentOf(state.course, effect.step)?.opening.approval : undefined;
  if (state.state !== 'running' || !approval || readingOf(approval)?.do !== effect.do || !isWanted(state, effect))
    return state;
  return takeOver(state, effect.step, resume(approval, found), now, said);
}

/** An effect failed for good; one that was quick or firm may be wanted once more. */
export function failed(
  state: Preparing | Underway,
  { effect, error, retryable }: { readonly effect: Effect; readonly error: RequestError; readonly retryable: boolean },
  now: number,
  said: Said,
): State {
  if (state.state === 'preparing') {
    return effect.do === 'prepare' ? close(state, { outcome: 'failed', error }, now) : state;
  }
  switch (effect.do) {
    case 'prepare':
      return state;
    case 'startChild': {
      const left = { ...state, course: notStarted(state.course, effect.step) };
      return failStep(left, effect.step, error, now);
    }
    case 'lookAtChild':
      return looked(state, effect.step, { state: 'closed', outcome: 'failed', error }, now);
    case 'withdrawChild':
      return { ...state, course: withdrawn(state.course, effect.step, 'unknown') };
    case 'sendMessage':
    case 'openReview':
      return isWanted(state, effect) ? failStep(state, effect.step, error, now) : state;
    case 'readRoster':
    case 'confirmRoles':
      return read(state, effect, { kind: 'failed', error, retryable }, now, said);
    case 'removeGrant':
      return state.state === 'ending' ? holdRemoval(state, effect.step, error, now) : state;
  }
}
