import { getClient } from '@temporalio/activity';
import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Proof } from '../domain/actor.ts';
import { USED_ASSERTION } from '../domain/commands.ts';
import type { Refusal } from '../domain/refusal.ts';
import { digestOf } from '../identity/digest.ts';
import { codeOf, UNIMPLEMENTED } from '../request-runs.ts';

/**
 * Uses an assertion up in the server, so that no other process takes it, and no later run of the same workflow. Its mark
 * is a workflow that ends at once: the server makes no second one with its id, for as long as it keeps what has ended.
 * `by`: the first run of the workflow that takes it; an attempt that comes again, or a reset of that run, may take it again.
 */
export async function assertFirstUse(
  assertion: Proof['assertion'],
  { by, taskQueue }: { readonly by: string; readonly taskQueue: string },
): Promise<void> {
  if (!assertion) return;
  const { workflow } = getClient();
  const workflowId = `used:${digestOf(assertion.id).slice(0, 32)}`;
  try {
    await workflow.start(USED_ASSERTION, {
      workflowId,
      taskQueue,
      memo: { by },
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const mark = await workflow.getHandle(workflowId).describe();
    // A mark that somebody makes elsewhere can say anything, and something else the next time; so can a second one.
    const isOurs = mark.taskQueue === taskQueue && mark.memo?.['by'] === by;
    if (isOurs && (await isOnlyOne(workflowId))) return;
    throw ApplicationFailure.nonRetryable(USED.message, USED.code, USED);
  }
}

/** The server describes the last run of an id: its lists have all. A server for tests lists nothing, and has no strangers. */
async function isOnlyOne(workflowId: string): Promise<boolean> {
  try {
    return (await getClient().workflow.count(`WorkflowId = '${workflowId}'`)).count <= 1;
  } catch (error) {
    if (codeOf(error) !== UNIMPLEMENTED) throw error;
    return true;
  }
}

const USED: Refusal = {
  code: 'Unauthenticated',
  message: 'The assertion was used already.',
  field: 'actor.assertion',
  accepted: 'an assertion made now: each counts once',
};
