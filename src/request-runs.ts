import {
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { STATE_QUERY, WORKFLOW_TYPE } from './domain/commands.ts';
import { grantOf, type GrantRecord } from './domain/ownership.ts';
import type { RequestView } from './domain/view.ts';

/** One run of a request, as the server knows it. */
export interface RequestRun {
  readonly id: string;
  readonly runId: string;
  readonly firstRunId: string;
  readonly type: string;
  readonly taskQueue: string;
  readonly status: WorkflowExecutionInfo['status']['name'];
  readonly closedAt?: Date;
}

/** A run with the membership that it made, or may have made. */
export interface GrantedRun {
  readonly run: RequestRun;
  readonly view: RequestView;
  readonly grant: GrantRecord;
}

export async function describeRun(client: Client, id: string, runId?: string): Promise<RequestRun> {
  const found = await client.workflow.getHandle(id, runId).describe();
  const { type, taskQueue, status, closeTime, raw } = found;
  const firstRunId = raw.workflowExecutionInfo?.firstRunId || found.runId;
  const closed = closeTime ? { closedAt: closeTime } : {};
  return { id, runId: found.runId, firstRunId, type, taskQueue, status: status.name, ...closed };
}

/** The same of a run that may not be there at all. */
export async function findRun(client: Client, id: string, runId: string): Promise<RequestRun | undefined> {
  try {
    return await describeRun(client, id, runId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || codeOf(error) === INVALID_ARGUMENT) return undefined;
    throw error;
  }
}

/** gRPC's own numbers. The server says the first of a run id that cannot be one. */
const INVALID_ARGUMENT = 3;
export const UNIMPLEMENTED = 12;

export function codeOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return (cause as { code?: number } | undefined)?.code;
}

/** More runs of one request than anybody looks through. */
const MOST_RUNS = 50;

/** The runs of a workflow id on a task queue, the newest first: those of another are of workers that record what they like. */
export async function runsOf(client: Client, id: string, taskQueue: string): Promise<RequestRun[]> {
  const [ofId, ofQueue] = [id, taskQueue].map((text) => text.replaceAll("'", "''"));
  const query = `WorkflowType = '${WORKFLOW_TYPE}' AND WorkflowId = '${ofId}' AND TaskQueue = '${ofQueue}'`;
  const found: WorkflowExecutionInfo[] = [];
  try {
    for await (const one of client.workflow.list({ query })) {
      if (found.push(one) === MOST_RUNS) break;
    }
  } catch (error) {
    if (codeOf(error) !== UNIMPLEMENTED) throw error;
    // A server for tests lists nothing.
    return [];
  }
  found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
  return Promise.all(found.map(async ({ runId }) => describeRun(client, id, runId)));
}

/**
 * The record of a run: a result where it has one, else what its workflow answers, which a worker can do for closed and
 * terminated ones too; `undefined`: it was refused at its start.
 */
export async function recordOfRun(
  client: Client,
  { id, runId, status }: Pick<RequestRun, 'id' | 'runId' | 'status'>,
): Promise<RequestView | undefined> {
  const handle = client.workflow.getHandle(id, runId, { followRuns: false });
  if (status !== 'COMPLETED' && status !== 'FAILED') return handle.query<RequestView>(STATE_QUERY);
  try {
    return (await handle.result()) as RequestView;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    return cause instanceof ApplicationFailure ? (cause.details?.[1] as RequestView | undefined) : undefined;
  }
}

/** What a run granted, if it did. */
export async function grantedBy(client: Client, run: RequestRun): Promise<GrantedRun | undefined> {
  const view = await recordOfRun(client, run);
  const grant = view && grantOf(view, run.closedAt);
  return view && grant ? { run, view, grant } : undefined;
}
