import { ApplicationFailure } from '@temporalio/common';
import { isRefusal, unavailable, type Refusal } from '../../domain/refusal.ts';
import { firmActivities, isTerminal, localActivities, rootCause, toRequestError, type Proxy } from './activities.ts';

/**
 * Checks something that a caller waits for: in a local activity, and if that fails in a way that may pass, a little more
 * patiently in an ordinary one. Not for long: the caller waits 10 s, and the loop handles nothing else meanwhile. An
 * outage is a refusal that says so, never a guess.
 */
export async function quickThenFirm<T extends object>(
  summary: string,
  run: (proxy: Proxy) => Promise<T>,
): Promise<T | Refusal> {
  try {
    return await run(localActivities(summary));
  } catch (error) {
    if (isTerminal(error)) return refusalIn(error) ?? unavailable(toRequestError(error));
  }
  try {
    return await run(firmActivities(summary));
  } catch (error) {
    return refusalIn(error) ?? unavailable(toRequestError(error));
  }
}

/** A refusal that an activity threw: it is for good. */
function refusalIn(error: unknown): Refusal | undefined {
  const cause = rootCause(error);
  const detail: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return typeof detail === 'object' && detail !== null && isRefusal(detail) ? detail : undefined;
}
