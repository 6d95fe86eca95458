import { ApplicationFailure } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/**
 * What is wrong with how this run came to be, whatever its input says. Anybody who reaches Temporal can start one with
 * approvals in it; can have Temporal run it again, which then looks like a run that goes on; and can put it off until
 * nobody remembers that the proof of who asks was used.
 */
export function wrongStart(carried: unknown): ApplicationFailure | undefined {
  const info = workflowInfo();
  const isFirst = info.continuedFromExecutionRunId === undefined;
  if (info.cronSchedule !== undefined || info.retryPolicy !== undefined) return REPEATED();
  // So the SDK calls the delay of any start; a run that goes on may have one of the server's.
  if (isFirst && info.cronScheduleToScheduleInterval !== undefined) return DELAYED();
  return isFirst && carried !== undefined ? FORGED() : undefined;
}

/** The same of what only a request or an onboarding starts: anybody could have its text signed and sent in our name. */
export function startedByHand(): ApplicationFailure | undefined {
  return workflowInfo().parent ? undefined : BY_HAND();
}

const BY_HAND = () => failure('InvalidStart', 'Requests and onboardings start this; nobody else does.');

const REPEATED = () =>
  failure('InvalidStart', 'Asking once counts once: start it without a cron schedule and without a retry policy.');

const DELAYED = () => failure('InvalidStart', 'Who asks now is proved now: start it without a delay.');

const FORGED = () =>
  failure(
    'ForgedState',
    'Only a run that goes on from an earlier one brings a state with it: start it with the input alone.',
  );

function failure(type: 'ForgedState' | 'InvalidStart', message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type, { code: type, message });
}
