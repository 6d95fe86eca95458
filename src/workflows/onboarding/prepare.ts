import { workflowInfo } from '@temporalio/workflow';
import { prepared } from '../../domain/onboarding/view.ts';
import { activities } from '../activity-options.ts';
import type { Change } from './change.ts';
import type { Run } from './run.ts';

/** Proves who asks, and brings the flow that they may start, with what is needed before the first step. */
export async function prepare(run: Run): Promise<Change> {
  const { id: workflowId, requestedAt } = run.record;
  const { subject, actor } = run.onboarding;
  const { firstExecutionRunId: firstRunId } = workflowInfo();
  const call = { workflowId, firstRunId, subject, requestedAt, ...(actor ? { actor } : {}) };
  const found = await activities('Check who asks, and bring the flow').prepareOnboarding(call);
  const { proof, flow, params, flowDigest, subjectDigest, memberName } = found;
  const { settings, serviceBearer, requestIds, listedAs } = found;
  return (now) => {
    // An onboarding that was cancelled meanwhile stays so.
    if (now.state !== 'preparing') return now;
    run.keep({ settings, serviceBearer, requestIds, listedAs });
    run.isUsed(proof.assertion);
    return prepared(now, { flow, params, flowDigest, subjectDigest, requesterVerified: proof.verified, memberName });
  };
}
