import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { STATE_QUERY, WORKFLOW_TYPE } from '../domain/commands.ts';
import type { RequestView } from '../domain/view.ts';
import type { TemporalAccess } from './connect.ts';
import { answered, noWorker } from './failures.ts';
import { bad, good } from './result.ts';
import type { Result } from './result.ts';

/** What the namespace still knows of requests, newest first. */
export interface RecordedRequests {
  readonly views: readonly RequestView[];
  /** Open requests that no worker told about. */
  readonly openWithoutWorker: number;
  /** Requests that ended without a record: they were invalid, or somebody ended them in Temporal. */
  readonly withoutRecord: number;
  /** There are more than `limit`; these are the newest. */
  readonly more: boolean;
}

const AT_ONCE = 20;

/** Reads the records of a queue's requests since a time: closed ones from their results, open ones by a query. */
export async function recordedRequests(
  { since, limit, taskQueue }: { since: Date; limit: number; taskQueue: string },
  { client }: { client: Client },
): Promise<Result<RecordedRequests>> {
  const found: WorkflowExecutionInfo[] = [];
  const queue = taskQueue.replaceAll("'", "''");
  const query = [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    // Earlier runs of a request that went on as a new one.
    `ExecutionStatus != 'ContinuedAsNew'`,
    `TaskQueue = '${queue}'`,
    `StartTime >= '${since.toISOString()}'`,
  ].join(' AND ');
  try {
    for await (const workflow of client.workflow.list({ query })) {
      found.push(workflow);
      if (found.length > limit) break;
    }
    return good({ ...(await readAll(found.slice(0, limit), client)), more: found.length > limit });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = error.cause instanceof Error ? error.cause.message : error.message;
    return bad({ code: 'ListFailed', message: `Temporal cannot list requests: ${message}` });
  }
}

/** How many days the namespace keeps closed requests; `undefined` where the server does not say. */
export async function retentionDays({ connection, namespace }: TemporalAccess): Promise<number | undefined> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  const seconds = config?.workflowExecutionRetentionTtl?.seconds;
  return seconds === undefined || seconds === null ? undefined : Number(seconds) / 86_400;
}

async function readAll(found: readonly WorkflowExecutionInfo[], client: Client) {
  const views: RequestView[] = [];
  let [next, openWithoutWorker, withoutRecord, worker] = [0, 0, 0, true];
  const readOn = async () => {
    for (let workflow = found[next++]; workflow; workflow = found[next++]) {
      const open = workflow.status.name === 'RUNNING';
      // Where no worker answers once, nobody waits ten seconds for each of the others.
      const view = open ? worker && (await openView(workflow, client)) : await closedView(workflow, client);
      if (view) views.push(view);
      else if (open) [openWithoutWorker, worker] = [openWithoutWorker + 1, false];
      else withoutRecord += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  return { views, openWithoutWorker, withoutRecord };
}

async function openView({ workflowId, runId, taskQueue }: WorkflowExecutionInfo, client: Client) {
  const handle = client.workflow.getHandle(workflowId, runId);
  const asked = whilePolled(() => handle.query<RequestView>(STATE_QUERY)).then(good);
  const answer = await answered(asked, noWorker(taskQueue, workflowId)).catch(() => undefined);
  return answer?.ok ? answer.value : undefined;
}

const POLLED_WITHIN_MS = 5_000;

/** A busy worker polls its queue so seldom that the server says for a moment that there is none. */
async function whilePolled<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + POLLED_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** One call for each: of a request that failed, the record is in the failure. */
async function closedView({ workflowId, runId, status }: WorkflowExecutionInfo, client: Client) {
  if (status.name !== 'COMPLETED' && status.name !== 'FAILED') return undefined;
  try {
    return (await client.workflow.getHandle(workflowId, runId, { followRuns: false }).result()) as RequestView;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    return cause instanceof ApplicationFailure ? (cause.details?.[1] as RequestView | undefined) : undefined;
  }
}
