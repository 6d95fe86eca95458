import pLimit, { type LimitFunction } from 'p-limit';

/**
 * How many commands this process gives to one request at once. Temporal takes ten; each one more does not only fail, it
 * makes the server forget the task in which the ten are handled (seen with server 1.29: nothing gets done at all).
 */
const AT_ONCE = 6;

const limits = new Map<string, LimitFunction>();

/** Does something about a request when its turn comes; turns are in the order of asking. */
export async function fewAtOnce<T>(id: string, work: () => Promise<T>): Promise<T> {
  const limit = limits.get(id) ?? pLimit(AT_ONCE);
  limits.set(id, limit);
  try {
    return await limit(work);
  } finally {
    if (limit.activeCount + limit.pendingCount === 0) limits.delete(id);
  }
}
