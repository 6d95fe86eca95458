import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { WORKFLOW_TYPE, type CommandName, type CommandOf, type CommandResult } from '../domain/commands.ts';
import { oursQuery } from './listed.ts';

/** How many requests are asked at once, and how long for one, in ms: one that never answers must not hold up the others. */
const AT_ONCE = 10;
const ASK_WITHIN_MS = 30_000;

/**
 * Makes every pending request of a queue that another policy set decided ask its policies again. Safe to repeat, and by
 * several workers at once: a request that this set has decided already is left as it is. Gives how many were asked, and
 * which of them did not answer.
 */
export async function reevaluatePending(
  client: Client,
  { policyDigest, taskQueue }: { readonly policyDigest: string; readonly taskQueue: string },
): Promise<{ asked: number; failed: readonly string[] }> {
  const query = [
    ...oursQuery(WORKFLOW_TYPE, taskQueue),
    `ExecutionStatus = 'Running'`,
    `AdmissionState = 'pending'`,
    `AdmissionPolicyDigest != '${policyDigest}'`,
  ].join(' AND ');
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  const answered = await pLimit(AT_ONCE).map(ids, (id) => reevaluate(client, id, policyDigest));
  return { asked: ids.length, failed: ids.filter((_, index) => !answered[index]) };
}

async function reevaluate(client: Client, id: string, policyDigest: string): Promise<boolean> {
  const update: CommandName = 'reevaluate';
  const asked = client.workflow
    .getHandle(id)
    .executeUpdate<CommandResult, [CommandOf<'reevaluate'>]>(update, { args: [{ policyDigest }] })
    .then(
      () => true,
      // Resolved meanwhile, or its facts cannot be read now: what was decided stands.
      () => false,
    );
  return Promise.race([asked, setTimeout(ASK_WITHIN_MS, false, { ref: false })]);
}
