import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { Grant } from '../activities/settle.ts';
import type { Settings } from '../domain/settings.ts';
import { chimeActivities } from './activity-options.ts';
import { validUntil } from './carried.ts';
import type { Kept } from './carried.ts';
import { rootCause } from './failures.ts';
import type { Record } from './record.ts';

/** What came of the call. `tooOld`: it was not made, since the policies have to be asked again; no attempt was applied. */
export type Granted = Grant | { readonly outcome: 'tooOld' };

/** Makes the call, retried by the table. Throws the last failure when it is terminal or the time is up. */
export async function grant({ view: { request }, memory }: Record, bearer: string, kept: Kept): Promise<Granted> {
  const { settings } = kept;
  const firstScheduledAt = Date.now();
  const call = { request, bearer, ...(memory.tried ? { tried: memory.tried } : {}) };
  const summary = `Add the ${request.type} member`;
  try {
    const chime = chimeActivities(summary, bearer, settings);
    return await chime.createChannelMembership({ ...call, validUntil: validUntil(kept) });
  } catch (error) {
    const isTooOld = failedAs(error)?.type === 'AdmissionTooOld';
    if (!mayHaveBeenApplied(error)) {
      if (isTooOld) return { outcome: 'tooOld' };
      throw error;
    }
    memory.addTried(bearer, firstScheduledAt);
    const look = chimeActivities(LOOK, bearer, isTooOld ? settings : forAWhile(settings));
    const looked = look.findMembership({ ...call, firstScheduledAt });
    // After a failure, that one says more than that we cannot look either.
    const found = await (isTooOld ? looked : looked.catch(() => null));
    if (found) return found;
    if (isTooOld) return { outcome: 'tooOld' };
    throw error;
  }
}

/** Of a member whom the policies found there: whether an attempt of ours made the membership; `null` where it is gone again. */
export async function claim({ view: { request }, memory }: Record, kept: Kept): Promise<Grant | null> {
  const { serviceBearer, settings } = kept;
  const { tried } = memory;
  const [bearer = serviceBearer] = tried?.bearers ?? [];
  const firstScheduledAt = tried?.firstScheduledAt ?? Date.now();
  const look = chimeActivities(LOOK, serviceBearer, settings);
  return look.findMembership({ request, bearer, firstScheduledAt, ...(tried ? { tried } : {}) });
}

const LOOK = 'Look whether an attempt was applied after all';

/** How long a last look may take, in ms. */
const LOOK_FOR_MS = 60_000;

function forAWhile({ retry, ...settings }: Settings): Settings {
  return { ...settings, retry: { ...retry, forMs: Math.min(retry.forMs, LOOK_FOR_MS) } };
}

function failedAs(error: unknown): ApplicationFailure | undefined {
  const cause = rootCause(error);
  return error instanceof ActivityFailure && cause instanceof ApplicationFailure ? cause : undefined;
}

/** A first attempt that was refused changed nothing; after several, or a time-out, nobody knows. */
function mayHaveBeenApplied(error: unknown): boolean {
  const cause = failedAs(error);
  if (!cause) return true;
  const { attempt, earlierAttempt = attempt !== 1 } = (cause.details?.[0] ?? {}) as {
    attempt?: number;
    earlierAttempt?: boolean;
  };
  return earlierAttempt;
}
