import type { RetrySettings } from '../domain/settings.ts';

/**
 * How often in a row the call was kept waiting until the policies had to be asked again. Each round begins its retries anew:
 * without pauses of their own, many rounds would ask and call as if Chime had never refused.
 */
export interface Rounds {
  /** How long to wait before the policies are asked once more, in ms; `undefined` where it has taken too long in all. */
  next(retry: RetrySettings, admittedAt: number): number | undefined;
  /** The request waits for something else now. */
  reset(): void;
}

/** So long a pause costs nobody more than Chime does, and a day of them still fits into one run. */
const MAX_PAUSE_MS = 300_000;

export function createRounds(): Rounds {
  let rounds = 0;
  let since = 0;
  return {
    next({ initialMs, forMs }, admittedAt) {
      if (rounds === 0) since = admittedAt;
      rounds += 1;
      if (Date.now() - since > forMs) return undefined;
      return rounds === 1 ? 0 : Math.min(initialMs * 2 ** (rounds - 2), MAX_PAUSE_MS);
    },
    reset() {
      rounds = 0;
    },
  };
}
