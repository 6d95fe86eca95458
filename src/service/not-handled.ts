import { setTimeout } from 'node:timers/promises';
import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ANSWER_WITHIN_MS } from './connect.ts';

/** gRPC's own numbers. */
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/**
 * Whether Temporal says that it did not hand a command to the request: ten others are under way, or the request was just
 * going on as a new run. Then the same command may be given again, and counts once.
 */
export function wasNotHandled(error: unknown): boolean {
  if (error instanceof WorkflowUpdateFailedError) {
    const { type } = error.cause instanceof ApplicationFailure ? error.cause : {};
    return type === 'UnprocessedUpdate' || type === 'Continuing' || type === 'Busy';
  }
  if (!(error instanceof ServiceError)) return false;
  const { code } = (error.cause ?? {}) as { code?: number };
  const isAborted = code === UNAVAILABLE && /update was aborted/i.test(String(error.cause));
  return code === RESOURCE_EXHAUSTED || isAborted;
}

/** How long a message is given again that was not handled, in ms: the caller hears no later. */
export const GIVE_FOR_MS = ANSWER_WITHIN_MS - 1_000;

/** Gives a message until it is handled, or for as long as the caller waits. */
export async function untilHandled<T>(give: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + GIVE_FOR_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await give();
    } catch (error) {
      if (!wasNotHandled(error) || Date.now() > giveUpAt) throw error;
      await setTimeout(pauseBefore(attempt));
    }
  }
}

/**
 * Gives a message that asks for something, without proof, to a workflow that is open; `undefined`: there is none. A proof
 * that an open one needs no more would stay good for whoever sees it, until it expires.
 */
export async function askOpen<T>(handle: WorkflowHandle, update: string, input: object): Promise<T | undefined> {
  try {
    return await untilHandled(async () => handle.executeUpdate<T, [object]>(update, { args: [input] }));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Between two tries, in ms: everybody waits a different while, so that they do not come back together. */
export function pauseBefore(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 1_000) * (0.5 + Math.random());
}
