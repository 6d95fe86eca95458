import type { Actor } from './actor.ts';
import { nextDueAt } from './approval.ts';
import type { Panel, PanelEvent, Review, ReviewDecision } from './approval.ts';

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
