import { isRefusal } from '../domain/commands.ts';
import { resultOf } from './command-result.ts';
import type { Delivery } from './inbox.ts';
import type { Record } from './record.ts';
import { authenticate } from './verification.ts';

/** Answers a withdrawal; whether the request is withdrawn. That the actor may is what the validator found. */
export async function withdraw(delivery: Delivery & { kind: 'withdraw' }, record: Record): Promise<boolean> {
  const verified = await authenticate(delivery.command.actor);
  if (isRefusal(verified)) {
    delivery.answer = verified;
    return false;
  }
  delivery.answer = { ...resultOf(record.view), state: 'closed', outcome: 'withdrawn' };
  return true;
}
