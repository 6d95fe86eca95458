import type { Review } from './approval/panel.ts';
import { isAmongAny } from './requirement.ts';
import { activePanel, type RequestView } from './view.ts';

/** Why a review does not count, if it does not. */
export type Standing = readonly [review: Review, uncounted?: string];

/** All reviews, in the order in which they came. Of those about what is resolved nothing can be said any more. */
export function standingOf(view: RequestView): Standing[] {
  const panel = view.term && view.state !== 'active' ? undefined : activePanel(view);
  if (!panel) return view.approvals.map((review) => [review]);
  const stages = panel.requirements.flatMap((requirement) => requirement.stages);
  const approvers = stages.flatMap((stage) => stage.approvers);
  const latest = new Map(
    view.approvals.filter(({ decision }) => decision !== 'comment').map((review) => [review.reviewer, review]),
  );
  return view.approvals.map((review): Standing => {
    const { reviewer, decision, requestDigest, roles, matched } = review;
    if (decision === 'comment') return [review];
    if (requestDigest !== panel.requestDigest) return [review, 'it is about an earlier version of the request'];
    if (panel.excluded.includes(reviewer)) return [review, 'the reviewer is a party of the request'];
    if (latest.get(reviewer) !== review) return [review, 'the same person reviewed again'];
    if (!isAmongAny(approvers, { arn: reviewer, roles, matched }))
      return [review, 'the reviewer is no approver any more'];
    return [review];
  });
}
