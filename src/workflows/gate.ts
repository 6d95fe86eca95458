import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { answers, resolve } from '../domain/approval.ts';
import type { Resolution, Review } from '../domain/approval.ts';
import { isRefusal } from '../domain/commands.ts';
import type { CommandResult, Refusal, ReviewCommand } from '../domain/commands.ts';
import { resultOf } from './command-result.ts';
import type { Inbox } from './inbox.ts';
import type { Record } from './record.ts';
import { confirm, verify } from './verification.ts';
import { takeWithdrawal } from './withdrawal.ts';

export type GateEnd =
  | { readonly result: 'approved'; readonly completedBy: string }
  | { readonly result: 'denied' }
  | { readonly result: 'expired' }
  | { readonly result: 'withdrawn' };

/**
 * Waits until people decide, the requester withdraws or the time is up. One loop takes commands one at a time and is the
 * only place that calls activities, so that every race is a plain order and replays the same way.
 */
export async function waitForPeople(record: Record, inbox: Inbox, expireAfterMs: number): Promise<GateEnd> {
  const expiry = startExpiry(expireAfterMs, record.view.dueAt);
  try {
    for (;;) {
      await condition(() => !inbox.isEmpty() || inbox.isCancelled() || expiry.isDue());
      if (inbox.isCancelled()) return { result: 'withdrawn' };
      if (inbox.isEmpty()) return { result: 'expired' };
      const end = await handleNext(record, inbox);
      if (end) return end;
    }
  } finally {
    expiry.stop();
  }
}

function startExpiry(ms: number, dueAt: string | undefined) {
  const scope = new CancellationScope();
  let due = false;
  const timer = scope.run(async () => {
    await sleep(ms, { summary: `Expires ${dueAt ?? ''}` });
    due = true;
  });
  // It only ever fails by being stopped: somebody decided in time.
  timer.catch(() => undefined);
  return { isDue: () => due, stop: () => scope.cancel() };
}

async function handleNext(record: Record, inbox: Inbox): Promise<GateEnd | undefined> {
  if (inbox.peek()?.kind === 'withdraw') {
    return (await takeWithdrawal(record, inbox)) ? { result: 'withdrawn' } : undefined;
  }
  const delivery = inbox.take();
  if (delivery?.kind !== 'review') return undefined;
  const { answer, end } = await review(delivery.command, record);
  delivery.answer = answer;
  return end;
}

async function review(
  { actor, decision, comment }: ReviewCommand,
  record: Record,
): Promise<{ answer: CommandResult | Refusal; end?: GateEnd }> {
  const { request, requirements, approvals } = record.view;
  const verified = await verify(actor, request);
  if (isRefusal(verified)) return { answer: verified };
  if (!requirements.some((requirement) => answers(requirement, verified.offices))) return { answer: NOT_AN_APPROVER };
  const given: Review = {
    reviewer: actor.principal,
    decision,
    at: new Date().toISOString(),
    verified: verified.verified,
    roles: verified.offices,
    ...(comment === undefined ? {} : { comment }),
  };
  let reviews = [...approvals, given];
  let resolution = resolve(requirements, reviews);
  if (resolution.result === 'approved') {
    const confirmed = await confirmEarlier(reviews, actor.principal, record);
    if (isRefusal(confirmed)) return { answer: confirmed };
    reviews = confirmed;
    resolution = resolve(requirements, reviews);
  }
  record.update({ approvals: reviews, progress: resolution.progress });
  const end = endOf(resolution, actor.principal);
  return { answer: { ...resultOf(record.view), ...stateAfter(end) }, ...(end ? { end } : {}) };
}

/** Who approved days ago must still be an approver when the request is resolved; the last reviewer was asked just now. */
async function confirmEarlier(reviews: Review[], last: string, record: Record): Promise<Review[] | Refusal> {
  const earlier = [...new Set(reviews.map(({ reviewer }) => reviewer))].filter((reviewer) => reviewer !== last);
  if (earlier.length === 0) return reviews;
  const offices = await confirm(earlier, record.view.request);
  if (isRefusal(offices)) return offices;
  return reviews.map((one) => ({ ...one, roles: offices[earlier.indexOf(one.reviewer)] ?? one.roles }));
}

function endOf(resolution: Resolution, reviewer: string): GateEnd | undefined {
  if (resolution.result === 'approved') return { result: 'approved', completedBy: reviewer };
  return resolution.result === 'denied' ? { result: 'denied' } : undefined;
}

/** What the reviewer is told: the main loop changes the state right after its answer. */
function stateAfter(end: GateEnd | undefined): Partial<CommandResult> {
  if (end?.result === 'approved') return { state: 'granting' };
  return end?.result === 'denied' ? { state: 'closed', outcome: 'denied' } : {};
}

const NOT_AN_APPROVER: Refusal = {
  code: 'NotAnApprover',
  message: 'You hold no office on this channel that may review this request.',
  field: 'actor.principal',
  accepted: 'a moderator of the channel or an admin of the app instance, as the requirement says; never a bot',
};
