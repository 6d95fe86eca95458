import { ApplicationFailure } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

export { joinChannel } from './join-channel.ts';
export { notifyPeople } from './notify.ts';
export { onboardMember } from './onboarding/onboard-member.ts';

/** A type that nobody knows fails at once; the server would try it again for ever. */
export default async function unknownWorkflow(): Promise<never> {
  const { workflowType } = workflowInfo();
  const message = `There is no workflow of type ${JSON.stringify(workflowType)}; start joinChannel.`;
  throw ApplicationFailure.nonRetryable(message, 'UnknownWorkflowType');
}
