import { isRefusal } from '../../domain/commands.ts';
import { refused } from '../allowed.ts';
import { toldResult } from '../command-result.ts';
import type { Delivery } from '../inbox.ts';
import type { Record } from '../record.ts';
import type { Run } from '../run.ts';
import { prove } from '../verification.ts';

/** Answers a withdrawal; whether the request is withdrawn. */
export async function withdraw(delivery: Delivery & { name: 'withdraw' }, record: Record): Promise<boolean> {
  const refusal = refused(delivery, record.view);
  const verified = refusal ?? (await prove('withdraw', delivery.command, record));
  if (isRefusal(verified)) {
    delivery.answer = verified;
    return false;
  }
  delivery.answer = { ...toldResult(record.view), state: 'closed', outcome: 'withdrawn' };
  return true;
}

/** Whether a withdrawal has come that nobody has looked at yet, and counts. */
export async function takesBack({ record, inbox }: Run): Promise<boolean> {
  for (let one = inbox.takeWithdrawal(); one; one = inbox.takeWithdrawal()) {
    if (await withdraw(one, record)) return true;
  }
  return false;
}
