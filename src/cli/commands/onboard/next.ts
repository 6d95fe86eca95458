import type { OnboardingView } from '../../../domain/onboarding/state.ts';
import { progressOf } from '../../../domain/onboarding/view.ts';
import type { ProgressStep } from '../../../domain/onboarding/view.ts';

/** What makes an onboarding go on: nothing where it waits for a time. */
export function commandsNow(view: OnboardingView): string[] {
  const { id, state, incident, member } = view;
  if (state === 'paused') return [`admit onboard resume ${id} --reason WHY --as ADMIN_ARN`];
  if (incident) {
    return ['retry', 'skip'].map((name) => {
      return `admit onboard ${name} ${id} --step ${incident.step} --reason WHY --as ADMIN_ARN`;
    });
  }
  if (state !== 'running') return [];
  const now = progressOf(view).steps.filter(({ status }) => status === 'now');
  return now.flatMap((step) =>
    commandOf(step, view.steps.find(({ id: one }) => one === step.id)?.child?.id, id, member),
  );
}

function commandOf(
  { id: step, kind, people = [] }: ProgressStep,
  request: string | undefined,
  id: string,
  member: OnboardingView['member'],
): string[] {
  switch (kind) {
    case 'input':
      return [`admit onboard input ${id} ${step} --answers JSON --as ${member.arn}`];
    case 'approval':
      return [`admit onboard review ${id} ${step} --approve --as ${people[0] ?? 'APPROVER_ARN'}`];
    case 'join':
      return request === undefined ? [] : [`admit plan ${request}`];
    case 'message':
    case 'wait':
      return [];
  }
}
