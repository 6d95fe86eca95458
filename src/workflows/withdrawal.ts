import type { Refusal } from '../domain/commands.ts';
import { isRefusal } from '../domain/commands.ts';
import { resultOf } from './command-result.ts';
import type { Inbox } from './inbox.ts';
import type { Record } from './record.ts';
import { authenticate } from './verification.ts';

/** Handles the next command while nothing but a withdrawal can be taken; whether the request is withdrawn. */
export async function takeWithdrawal(record: Record, inbox: Inbox): Promise<boolean> {
  const delivery = inbox.take();
  if (!delivery) return false;
  if (delivery.kind !== 'withdraw') {
    delivery.answer = NOT_YET;
    return false;
  }
  const verified = await authenticate(delivery.command.actor);
  if (isRefusal(verified)) {
    delivery.answer = verified;
    return false;
  }
  delivery.answer = { ...resultOf(record.view), state: 'closed', outcome: 'withdrawn' };
  return true;
}

const NOT_YET: Refusal = {
  code: 'NotPending',
  message: 'The request is still being evaluated: nobody can review it yet.',
};
