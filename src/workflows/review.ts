import { answers, resolve } from '../domain/approval.ts';
import type { Resolution, Review } from '../domain/approval.ts';
import { isRefusal } from '../domain/commands.ts';
import type { CommandResult, Refusal, ReviewCommand } from '../domain/commands.ts';
import { resultOf } from './command-result.ts';
import type { Record } from './record.ts';
import { confirm, verify } from './verification.ts';

/** What people came to. */
export type Decided = { readonly result: 'approved'; readonly completedBy: string } | { readonly result: 'denied' };

/** Takes a review, if its author may give it, and says what it came to. */
export async function review(
  { actor, decision, comment }: ReviewCommand,
  record: Record,
): Promise<{ answer: CommandResult | Refusal; end?: Decided }> {
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
  const end = await count([...approvals, given], actor.principal, record);
  if (end && isRefusal(end)) return { answer: end };
  return { answer: { ...resultOf(record.view), ...stateAfter(end) }, ...(end ? { end } : {}) };
}

/** Counts the reviews that stand against the requirements that stand now, such as after policies were asked again. */
export async function recount(record: Record): Promise<Decided | undefined> {
  const { approvals } = record.view;
  const last = approvals.at(-1);
  if (!last) return undefined;
  const end = await count([...approvals], undefined, record);
  // Offices that cannot be read now are read at the next review.
  return end && isRefusal(end) ? undefined : end;
}

/** `fresh`: the reviewer whose office was read just now. */
async function count(
  given: Review[],
  fresh: string | undefined,
  record: Record,
): Promise<Decided | Refusal | undefined> {
  const { requirements } = record.view;
  let reviews = given;
  let resolution = resolve(requirements, reviews);
  if (resolution.result === 'approved') {
    const confirmed = await confirmAll(reviews, fresh, record);
    if (isRefusal(confirmed)) return confirmed;
    reviews = confirmed;
    resolution = resolve(requirements, reviews);
  }
  record.update({ approvals: reviews, progress: resolution.progress });
  return endOf(resolution, reviews);
}

/** Who approved days ago must still be an approver when the request is resolved. */
async function confirmAll(reviews: Review[], fresh: string | undefined, record: Record): Promise<Review[] | Refusal> {
  const earlier = [...new Set(reviews.map(({ reviewer }) => reviewer))].filter((reviewer) => reviewer !== fresh);
  if (earlier.length === 0) return reviews;
  const offices = await confirm(earlier, record.view.request);
  if (isRefusal(offices)) return offices;
  return reviews.map((one) => ({ ...one, roles: offices[earlier.indexOf(one.reviewer)] ?? one.roles }));
}

function endOf(resolution: Resolution, reviews: readonly Review[]): Decided | undefined {
  if (resolution.result === 'open') return undefined;
  if (resolution.result === 'denied') return { result: 'denied' };
  const completedBy = reviews.findLast(({ decision }) => decision === 'approve')?.reviewer;
  return completedBy ? { result: 'approved', completedBy } : undefined;
}

/** What the reviewer is told: the main loop changes the state right after its answer. */
function stateAfter(end: Decided | undefined): Partial<CommandResult> {
  if (end?.result === 'approved') return { state: 'granting' };
  return end?.result === 'denied' ? { state: 'closed', outcome: 'denied' } : {};
}

const NOT_AN_APPROVER: Refusal = {
  code: 'NotAnApprover',
  message: 'You hold no office on this channel that may review this request.',
  field: 'actor.principal',
  accepted: 'a moderator of the channel or an admin of the app instance, as the requirement says; never a bot',
};
