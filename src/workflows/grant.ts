import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { Grant } from '../activities/settle.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Settings } from '../domain/settings.ts';
import { chimeActivities } from './activity-options.ts';
import { rootCause } from './failures.ts';

/** Makes the call, retried by the table. Throws the last failure when it is terminal or the time is up. */
export async function grant(request: JoinRequest, bearer: string, settings: Settings): Promise<Grant> {
  const firstScheduledAt = Date.now();
  const call = { request, bearer };
  // The bearer may be the member, whom nothing but payloads names.
  const summary = `Add the ${request.type} member`;
  try {
    return await chimeActivities(summary, bearer, settings).createChannelMembership(call);
  } catch (error) {
    if (!mayHaveBeenApplied(error)) throw error;
    const look = { ...settings, retry: { ...settings.retry, forMs: Math.min(settings.retry.forMs, LOOK_FOR_MS) } };
    const found = await chimeActivities('Look whether an attempt was applied after all', bearer, look)
      .findMembership({ ...call, firstScheduledAt })
      // What failed first says more than that we cannot look either.
      .catch(() => null);
    if (found) return found;
    throw error;
  }
}

/** How long a last look may take, in ms. */
const LOOK_FOR_MS = 60_000;

/** A first attempt that was refused changed nothing; after several, or a time-out, nobody knows. */
function mayHaveBeenApplied(error: unknown): boolean {
  const cause = rootCause(error);
  if (!(error instanceof ActivityFailure) || !(cause instanceof ApplicationFailure)) return true;
  const { attempt } = (cause.details?.[0] ?? {}) as { attempt?: number };
  return attempt !== 1;
}
