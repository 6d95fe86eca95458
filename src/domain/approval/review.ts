import type { Actor } from '../actor.ts';
import type { Candidate } from '../requirement.ts';
import { nextDueAt } from './time.ts';
import { mayReview, needsJustification } from './views.ts';
import type { Panel, PanelEvent, Review, ReviewDecision } from './panel.ts';
import type { Refusal } from '../refusal.ts';

/** A review as it is given. */
interface Given {
  readonly actor: Pick<Actor, 'principal'>;
  readonly decision: ReviewDecision;
  readonly comment?: string;
  readonly reviewId?: string;
  /** Of what the reviewer saw; without it the review is about what is under review now. */
  readonly requestDigest?: string;
}

/**
 * Why a review does not count, where nothing has to be read to say so. `isKnown`: the same person gave one with its id before;
 * repeating that does no harm, whatever is under review by now.
 */
export function refusedUnread(
  panel: Panel,
  given: Pick<Given, 'actor' | 'reviewId' | 'requestDigest'>,
  isKnown = sameId(panel, given) !== undefined,
): Refusal | undefined {
  const { requestDigest: seen = panel.requestDigest } = given;
  return isKnown || seen === panel.requestDigest ? undefined : { ...CHANGED, accepted: panel.requestDigest };
}

/** Why a review by this person, with the roles that were read just now, does not count. `repeated`: it counts already. */
export function reviewRefusal(
  panel: Panel,
  given: Given,
  { roles, matched }: Pick<Candidate, 'roles' | 'matched'>,
  isKnown = sameId(panel, given) !== undefined,
): Refusal | 'repeated' | undefined {
  if (isKnown) return refusedRepetition(panel, given) ?? 'repeated';
  const person = { arn: given.actor.principal, roles, matched };
  if (!mayReview(panel, person)) return NOT_AN_APPROVER;
  if (given.comment === undefined && needsJustification(panel, person)) return UNJUSTIFIED;
  return refusedUnread(panel, given, isKnown);
}

/** Of what came in the same moment: a denial goes first, and whoever takes an approval back before whoever approves. */
export function reviewRank(decision: ReviewDecision): 0 | 1 | 2 {
  return ({ deny: 0, abstain: 1, requestChanges: 1, approve: 2, comment: 2 } as const)[decision];
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
export function sameId(
  { reviews }: Panel,
  { actor, reviewId }: { readonly actor: { readonly principal: string }; readonly reviewId?: string },
): Review | undefined {
  if (reviewId === undefined) return undefined;
  return reviews.find((review) => review.reviewId === reviewId && review.reviewer === actor.principal);
}

/** Why a review whose id is known is no mere repetition of one that counts here; of dropped ones nobody knows. */
function refusedRepetition(panel: Panel, given: Given): Refusal | undefined {
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

const NOT_AN_APPROVER: Refusal = {
  code: 'NotAnApprover',
  message: 'You are not among those who may review this now.',
  field: 'actor.principal',
  accepted: 'who the open stage of a requirement names; never a bot',
};

const UNJUSTIFIED: Refusal = {
  code: 'JustificationRequired',
  message: 'This stage asks for a reason with every review.',
  field: 'comment',
  accepted: '1 to 1024 characters',
};

const CHANGED: Refusal = {
  code: 'RequestChanged',
  message: 'Something else is under review by now: look again, and review what it is.',
  field: 'requestDigest',
};
