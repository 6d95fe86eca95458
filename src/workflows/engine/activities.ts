import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { cut } from '../../domain/bounds.ts';
import type { EffectBase } from '../../domain/engine.ts';
import { fairnessKey } from '../../domain/fairness.ts';
import { DEFAULT_RETRY, type RetrySettings, type Settings } from '../../domain/settings.ts';
import type { RequestError } from '../../domain/view.ts';

export type Proxy = ReturnType<typeof localActivities>;

/**
 * The activities of an effect, in its lane. An effect of a child never asks for `quick`: its parent is asked by the activity, and
 * the local one would hold a place that the answer may need.
 */
export function activitiesFor({ lane, stop }: EffectBase, summary: string, retry = DEFAULT_RETRY): Proxy {
  switch (lane) {
    case 'quick':
      return localActivities(summary);
    case 'firm':
      return firmActivities(summary);
    case 'patient':
      return proxyActivities<Activities>({ ...retried(retry), cancellationType: CANCELLATION[stop], summary });
  }
}

/** The default of the SDK is to try, whatever its comment says: a write that is cancelled so may still be applied. */
const CANCELLATION = {
  drop: ActivityCancellationType.TRY_CANCEL,
  wait: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/**
 * Local activities are for the short path only: while one runs or retries, the workflow task is held, and only
 * `maximumAttempts` stops it. Whatever fails here runs again as an ordinary activity.
 */
export function localActivities(summary: string) {
  return proxyLocalActivities<Activities>({
    startToCloseTimeout: 2_000,
    retry: { maximumAttempts: 2, initialInterval: 100 },
    summary,
  });
}

/** For a caller who waits, and gives up after 10 s: the loop handles nothing else meanwhile. */
export function firmActivities(summary: string) {
  return proxyActivities<Activities>({
    startToCloseTimeout: 3_000,
    scheduleToCloseTimeout: 5_000,
    retry: { initialInterval: 500 },
    summary,
  });
}

/** Activities that write to Chime: on their own queue, where the calls of all workers are counted together. */
export function chimeActivities(summary: string, bearer: string, { retry, chimeTaskQueue, fairnessSalt }: Settings) {
  return proxyActivities<Activities>({
    ...retried(retry),
    cancellationType: CANCELLATION.wait,
    taskQueue: chimeTaskQueue,
    // Eager dispatch would go past the queue, and past its rate limit.
    allowEagerDispatch: false,
    priority: { fairnessKey: fairnessKey(bearer, fairnessSalt) },
    summary,
  });
}

function retried({ initialMs, maximumMs, attemptTimeoutMs, forMs }: RetrySettings): ActivityOptions {
  return {
    startToCloseTimeout: attemptTimeoutMs,
    scheduleToCloseTimeout: forMs,
    retry: { initialInterval: initialMs, backoffCoefficient: 2, maximumInterval: maximumMs },
  };
}

/** The failure at the bottom: a local activity throws it bare, an ordinary one wraps it. Total, also where nothing of it can be read. */
export function rootCause(error: unknown): unknown {
  try {
    return error instanceof ActivityFailure ? (error.cause ?? error) : error;
  } catch {
    return new Error(NO_TEXT);
  }
}

/** Trying again cannot help. */
export function isTerminal(error: unknown): boolean {
  const cause = rootCause(error);
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

/** A failure as operators read it. Total: anything at all can be thrown, also something that has no text. */
export function toRequestError(error: unknown): RequestError {
  try {
    return described(rootCause(error));
  } catch {
    return { type: 'Error', message: NO_TEXT };
  }
}

const NO_TEXT = 'Something without a text was thrown.';

function described(cause: unknown): RequestError {
  if (cause instanceof ApplicationFailure) {
    const detail = cause.details?.[0] as Partial<RequestError> | null | undefined;
    const { requestId, hint, field, accepted } = detail ?? {};
    return {
      type: cause.type ?? 'Error',
      message: cut(cause.message, LONGEST_MESSAGE),
      ...(requestId === undefined ? {} : { requestId }),
      ...(hint === undefined ? {} : { hint }),
      ...(field === undefined ? {} : { field }),
      ...(accepted === undefined ? {} : { accepted }),
    };
  }
  if (cause instanceof TimeoutFailure) {
    // Temporal keeps no last failure when the time ends in the middle of an attempt.
    return { type: 'TimedOut', message: `Chime gave no answer in time (${cause.message}).`, hint: TIMED_OUT_HINT };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { type: cause instanceof Error ? cause.name : 'Error', message: cut(message, LONGEST_MESSAGE) };
}

/** It is recorded, shown and told: whatever somebody answers with, it stays small. */
const LONGEST_MESSAGE = 2_000;

const TIMED_OUT_HINT =
  'The failures of the attempts stand in the history. When Chime answers again, ask again; ADMISSION_RETRY_FOR says how long a call is tried.';
