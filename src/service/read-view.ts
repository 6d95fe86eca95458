import { setTimeout as sleep } from 'node:timers/promises';
import {
  QueryNotRegisteredError,
  ServiceError,
  WorkflowFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { PLAN_QUERY, STATE_QUERY, WORKFLOW_TYPE } from '../domain/commands.ts';
import { CLOCK_STANDS_STILL } from '../domain/engine.ts';
import { planOf, type Plan } from '../domain/plan.ts';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import { newView, type RequestView } from '../domain/view.ts';
import { recordOfRun } from '../request-runs.ts';
import { ANSWER_WITHIN_MS } from './connect.ts';
import { answered, noWorker, toAdmissionError, unknownRequest } from './failures.ts';
import { bad, good, type Result } from './result.ts';

interface Reader {
  readonly client: Client;
  readonly taskQueue: string;
}

/**
 * Reads a request: a closed one from its result, which needs no worker, and an open one by asking its workflow. A request
 * that somebody terminated in Temporal counts as failed.
 */
export async function readView(id: string, reader: Reader): Promise<Result<RequestView>> {
  return read(id, reader, STATE_QUERY, (view) => view);
}

/** Reads the plan of a request in the same way. */
export async function readPlan(id: string, reader: Reader): Promise<Result<Plan>> {
  return read(id, reader, PLAN_QUERY, planOf);
}

async function read<T>(
  id: string,
  { client, taskQueue }: Reader,
  query: string,
  ofClosed: (view: RequestView) => T,
): Promise<Result<T>> {
  const handle = client.workflow.getHandle(id);
  try {
    const description = await handle.describe();
    if (description.type !== WORKFLOW_TYPE) return bad(unknownRequest(id));
    const closed = client.workflow.getHandle(id, description.runId);
    if (description.status.name === 'COMPLETED') return good(ofClosed((await closed.result()) as RequestView));
    if (description.status.name === 'RUNNING') {
      return await answered(ask<T>(handle, query), noWorker(taskQueue, id));
    }
    const error = await closed.result().catch((failure: unknown) => failure);
    const known = await lastRecord(description, client);
    return good(ofClosed(ended(description, error, known)));
  } catch (error) {
    return bad(toAdmissionError(error, id));
  }
}

/**
 * Right after a worker came, or under load, a server may say that it has seen none: then it is asked again. The same where a query
 * had a worker begin a task that is not its own.
 */
export async function ask<T>(handle: WorkflowHandle, query: string): Promise<Result<T>> {
  const giveUpAt = Date.now() + ANSWER_WITHIN_MS;
  for (;;) {
    try {
      return good(await handle.query<T>(query));
    } catch (error) {
      if (!mayPass(error) || Date.now() > giveUpAt) throw error;
      await sleep(250);
    }
  }
}

function mayPass(error: unknown): boolean {
  // So the SDK calls every query that fails.
  if (error instanceof QueryNotRegisteredError) return error.message.includes(CLOCK_STANDS_STILL);
  return error instanceof ServiceError && /no poller/i.test(String(error.cause));
}

/** What was known of a request when somebody ended it in Temporal, if a worker can tell at once. */
async function lastRecord({ workflowId: id, runId, status }: WorkflowExecutionDescription, client: Client) {
  if (status.name === 'FAILED') return undefined;
  const none = new Promise<undefined>((resolve) => setTimeout(resolve, RECORD_WITHIN_MS, undefined).unref());
  return Promise.race([recordOfRun(client, { id, runId, status: status.name }).catch(() => undefined), none]);
}

const RECORD_WITHIN_MS = 3_000;

/** What is known of a request that did not complete: its own last record, or why it has none. */
function ended(description: WorkflowExecutionDescription, error: unknown, known: RequestView | undefined): RequestView {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  const failure = cause instanceof ApplicationFailure ? cause : undefined;
  const record = failure?.details?.[1] as RequestView | undefined;
  if (record) return record;
  const { workflowId, runId, startTime, closeTime, status } = description;
  const requestedAt = startTime.toISOString();
  return {
    ...(known ?? newView({ id: workflowId, runId, request: {} as RequestView['request'], requestedAt })),
    state: 'closed',
    outcome: 'failed',
    ...(closeTime ? { closedAt: closeTime.toISOString() } : {}),
    error: {
      type: failure?.type ?? `Workflow${status.name}`,
      message: failure?.message ?? `The workflow was ended in Temporal: ${status.name}.`,
    },
  };
}

const STATE = defineSearchAttributeKey('AdmissionState', SEARCH_ATTRIBUTES.AdmissionState);
const LOOK_EVERY_MS = 1_000;

/** Waits until a request is closed, or is not there; with `orActive`, no longer than until the member is in. */
export async function waitForEnd(id: string, orActive: boolean, client: Client): Promise<void> {
  const handle = client.workflow.getHandle(id);
  const closed = handle.result().then(
    () => true,
    () => true,
  );
  if (!orActive) return void (await closed);
  for (;;) {
    // Of the server alone: whoever waits for days does not trouble a worker.
    const found = await handle.describe().catch(() => undefined);
    if (found?.typedSearchAttributes.get(STATE) === 'active') return;
    if (await Promise.race([closed, sleep(LOOK_EVERY_MS, false)])) return;
  }
}
