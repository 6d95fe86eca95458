import { durationMs } from '../duration.ts';
import type { CommandId } from '../engine.ts';
import type { Refusal } from '../refusal.ts';
import type { RequestError } from '../view.ts';
import type { OnboardingResult } from './commands.ts';
import type { Step } from './step.ts';
import { close, end, hold, isWoundUp, resultOf } from './ending.ts';
import type { Answered, Course, Opening, Running, State, Underway } from './state.ts';
import {
  currentOf,
  currentStep,
  isNeeded,
  isoOf,
  openChildren,
  openingOf,
  withOpening,
  withoutChild,
  withStep,
} from './steps.ts';

/** Something about a step that people may hear of. */
export interface Told {
  readonly kind: 'input' | 'review' | 'remind';
  readonly step: string;
  /** Of an approval: the stage that it is about. */
  readonly stage?: string;
}

/** Everything that a transition says besides its state. */
export interface Said {
  readonly answers: { readonly to: CommandId; readonly answer: OnboardingResult | Refusal }[];
  readonly told: Told[];
}

/** Does what needs nobody and no time: begins the next step, closes what has nothing left to do. */
export function proceed(before: State, now: number, told: Told[]): State {
  let state = before;
  for (;;) {
    const next = oneStep(state, now, told);
    if (next === state) return state;
    state = next;
  }
}

function oneStep(state: State, now: number, told: Told[]): State {
  if (state.state === 'running') return currentStep(state.course) ? state : begin(state, now, told);
  return state.state === 'ending' && isWoundUp(state) ? close(state, resultOf(state.ending), now) : state;
}

/** The next step that is needed begins, or the flow ends. */
function begin(state: Running, now: number, told: Told[]): State {
  const { course } = state;
  const future = course.steps.find(({ status }) => status === 'future');
  const step = course.flow.steps.find(({ id }) => id === future?.id);
  // A request of a step that was left out is taken back first: nobody could afterwards.
  if (!step) return openChildren(course).length === 0 ? close(state, { outcome: 'completed' }, now) : state;
  const { id } = step;
  if (!isNeeded(step.if, course)) {
    return { ...state, course: withStep(course, id, () => ({ id, status: 'notNeeded', endedAt: isoOf(now) })) };
  }
  if (step.kind === 'input') told.push({ kind: 'input', step: id });
  return { ...state, course: withStep(course, id, () => ({ id, status: 'now', opening: openingAt(step, now, 0) })) };
}

/** A step as it is when it begins, for the first time or again. */
export function openingAt(step: Step, now: number, tries: number): Opening {
  const dueAt = 'dueIn' in step && step.dueIn !== undefined ? now + durationMs(step.dueIn) : null;
  const remind = 'remind' in step ? step.remind.map(durationMs) : [];
  const times = remind.map((ms) => (dueAt === null ? now + ms : dueAt - ms)).filter((time) => time > now);
  return {
    startedAt: isoOf(now),
    dueAt: dueAt === null ? null : isoOf(dueAt),
    remindAt: times.toSorted((a, b) => a - b).map(isoOf),
    until: step.kind === 'wait' ? waitUntil(step, now) : null,
    tries,
    failure: null,
    child: null,
    approval: null,
  };
}

function waitUntil(step: Step & { kind: 'wait' }, now: number): string {
  return isoOf(step.until === undefined ? now + durationMs(step.for ?? '0s') : Date.parse(step.until));
}

/** The step that is being taken has ended well. */
export function finish(course: Course, id: string, now: number, answers: Answered | null = null): Course {
  const current = currentOf(course, id);
  if (!current) return course;
  const opening = { ...current.opening, failure: null };
  return withStep(course, id, () => ({ id, status: 'done', opening, endedAt: isoOf(now), answers }));
}

/**
 * The step that is being taken failed: it is tried again, or what its `onFailure` says happens. While the onboarding is
 * paused nothing follows from it: it is tried again when it is resumed. Once it ends, nothing does.
 */
export function failStep(state: Underway, id: string, error: RequestError, now: number): State {
  const current = currentOf(state.course, id);
  if (!current) return state;
  const { step, opening } = current;
  const withFailure = (retryAt: string | null) => withOpening(state.course, id, { failure: { error, retryAt } });
  if (state.state === 'paused') return { ...state, course: withFailure(null) };
  if (state.state !== 'running') return state;
  const retry = 'retry' in step ? step.retry : undefined;
  const inTime = opening.dueAt === null || now < Date.parse(opening.dueAt);
  if (retry && inTime && opening.tries < retry.times) {
    const again = { tries: opening.tries + 1, child: null, approval: null };
    return { ...state, course: withOpening(withFailure(isoOf(now + durationMs(retry.after))), id, again) };
  }
  const failed = { ...state, course: failedIn(state.course, id, error, now) };
  switch (step.onFailure) {
    case 'skip':
      return failed;
    case 'hold':
      return hold({ ...state, course: withoutChild(withFailure(null), id) }, { step: id, error }, now);
    case 'fail':
      return end(failed, { outcome: 'failed', compensate: false, reason: reasonOf(id, error), error });
    case 'compensate-and-stop':
      return end(failed, { outcome: 'stopped', compensate: true, reason: reasonOf(id, error), error });
  }
}

function failedIn(course: Course, id: string, error: RequestError, now: number): Course {
  return withStep(withoutChild(course, id), id, (step) => {
    const opening = openingOf(step);
    if (!opening) return step;
    return { id, status: 'failed', opening: { ...opening, failure: null }, endedAt: isoOf(now), error };
  });
}

function reasonOf(id: string, { type, message }: RequestError): string {
  return `The step ${id} failed: ${type}: ${message}`;
}
