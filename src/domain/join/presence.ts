import type { Reason } from '../admission.ts';
import type { Refusal } from '../refusal.ts';
import type { RequestError } from '../view.ts';

/** What Chime says stands where a grant of ours made a membership. `createdAt`, `at`: ISO 8601; `ageMs`: since it was made. */
export type Look =
  | { readonly is: 'there'; readonly at: string; readonly createdAt: string; readonly ageMs: number }
  | { readonly is: 'gone' | 'notOurs' };

/** Whether the member is still there as this request made it; members leave, and others remove them or add them anew. */
export type Seen =
  | { readonly is: 'there' }
  | { readonly is: 'left'; readonly reason: Reason }
  | { readonly is: 'unknown'; readonly refusal: Refusal };

export function seenIn(look: Look): Seen {
  return look.is === 'there' ? { is: 'there' } : { is: 'left', reason: { ...LEFT, message: MESSAGES[look.is] } };
}

export function unseen({ type, message }: RequestError): Seen {
  return {
    is: 'unknown',
    refusal: { code: 'Unavailable', message: `${UNSEEN} (${type}: ${message}) Nothing was changed: try again.` },
  };
}

/** The membership is over, and there is nothing of ours to remove. */
const LEFT = { code: 'LEFT', binding: 'host', visibility: 'full' } as const;

const MESSAGES = {
  gone: 'The member left, or was removed in Chime.',
  notOurs: 'The membership there now is not the one that this request made.',
};

const UNSEEN = 'Whether the member is still there is not known.';

/** The loop had no time to look. */
export const NOT_SEEN: Refusal = {
  code: 'Unavailable',
  message: `${UNSEEN} The request has other work just now, or Chime is slow. Nothing was changed: ask again.`,
};

/** The membership, as far as a command about it goes. */
export const GONE: Refusal = {
  code: 'NotActive',
  message: 'The membership of this request is gone from Chime: the request ends. Ask to join again.',
};
