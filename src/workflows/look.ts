import type { Reason } from '../domain/admission.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { localFirst } from './local-first.ts';
import type { Record } from './record.ts';

/** What stands in Chime where this request made a membership. */
export type Seen =
  | { readonly is: 'there' }
  | { readonly is: 'left'; readonly reason: Reason }
  | { readonly is: 'unknown'; readonly refusal: Refusal };

/**
 * Looks whether the member is still there as this request made it. What was recorded once is not the present: members
 * leave, and others remove them or add them anew.
 */
export async function look(record: Record): Promise<Seen> {
  const { request, grant = { type: request.type } } = record.view;
  const found = await localFirst(SUMMARY, (proxy) => proxy.lookAtMembership({ request, grant }));
  if (isRefusal(found)) return { is: 'unknown', refusal: { ...found, message: `${UNSEEN} ${found.message}` } };
  if (found.is !== 'there') return { is: 'left', reason: { ...LEFT, message: MESSAGES[found.is] } };
  record.update({ seenAt: found.at });
  return { is: 'there' };
}

const SUMMARY = 'Look whether the member is still there';

/** The membership is over, and there is nothing of ours to remove. */
export const LEFT = { code: 'LEFT', binding: 'host', visibility: 'full' } as const;

const MESSAGES = {
  gone: 'The member left, or was removed in Chime.',
  notOurs: 'The membership there now is not the one that this request made.',
};

const UNSEEN = 'Whether the member is still there is not known.';

/** Nobody looked in time. */
export const NOT_SEEN: Refusal = {
  code: 'Unavailable',
  message: `${UNSEEN} The request has other work just now, or Chime is slow. Nothing was changed: ask again.`,
};

/** The membership, as far as a command about it goes. */
export const GONE: Refusal = {
  code: 'NotActive',
  message: 'The membership of this request is gone from Chime: the request ends. Ask to join again.',
};
