import type { ApproverRole } from './facts.ts';
import type { BoundRequirement } from './admission.ts';

/** One person's answer, as it was accepted: with the roles that the person had then. */
export interface Review {
  readonly reviewer: string;
  readonly decision: 'approve' | 'deny';
  /** ISO 8601. */
  readonly at: string;
  /** Whether the reviewer proved who they are; `false` means the caller was trusted. */
  readonly verified: boolean;
  readonly roles: readonly ApproverRole[];
  readonly comment?: string;
}

export interface Progress {
  readonly binding: string;
  readonly approve: number;
  readonly approvedBy: readonly string[];
}

export type Resolution =
  | { readonly result: 'open'; readonly progress: readonly Progress[] }
  | { readonly result: 'approved'; readonly progress: readonly Progress[] }
  | { readonly result: 'denied'; readonly by: string; readonly progress: readonly Progress[] };

/** Whether someone with these roles may answer this requirement. */
export function answers(requirement: BoundRequirement, roles: readonly ApproverRole[]): boolean {
  return requirement.approvers.roles.some((role) => roles.includes(role));
}

/**
 * Where the requirements stand, given all reviews in the order in which they came. The latest review of a person counts,
 * for every requirement whose approvers include them; one deny ends it; every requirement must be met.
 */
export function resolve(requirements: readonly BoundRequirement[], reviews: readonly Review[]): Resolution {
  const counted = [...new Map(reviews.map((review) => [review.reviewer, review])).values()];
  const progress = requirements.map((requirement) => ({
    binding: requirement.binding,
    approve: requirement.approve,
    approvedBy: counted
      .filter((review) => review.decision === 'approve' && answers(requirement, review.roles))
      .map((review) => review.reviewer),
  }));
  const denial = counted.find(
    (review) => review.decision === 'deny' && requirements.some((requirement) => answers(requirement, review.roles)),
  );
  if (denial) return { result: 'denied', by: denial.reviewer, progress };
  const met = progress.every((one) => one.approvedBy.length >= one.approve);
  return { result: met ? 'approved' : 'open', progress };
}
