import { LRUCache } from 'lru-cache';

/**
 * `channel-admission/webhook`: for services that receive notifications, or questions of the policy `http`. Signatures are
 * checked by a library of Standard Webhooks, such as `standardwebhooks` on npm.
 */
export type { WebhookBody } from '../notifications/channels/webhook.ts';
export type { WebhookHeaders } from '../standard-webhooks.ts';

/** Remembers which deliveries were acted on, in this process. */
export interface ReplayGuard {
  /** Whether an id is new; from now on it is not. */
  take(id: string): boolean;
  /** Acting on it failed: it may come again. */
  release(id: string): void;
}

const TWO_DAYS_MS = 2 * 86_400_000;

/**
 * Tells a delivery that came before, sent again because the answer got lost or replayed by somebody else. A notification
 * is tried for 24 h where nothing else is configured: `forMs` should be longer. The id is `webhook-id`, once its signature is verified.
 */
export function createReplayGuard({ forMs = TWO_DAYS_MS, max = 100_000 } = {}): ReplayGuard {
  const seen = new LRUCache<string, true>({ max, ttl: forMs });
  return {
    take(id) {
      if (seen.has(id)) return false;
      seen.set(id, true);
      return true;
    },
    release: (id) => void seen.delete(id),
  };
}
