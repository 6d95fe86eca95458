import type { RequestError } from '../view.ts';
import type { Asked, Closed, Course, End, Ending, Incident, Result, State, Underway } from './state.ts';
import { currentStep, isoOf, openChildren, withoutChild } from './steps.ts';

/** An incident waits so long for an operator, in ms. */
const INCIDENT_MS = 30 * 86_400_000;

/** The part that every state has. */
export function askedOf(state: State): Asked {
  const { subject, id, runId, firstRunId, requestedAt, notes, assertions, events } = state;
  return { subject, id, runId, firstRunId, requestedAt, notes, assertions, events };
}

/** The onboarding is over: joins that are open are taken back, and then, if it is to be, what was granted is removed. */
export function end(state: Underway, ending: End): Ending {
  const current = currentStep(state.course);
  const course = current ? withoutChild(state.course, current.step.id) : state.course;
  return { ...askedOf(state), state: 'ending', course, ending };
}

export function isWoundUp({ course, ending }: Ending): boolean {
  return openChildren(course).length === 0 && nextRemoval(course, ending) === undefined;
}

/** The grant that is to be removed next: of those that are left, the last that was made. */
export function nextRemoval({ grants, steps }: Course, { compensate }: End): number | undefined {
  if (!compensate || openChildren({ steps }).length > 0) return undefined;
  const index = grants.findLastIndex(({ settled }) => settled === null);
  return index < 0 ? undefined : index;
}

export function close(state: State, result: Result, now: number, ending = endingOf(state)): Closed {
  const course = 'course' in state ? state.course : null;
  return { ...askedOf(state), state: 'closed', closedAt: isoOf(now), result, course, ending };
}

/** Why it ends before its last step; `null` as long as it does not. */
export function endingOf(state: State): End | null {
  switch (state.state) {
    case 'ending':
    case 'closed':
      return state.ending;
    case 'incident':
      return state.during.what === 'removal' ? state.during.ending : null;
    case 'preparing':
    case 'running':
    case 'paused':
      return null;
  }
}

export function resultOf(ending: End): Result {
  const { outcome } = ending;
  return outcome === 'cancelled' ? { outcome } : { outcome, error: ending.error };
}

/** An operator has to act. */
export function hold(
  state: Underway,
  { step, error, during = { what: 'step' } }: Pick<Incident, 'step' | 'error'> & Partial<Pick<Incident, 'during'>>,
  now: number,
): Incident {
  const dueAt = isoOf(now + INCIDENT_MS);
  return { ...askedOf(state), state: 'incident', course: state.course, step, at: isoOf(now), error, dueAt, during };
}

/** The membership that a step made has to go, and could not be removed. */
export function holdRemoval({ ending, ...state }: Ending, step: string, error: RequestError, now: number): Incident {
  return hold({ ...state, ending }, { step, error, during: { what: 'removal', ending } }, now);
}

/**
 * Our own code failed: the onboarding ends, as where a step fails. Where the ending itself failed, it is held as long as a
 * membership is left that has to go, and else closed.
 */
export function failOnboarding(state: State, error: RequestError, now: number): State {
  const reason = `${error.type}: ${error.message}`;
  const ending: End = { outcome: 'failed', compensate: false, reason, error };
  switch (state.state) {
    case 'closed':
      return state;
    case 'preparing':
      return close(state, { outcome: 'failed', error }, now, ending);
    case 'running':
    case 'paused':
      return end(state, ending);
    case 'incident':
      return state.during.what === 'step' ? end(state, ending) : close(state, { outcome: 'failed', error }, now);
    case 'ending': {
      const grant = state.course.grants[nextRemoval(state.course, state.ending) ?? -1];
      return grant ? holdRemoval(state, grant.step, error, now) : close(state, { outcome: 'failed', error }, now);
    }
  }
}
