import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';

export interface Run {
  readonly id: string;
  readonly runId: string;
}

export async function historyOf(client: Client, { id, runId }: Run) {
  return client.workflow.getHandle(id, runId).fetchHistory();
}

/** Runs the workflow code again on what the server recorded of these requests; what went wrong, by request. */
export async function replayFailures(client: Client, runs: readonly Run[]): Promise<Record<string, string>> {
  const histories = await Promise.all(
    runs.map(async (run) => ({ workflowId: run.id, history: await historyOf(client, run) })),
  );
  const bundle = { workflowBundle: { codePath: inject('workflowBundle') } };
  const failures: Record<string, string> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories(bundle, histories)) {
    if (error) failures[workflowId] = String(error);
  }
  return failures;
}
