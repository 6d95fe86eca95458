import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { fairnessKey } from '../domain/fairness.ts';
import { DEFAULT_RETRY } from '../domain/settings.ts';
import type { RetrySettings, Settings } from '../domain/settings.ts';

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

/** The patient path, seen under pending activities. */
export function activities(summary: string, retry: RetrySettings = DEFAULT_RETRY) {
  return proxyActivities<Activities>({ ...retried(retry), summary });
}

/** Activities that write to Chime: on their own queue, where the calls of all workers are counted together. */
export function chimeActivities(summary: string, bearer: string, { retry, chimeTaskQueue, fairnessSalt }: Settings) {
  return proxyActivities<Activities>({
    ...retried(retry),
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
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
}
