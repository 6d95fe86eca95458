import { workflowInfo } from '@temporalio/workflow';
import { channelsOf } from '../../domain/onboarding/flow.ts';
import { requestOf } from '../../domain/onboarding/children.ts';
import { activities } from '../activity-options.ts';
import type { Change } from './change.ts';
import type { Run } from './run.ts';

/** Proves who asks, and reads what is needed before the first step. */
export async function prepare(run: Run): Promise<Change> {
  const { record, onboarding } = run;
  const { flow, id: workflowId, requestedAt } = record;
  const { subject, actor } = onboarding;
  const prepared = await activities('Check who asks, and prepare the steps').prepareOnboarding({
    workflowId,
    firstRunId: workflowInfo().firstExecutionRunId,
    subject,
    ...(actor ? { actor } : {}),
    requestedAt,
    channels: channelsOf(flow),
    writesTo: channelsOf({ steps: flow.steps.filter(({ kind }) => kind === 'message') }),
    requests: Object.fromEntries(
      flow.steps.flatMap((step) => (step.kind === 'join' ? [[step.id, requestOf(record, step)]] : [])),
    ),
  });
  const { proof, flowDigest, subjectDigest, memberName } = prepared;
  return (now) => {
    // An onboarding that was cancelled meanwhile stays so.
    if (now.state !== 'preparing') return now;
    run.keep(prepared);
    run.isUsed(proof.assertion);
    const member = { ...now.member, name: memberName };
    return { ...now, flowDigest, subjectDigest, requesterVerified: proof.verified, member, state: 'running' };
  };
}
