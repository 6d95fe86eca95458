import type { Actor } from '../actor.ts';
import { nextDueAt } from './time.ts';
import type { Panel, PanelEvent, Review, ReviewDecision } from './panel.ts';
import type { Refusal } from '../refusal.ts';

/** A review as it is given. */
interface Given {
  readonly actor: Actor;
  readonly decision: ReviewDecision;
  readonly comment?: string;
  readonly reviewId?: string;
}

/**
 * A review by somebody who was found to be one of the approvers. `now`: ms since 1970. One that comes together with a
 * timer goes first: it was given in time, as far as anybody could tell.
 */
export function reviewEvent(
  panel: Panel,
  { actor, decision, comment, reviewId }: Given,
  { verified, roles, matched }: Pick<Review, 'verified' | 'roles' | 'matched'>,
  now: number,
): PanelEvent & { kind: 'review' } {
  const review: Review = {
    reviewer: actor.principal,
    decision,
    requestDigest: panel.requestDigest,
    at: new Date(now).toISOString(),
    verified,
    roles,
    matched,
    ...(comment === undefined ? {} : { comment }),
    ...(reviewId === undefined ? {} : { reviewId }),
  };
  return { kind: 'review', at: Math.min(now, (nextDueAt(panel) ?? Number.MAX_SAFE_INTEGER) - 1), review };
}

/** A review with the same id by the same person, as far as it is still known. */
export function sameId({ reviews }: Panel, { actor, reviewId }: Given): Review | undefined {
  if (reviewId === undefined) return undefined;
  return reviews.find((review) => review.reviewId === reviewId && review.reviewer === actor.principal);
}

/** Why a review whose id is known is no mere repetition of one that counts here; of dropped ones nobody knows. */
export function refusedRepetition(panel: Panel, given: Given): Refusal | undefined {
  const before = sameId(panel, given);
  if (!before) return panel.droppedReviews > 0 ? undefined : REVIEW_ID_USED;
  const isSame =
    before.requestDigest === panel.requestDigest &&
    before.decision === given.decision &&
    before.comment === given.comment;
  return isSame ? undefined : REVIEW_ID_USED;
}

const REVIEW_ID_USED: Refusal = {
  code: 'ReviewIdUsed',
  message: 'You gave another review with this id before: give this one with an id of its own.',
  field: 'reviewId',
  accepted: 'an id that is new, or none',
};
