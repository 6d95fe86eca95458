import type { Panel } from '../approval/panel.ts';
import type { Deed } from '../view.ts';
import { askedOf } from './ending.ts';
import { openingAt } from './lifecycle.ts';
import type { Course, Ending, Grant, Incident, Opening, Paused, Running, State, Underway } from './state.ts';
import { isoOf, openingOf, stateOf, stepOf, withoutChild, withStep } from './steps.ts';

/** Times stand still until it is resumed. */
export function pause(state: Running, now: number): Paused {
  return { ...askedOf(state), state: 'paused', course: state.course, pausedAt: isoOf(now) };
}

/** Everything that was to come comes later, by as long as it was paused. */
export function resume(state: Paused, now: number): Running {
  return running(state, laterCourse(state.course, now - Date.parse(state.pausedAt)));
}

function running(state: Underway, course: Course): Running {
  return { ...askedOf(state), state: 'running', course };
}

function laterCourse(course: Course, by: number): Course {
  const steps = course.steps.map((step) =>
    step.status === 'now' ? { ...step, opening: laterOpening(step.opening, by) } : step,
  );
  return { ...course, steps };
}

function laterOpening(opening: Opening, by: number): Opening {
  const { dueAt, until, remindAt, failure, approval } = opening;
  const later = (time: string | null) => (time === null ? null : isoOf(Date.parse(time) + by));
  const retryAt = later(failure?.retryAt ?? null);
  return {
    ...opening,
    dueAt: later(dueAt),
    until: later(until),
    remindAt: remindAt.map((time) => isoOf(Date.parse(time) + by)),
    // A message that failed meanwhile is sent again now.
    failure: failure && retryAt !== null ? { ...failure, retryAt } : null,
    approval: approval && { panel: laterPanel(approval.panel, by) },
  };
}

function laterPanel(panel: Panel, by: number): Panel {
  const later = (time: string) => isoOf(Date.parse(time) + by);
  const requirements = panel.requirements.map(({ requirement, stages }) => ({
    requirement,
    stages: stages.map(({ startedAt, dueAt, ...stage }) => ({
      ...stage,
      ...(startedAt === undefined ? {} : { startedAt: later(startedAt) }),
      ...(dueAt === undefined ? {} : { dueAt: stage.status === 'open' ? later(dueAt) : dueAt }),
    })),
  }));
  return { ...panel, requirements, dueAt: later(panel.dueAt), at: later(panel.at) };
}

/**
 * An operator leaves a step out, now or before it comes. A removal that failed is left out too: then the membership
 * stays.
 */
export function skip(state: Underway, id: string, by: Deed & { readonly reason: string }): State {
  if (state.state === 'incident' && state.during.what === 'removal') {
    return { ...tryAgain(state, state.during.ending), course: withoutRemoval(state.course, id) };
  }
  const course = withStep(withoutChild(state.course, id), id, (step) => {
    const opening = openingOf(step);
    const left = opening && opening.failure ? { ...opening, failure: { ...opening.failure, retryAt: null } } : opening;
    return { id, status: 'skipped', opening: left ?? null, endedAt: by.at, skippedBy: by };
  });
  return state.state === 'incident' ? running(state, course) : { ...state, course };
}

function tryAgain(state: Incident, ending: Ending['ending']): Ending {
  return { ...askedOf(state), state: 'ending', course: state.course, ending };
}

function withoutRemoval(course: Course, id: string): Course {
  const index = course.grants.findLastIndex(({ step, settled }) => step === id && settled === null);
  return withSettled(course, index, 'kept');
}

/** Records the end of a grant that was to be removed. */
export function withSettled(course: Course, index: number, settled: NonNullable<Grant['settled']>): Course {
  return { ...course, grants: course.grants.map((grant, at) => (at === index ? { ...grant, settled } : grant)) };
}

/** An operator has a step tried again, or a removal. */
export function retryStep(state: Running | Incident, id: string, now: number): State {
  if (state.state === 'incident' && state.during.what === 'removal') return tryAgain(state, state.during.ending);
  const step = stepOf(state.course, id);
  const opening = openingOf(stateOf(state.course, id));
  if (!step || !opening) return state;
  const again = openingAt(step, now, opening.tries + 1);
  return running(
    state,
    withStep(state.course, id, () => ({ id, status: 'now', opening: again })),
  );
}
