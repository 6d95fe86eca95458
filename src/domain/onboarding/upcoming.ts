import { timeline } from '../plan-timeline.ts';
import { currentStep } from './steps.ts';
import type { Step } from './step.ts';
import type { Next, OnboardingRecord, StepState } from './state.ts';

/** The next time at which something happens by itself. */
export function nextOf(record: OnboardingRecord): Next | undefined {
  return upcomingOf(record)[0];
}

/** What happens by itself if nobody does anything, until the step that is being taken has ended. */
export function upcomingOf(record: OnboardingRecord): readonly Next[] {
  if (record.state === 'incident' && record.incident) {
    return [{ at: record.incident.dueAt, what: 'The incident expires, and the onboarding fails' }];
  }
  const current = record.state === 'running' ? currentStep(record) : undefined;
  return current ? ofStep(current.step, current.state) : [];
}

function ofStep(step: Step, { until, dueAt, retryAt, remindAt, panel }: StepState): Next[] {
  const { id } = step;
  const given = (at: string | undefined, what: string) => (at === undefined ? [] : [{ at, what: `${id}: ${what}` }]);
  // Its own due time is that of the step.
  const timed = panel ? timeline(panel, id).filter(({ at }) => at !== undefined && at !== dueAt) : [];
  return [
    ...given(until, 'the wait is over'),
    ...given(dueAt, `overdue: ${AFTER_FAILURE[step.onFailure]}`),
    ...given(retryAt, 'tried again'),
    ...remindAt.flatMap((at) => given(at, 'people are reminded')),
    ...timed.map(({ at = '', what }) => ({ at, what })),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** What a step that has failed leads to. */
const AFTER_FAILURE: Readonly<Record<Step['onFailure'], string>> = {
  fail: 'the onboarding fails',
  skip: 'it goes on without the step',
  hold: 'an operator has to decide',
  'compensate-and-stop': 'the onboarding stops, and the memberships that it made are removed',
};
