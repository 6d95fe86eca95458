import type { Client } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import type { CommandName, CommandOf, CommandResult } from '../domain/commands.ts';

/** How many requests are asked at once. */
const AT_ONCE = 10;

/**
 * Makes every pending request that another policy set decided ask its policies again. Safe to repeat, and by several
 * workers at once: a request that this set has decided already is left as it is. Gives how many were asked, and how many
 * of them did not answer.
 */
export async function reevaluatePending(
  client: Client,
  policyDigest: string,
): Promise<{ asked: number; failed: number }> {
  const query = [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    `ExecutionStatus = 'Running'`,
    `AdmissionState = 'pending'`,
    `AdmissionPolicyDigest != '${policyDigest}'`,
  ].join(' AND ');
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  let failed = 0;
  for (let next = 0; next < ids.length; next += AT_ONCE) {
    const batch = ids.slice(next, next + AT_ONCE).map((id) => reevaluate(client, id, policyDigest));
    failed += (await Promise.all(batch)).filter((answered) => !answered).length;
  }
  return { asked: ids.length, failed };
}

async function reevaluate(client: Client, id: string, policyDigest: string): Promise<boolean> {
  const update: CommandName = 'reevaluate';
  return client.workflow
    .getHandle(id)
    .executeUpdate<CommandResult, [CommandOf<'reevaluate'>]>(update, { args: [{ policyDigest }] })
    .then(
      () => true,
      // Resolved meanwhile, or its facts cannot be read now: what was decided stands.
      () => false,
    );
}
