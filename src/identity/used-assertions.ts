import { LRUCache } from 'lru-cache';
import { CLOCK_SKEW, MAX_LIFETIME } from './assertion.ts';

/** Longer than any assertion is accepted. */
const REMEMBERED_MS = (MAX_LIFETIME + 2 * CLOCK_SKEW) * 1_000;
const MAX_REMEMBERED = 50_000;

/**
 * What each assertion was used for, within this process. The request itself remembers too, but not beyond its run: this
 * finds an assertion that comes back when the same request is asked for once more.
 */
export function createUsedAssertions(): (id: string, use: string) => boolean {
  const used = new LRUCache<string, string>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });
  /** Whether this is its only use. A check may run twice for one command: that is the same use. */
  return (id, use) => {
    const before = used.get(id);
    if (before === undefined) used.set(id, use);
    return before === undefined || before === use;
  };
}
