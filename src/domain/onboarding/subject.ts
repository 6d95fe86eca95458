import type { OnboardingCommandName } from './commands.ts';
import type { OnboardingRecord, StepState } from './state.ts';
import { stateOf } from './steps.ts';

/**
 * What a command is about besides the onboarding, as the view shows it: this opening of a step, this incident, this pause.
 * Its digest stands in the assertion. None where the command is about the onboarding as a whole.
 */
export function aboutOf(
  name: OnboardingCommandName,
  payload: object,
  record: Pick<OnboardingRecord, 'subjectDigest' | 'steps' | 'incident' | 'pausedAt'>,
): unknown {
  const { subjectDigest: onboarding, incident, pausedAt } = record;
  const step = 'step' in payload ? stateOf(record, String(payload.step)) : undefined;
  switch (name) {
    case 'review':
    case 'submitInput':
      return step && stepSubject(record, step);
    case 'skip':
    case 'retryStep': {
      const failed = incident && { step: incident.step, during: incident.during, at: incident.at };
      return step && { ...stepSubject(record, step), incident: failed };
    }
    case 'resume':
      return { onboarding, pausedAt };
    case 'pause':
    case 'cancel':
      return undefined;
  }
}

/** A step since it was opened: tried again, it needs new reviews. */
export function stepSubject(
  { subjectDigest }: Pick<OnboardingRecord, 'subjectDigest'>,
  { id, startedAt, tries }: Pick<StepState, 'id' | 'startedAt' | 'tries'>,
) {
  return { onboarding: subjectDigest, step: { id, startedAt, tries } };
}
