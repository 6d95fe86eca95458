import { ApplicationFailure } from '@temporalio/common';
import { setDefaultSignalHandler, workflowInfo } from '@temporalio/workflow';
import { cut } from '../domain/bounds.ts';
import { clearBrought } from './engine/continue.ts';

export { joinChannel } from './join-channel.ts';
export { notifyPeople } from './notify.ts';
export { revokeMembership } from './revoke-membership.ts';
export { onboardMember } from './onboard-member.ts';

/** That there is one with its id is all that it says: see `USED_ASSERTION`. */
export async function usedAssertion(): Promise<void> {
  setDefaultSignalHandler(() => undefined);
}

/** A type that nobody knows fails at once; the server would try it again for ever. */
export default async function unknownWorkflow(): Promise<never> {
  setDefaultSignalHandler(() => undefined);
  clearBrought({ refused: true });
  const { workflowType } = workflowInfo();
  const message = `There is no workflow of type ${JSON.stringify(cut(workflowType, 100))}; start joinChannel.`;
  throw ApplicationFailure.nonRetryable(message, 'UnknownWorkflowType');
}

// Temporal looks types up in an object that inherits these names: each would run as a workflow, and complete.
export {
  unknownWorkflow as constructor,
  unknownWorkflow as hasOwnProperty,
  unknownWorkflow as isPrototypeOf,
  unknownWorkflow as propertyIsEnumerable,
  unknownWorkflow as toLocaleString,
  unknownWorkflow as toString,
  unknownWorkflow as valueOf,
  unknownWorkflow as __defineGetter__,
  unknownWorkflow as __defineSetter__,
  unknownWorkflow as __lookupGetter__,
  unknownWorkflow as __lookupSetter__,
};
