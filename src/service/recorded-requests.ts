import { setTimeout } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import pLimit from 'p-limit';
import { STATE_QUERY, WORKFLOW_TYPE } from '../domain/commands.ts';
import type { RequestView } from '../domain/view.ts';
import type { TemporalAccess } from './connect.ts';
import { oursQuery } from './listed.ts';
import { bad, good, type Result } from './result.ts';

/** What the namespace still knows of requests, newest first. */
export interface RecordedRequests {
  readonly views: readonly RequestView[];
  /** Open requests that no worker told about. */
  readonly openWithoutWorker: number;
  /** The ids of those that were asked about in vain. */
  readonly unread: readonly string[];
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
  const query = [...oursQuery(WORKFLOW_TYPE, taskQueue), `StartTime >= '${since.toISOString()}'`].join(' AND ');
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
  const unread: string[] = [];
  let [openWithoutWorker, withoutRecord, inVain] = [0, 0, 0];
  await pLimit(AT_ONCE).map(found, async (workflow) => {
    const open = workflow.status.name === 'RUNNING';
    // Where many in a row do not answer, nobody waits for each of the others.
    const asked = !open || inVain < MOST_IN_VAIN;
    const view = asked ? await (open ? openView(workflow, client) : closedView(workflow, client)) : undefined;
    if (view) views.push(view);
    if (open) inVain = view ? 0 : inVain + 1;
    if (view) return;
    if (open) openWithoutWorker += 1;
    else withoutRecord += 1;
    if (open && asked) unread.push(workflow.workflowId);
  });
  return { views, openWithoutWorker, withoutRecord, unread };
}

async function openView({ workflowId, runId }: WorkflowExecutionInfo, client: Client) {
  const handle = client.workflow.getHandle(workflowId, runId);
  const asked = whilePolled(() => handle.query<RequestView>(STATE_QUERY)).catch(() => undefined);
  return Promise.race([asked, setTimeout(READ_WITHIN_MS, undefined, { ref: false })]);
}

/** As long as a worker may be busy. */
const READ_WITHIN_MS = 6_000;
const MOST_IN_VAIN = 20;

const POLLED_WITHIN_MS = 5_000;

/** A busy worker polls its queue so seldom that the server says for a moment that there is none. */
async function whilePolled<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + POLLED_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await setTimeout(250);
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
