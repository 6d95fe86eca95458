import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { waitForPort } from './ports.ts';

const READY_WITHIN_MS = 30_000;

export interface Expectation {
  port: number;
  uiPort: number;
  namespace: string;
  /** Names of search attributes. */
  attributes: readonly string[];
}

/**
 * Waits until the server answers a query over all search attributes in the namespace, and the web UI listens.
 * Throws what `ended` throws, the reason of `signal`, or that it took more than 30 s.
 */
export async function waitUntilUsable(
  expected: Expectation,
  ended: Promise<never>,
  signal?: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  const done = new AbortController();
  const until = AbortSignal.any([limit, done.signal, ...(signal === undefined ? [] : [signal])]);
  try {
    await Promise.race([pollUntilUsable(expected, until), ended]);
  } catch (error) {
    throw limit.aborted ? new Error('it was not usable within 30 s', { cause: error }) : error;
  } finally {
    done.abort();
  }
}

async function pollUntilUsable(expected: Expectation, signal: AbortSignal): Promise<void> {
  // The connection backs off for a second when it is refused, so the ports are looked at first.
  await waitForPort(expected.port, signal);
  await waitForPort(expected.uiPort, signal);
  const connection = await Connection.connect({ address: `127.0.0.1:${expected.port}` });
  try {
    while (!(await answers(connection, expected, signal))) await delay(50, undefined, { signal });
  } finally {
    await connection.close();
  }
}

async function answers(connection: Connection, expected: Expectation, signal: AbortSignal): Promise<boolean> {
  const { namespace, attributes } = expected;
  const query = attributes.map((name) => `${name} IS NULL`).join(' AND ');
  try {
    await connection.withDeadline(Date.now() + 2_000, async () => {
      await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
    });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
