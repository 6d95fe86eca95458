import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { ReevaluateCommand } from '../domain/commands.ts';
import { resultOf } from './command-result.ts';
import { evaluate } from './evaluation.ts';
import type { Concluded } from './evaluation.ts';
import { toRequestError } from './failures.ts';
import type { Delivery, Inbox } from './inbox.ts';
import type { Record } from './record.ts';
import { recount, review } from './review.ts';
import type { Decided } from './review.ts';
import { withdraw } from './withdrawal.ts';

export type GateEnd =
  | Decided
  | { readonly result: 'expired' }
  | { readonly result: 'withdrawn' }
  /** The policies were asked again: what they say now counts. */
  | { readonly result: 'reevaluated'; readonly admission: Concluded };

/**
 * Waits until people decide, the requester withdraws or the time is up. One loop takes commands one at a time and is the
 * only place that calls activities, so that every race is a plain order and replays the same way.
 */
export async function waitForPeople(record: Record, inbox: Inbox, dueAt: string): Promise<GateEnd> {
  const expiry = startExpiry(dueAt);
  try {
    const standing = await recount(record);
    if (standing) return standing;
    for (;;) {
      await condition(() => !inbox.isEmpty() || inbox.isCancelled() || expiry.isDue());
      if (inbox.isCancelled()) return { result: 'withdrawn' };
      const delivery = inbox.take();
      if (!delivery) return { result: 'expired' };
      const end = await handle(delivery, record, inbox);
      if (end) return end;
    }
  } finally {
    expiry.stop();
  }
}

function startExpiry(dueAt: string) {
  const scope = new CancellationScope();
  let due = false;
  const timer = scope.run(async () => {
    await sleep(Math.max(Date.parse(dueAt) - Date.now(), 1), { summary: `Expires ${dueAt}` });
    due = true;
  });
  // It only ever fails by being stopped: somebody decided in time.
  timer.catch(() => undefined);
  return { isDue: () => due, stop: () => scope.cancel() };
}

async function handle(delivery: Delivery, record: Record, inbox: Inbox): Promise<GateEnd | undefined> {
  switch (delivery.kind) {
    case 'withdraw':
      return (await withdraw(delivery, record)) ? { result: 'withdrawn' } : undefined;
    case 'review': {
      const { answer, end } = await review(delivery.command, record);
      delivery.answer = answer;
      return end;
    }
    case 'reevaluate':
      return reevaluate(delivery, record, inbox);
  }
}

/** Asks the policies again, unless the same set has decided already. If they cannot be asked, what they said stands. */
async function reevaluate(
  delivery: Delivery & { command: ReevaluateCommand },
  record: Record,
  inbox: Inbox,
): Promise<GateEnd | undefined> {
  if (delivery.command.policyDigest === record.view.policyDigest) {
    delivery.answer = resultOf(record.view);
    return undefined;
  }
  try {
    const admission = await evaluate(record, inbox);
    delivery.answer = resultOf(record.view);
    return admission === 'withdrawn' ? { result: 'withdrawn' } : { result: 'reevaluated', admission };
  } catch (error) {
    const { type, message } = toRequestError(error);
    delivery.answer = { code: 'Unavailable', message: `The policies could not be asked again (${type}: ${message}).` };
    return undefined;
  }
}
