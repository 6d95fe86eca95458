import type { getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { STATE_QUERY } from '../domain/commands.ts';
import { childView } from '../domain/onboarding/children.ts';
import { toldError } from '../domain/told.ts';
import type { ChildView } from '../domain/onboarding/children.ts';
import type { RequestView } from '../domain/view.ts';

type Client = ReturnType<typeof getClient>;

/**
 * How a request stands, from its own workflow: signals can be sent by anybody, and are no source. An open one is asked,
 * a closed one has a result.
 */
export async function readChild(
  { id, firstRunId }: { readonly id: string; readonly firstRunId: string },
  client: Client,
): Promise<ChildView> {
  const latest = client.workflow.getHandle(id);
  const { runId, status, raw } = await latest.describe();
  const first = raw.workflowExecutionInfo?.firstRunId || runId;
  // Ours has ended, and somebody has asked again since.
  if (first !== firstRunId) return outcomeOf(client, id, firstRunId);
  if (status.name !== 'RUNNING') return outcomeOf(client, id, runId);
  return childView(await latest.query<RequestView>(STATE_QUERY));
}

async function outcomeOf(client: Client, id: string, runId: string): Promise<ChildView> {
  try {
    return childView((await client.workflow.getHandle(id, runId).result()) as RequestView);
  } catch (error) {
    const { cause } = error as Error;
    if (!(cause instanceof Error)) throw error;
    const failure = cause instanceof ApplicationFailure ? cause : undefined;
    const view = failure?.details?.[1] as RequestView | undefined;
    if (view) return childView(view);
    return {
      state: 'closed',
      outcome: 'failed',
      error: toldError({ type: failure?.type ?? 'RequestEnded', message: cause.message }, { facts: {} }),
    };
  }
}
