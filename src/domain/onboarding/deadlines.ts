import { nextDue } from '../approval/host.ts';
import type { Panel } from '../approval/panel.ts';
import type { Deadline } from '../engine.ts';
import { openSteps } from '../plan-stages.ts';
import { timeline } from '../plan-timeline.ts';
import type { Step } from './step.ts';
import type { State } from './state.ts';
import { currentStep, isoOf, isStarting, type Current } from './steps.ts';

/** Something that time does by itself. */
export interface Due {
  /** ms since 1970. */
  readonly at: number;
  readonly does: 'finish' | 'fail' | 'retry' | 'remind' | 'approval' | 'expire';
}

/**
 * All that time does next, in order, until the step that is being taken is over: the first is the deadline, and plan, page,
 * list, mail and `AdmissionDueAt` say the same. At the same time the end of a step comes first.
 */
export function duesOf(state: State): readonly Due[] {
  if (state.state === 'incident') {
    // A request that is being started has to be known first: nobody else removes its membership.
    return isStarting(state.course) ? [] : [{ at: Date.parse(state.dueAt), does: 'expire' }];
  }
  const current = state.state === 'running' ? currentStep(state.course) : undefined;
  return current ? ofStep(current) : [];
}

function ofStep({ opening }: Current): Due[] {
  const { until, dueAt, failure, remindAt, approval } = opening;
  const decides = approval ? nextDue(approval) : undefined;
  const at = (time: string | null | undefined, does: Due['does']): Due[] =>
    time ? [{ at: Date.parse(time), does }] : [];
  const dues = [
    ...at(until, 'finish'),
    ...at(dueAt, 'fail'),
    ...at(failure?.retryAt, 'retry'),
    ...remindAt.flatMap((time) => at(time, 'remind')),
    ...(decides === undefined ? [] : [{ at: decides, does: 'approval' } as const]),
  ].toSorted((a, b) => a.at - b.at);
  // A reading is under way for something that was due before: that comes first.
  const since = approval?.pending?.entries[0].event.at ?? Number.NEGATIVE_INFINITY;
  const end = dues.findIndex(({ does }) => does === 'finish' || does === 'fail');
  return (end < 0 ? dues : dues.slice(0, end + 1)).filter((due) => due.at > since);
}

export function deadline(state: State): Deadline | undefined {
  const [first] = duesOf(state);
  if (!first) return undefined;
  // Its words are wanted once a turn at most, and those of an approval take long to find.
  return {
    at: first.at,
    get what() {
      return wordsOf(first, state)[0]?.what ?? '';
    },
  };
}

/** A time, ISO 8601, and what happens then. */
export interface Next {
  readonly at: string;
  readonly what: string;
}

/** Everything that happens by itself if nobody acts, in order. */
export function upcomingOf(state: State): readonly Next[] {
  const lines = duesOf(state).flatMap((due) => wordsOf(due, state));
  return lines.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function wordsOf({ at, does }: Due, state: State): Next[] {
  const current = 'course' in state && state.course ? currentStep(state.course) : undefined;
  if (!current || does === 'expire') return [{ at: isoOf(at), what: 'The incident expires, and the onboarding fails' }];
  const { step, opening } = current;
  if (does === 'approval' && opening.approval) return ofPanel(current);
  const words = {
    finish: 'the wait is over',
    fail: `overdue: ${AFTER_FAILURE[step.onFailure]}`,
    retry: 'tried again',
    remind: 'people are reminded',
    approval: '',
  };
  return [{ at: isoOf(at), what: `${step.id}: ${words[does]}` }];
}

function ofPanel({ step, opening: { approval, dueAt } }: Current): Next[] {
  const lines = approval ? timeline(approval.panel, step.id) : [];
  // Its own due time is that of the step, and nothing comes after it.
  return lines.flatMap(({ at, what }) => (at === undefined || (dueAt !== null && at >= dueAt) ? [] : [{ at, what }]));
}

/** The consequence of a step that has failed. */
const AFTER_FAILURE: Readonly<Record<Step['onFailure'], string>> = {
  fail: 'the onboarding fails',
  skip: 'it goes on without the step',
  hold: 'an operator has to decide',
  'compensate-and-stop': 'the onboarding stops, and the memberships that it made are removed',
};

/** Until when somebody may act on a step, or when it goes on by itself; ISO 8601. */
export function awaitedUntil({ until, retryAt, dueAt, panel }: Awaited): string | undefined {
  const stages = panel ? openSteps(panel).flatMap(({ by }) => by ?? []) : [];
  const ends = [...stages, ...(dueAt === undefined ? [] : [dueAt])].toSorted();
  return until ?? retryAt ?? ends[0];
}

/** The times of a step that is being taken, ISO 8601. */
interface Awaited {
  readonly until?: string;
  readonly retryAt?: string;
  readonly dueAt?: string;
  readonly panel?: Panel;
}
