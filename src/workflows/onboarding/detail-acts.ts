import type { OnboardingCommandName } from '../../domain/onboarding/commands.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import { currentStep } from '../../domain/onboarding/steps.ts';
import { code, list, fieldsOf } from '../../domain/markdown.ts';

/** An update, who may send it, and what it takes besides the actor. */
type Act = readonly [update: OnboardingCommandName, by: string, more: Record<string, unknown>];

const ADMIN = 'an app instance admin';
const WHY = { reason: '…' };

/** Which update to send, with which argument. */
export function howToAct(view: OnboardingView): string {
  const items = actsOf(view).map(([update, by, more]) => {
    return `${code(update)}, by ${by}: ${code(`{"actor":ACTOR,${JSON.stringify(more).slice(1)}`)}`;
  });
  const child = currentStep(view)?.state.child;
  const request = child?.state === 'open' ? [`The request ${code(child.id)} has a page of its own.`] : [];
  const title =
    '**How to act**: send an update, where ACTOR is `{"principal":"your ARN","assertion":"…"}`. `admit` signs assertions; without one a command counts only where the worker trusts its callers.';
  return list(title, [...items, ...request]);
}

function actsOf(view: OnboardingView): Act[] {
  const { state, incident } = view;
  const cancel: Act = ['cancel', `who asked or ${ADMIN}`, { ...WHY, compensate: true }];
  const skip: Act[] = stepOf(view).map((step) => ['skip', `${ADMIN}, never the member`, { step, ...WHY }]);
  switch (state) {
    case 'preparing':
      return [cancel];
    case 'running':
      return [...answering(view), ...skip, ['pause', ADMIN, WHY], cancel];
    case 'paused':
      return [['resume', ADMIN, WHY], ...skip, cancel];
    case 'incident': {
      const retry: Act[] = stepOf(view).map((step) => ['retryStep', ADMIN, { step, ...WHY }]);
      return [...retry, ...skip, ...(incident?.during === 'step' ? [cancel] : [])];
    }
    case 'ending':
    case 'closed':
      return [];
  }
}

/** The step that a command would be about now. */
function stepOf(view: OnboardingView): string[] {
  const id = view.incident?.step ?? currentStep(view)?.state.id;
  return id === undefined ? [] : [id];
}

function answering(view: OnboardingView): Act[] {
  const current = currentStep(view);
  if (!current) return [];
  const { step, state } = current;
  if (state.retryAt !== undefined) return [['retryStep', ADMIN, { step: step.id, ...WHY }]];
  if (step.kind === 'input') {
    const answers = Object.fromEntries(fieldsOf(step.schema).map((name) => [name, '…']));
    return [['submitInput', 'the member', { step: step.id, answers }]];
  }
  return step.kind === 'approval' && state.panel
    ? [['review', 'who may approve', { step: step.id, decision: 'approve' }]]
    : [];
}
