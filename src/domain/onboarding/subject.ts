import type { OnboardingCommandName } from './commands.ts';
import type { OnboardingView, StepView } from './view.ts';

/**
 * The subject of a command besides the onboarding, as the view shows it: this opening of a step, this incident, this pause.
 * Its digest stands in the assertion. None where the command is about the onboarding as a whole.
 */
export function aboutOf(
  name: OnboardingCommandName,
  payload: object,
  view: Pick<OnboardingView, 'subjectDigest' | 'steps' | 'incident' | 'pausedAt'>,
): unknown {
  const { subjectDigest: onboarding, incident, pausedAt, steps } = view;
  const step = 'step' in payload ? steps.find(({ id }) => id === payload.step) : undefined;
  switch (name) {
    case 'review':
    case 'submitInput':
      return step && stepSubject(view, step);
    case 'skip':
    case 'retryStep': {
      const failed = incident && { step: incident.step, during: incident.during, at: incident.at };
      return step && { ...stepSubject(view, step), incident: failed };
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
  { subjectDigest }: Pick<OnboardingView, 'subjectDigest'>,
  { id, startedAt, tries }: Pick<StepView, 'id' | 'startedAt' | 'tries'>,
) {
  return { onboarding: subjectDigest, step: { id, startedAt, tries } };
}
