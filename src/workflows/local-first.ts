import { ApplicationFailure } from '@temporalio/common';
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { isRefusal, unavailable } from '../domain/refusal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { localActivities } from './activity-options.ts';
import { isTerminal, rootCause, toRequestError } from './failures.ts';

type Proxy = ReturnType<typeof localActivities>;

/**
 * Checks something that a caller waits for: in a local activity, and if that fails in a way that may pass, a little more
 * patiently in an ordinary one. Not for long: the caller waits 10 s, and the main loop handles nothing else meanwhile. An
 * outage is a refusal that says so, never a guess.
 */
export async function localFirst<T extends object>(
  summary: string,
  run: (proxy: Proxy) => Promise<T>,
): Promise<T | Refusal> {
  try {
    return await run(localActivities(summary));
  } catch (error) {
    if (isTerminal(error)) return refusalIn(error) ?? unavailable(toRequestError(error));
  }
  const patient = proxyActivities<Activities>({
    startToCloseTimeout: 3_000,
    scheduleToCloseTimeout: 5_000,
    retry: { initialInterval: 500 },
    summary,
  });
  try {
    return await run(patient);
  } catch (error) {
    return unavailable(toRequestError(error));
  }
}

/** What an activity refused for good. */
function refusalIn(error: unknown): Refusal | undefined {
  const cause = rootCause(error);
  const detail: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return typeof detail === 'object' && detail !== null && isRefusal(detail) ? detail : undefined;
}

export const REPLAYED: Refusal = {
  code: 'Unauthenticated',
  message: 'This assertion was used before: each proves one command, once.',
  field: 'actor.assertion',
  accepted: 'a new assertion',
};
