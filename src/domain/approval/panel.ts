import type { BoundRequirement } from '../admission.ts';
import type { Approvers, Candidate } from '../requirement.ts';

export const REVIEW_DECISIONS = ['approve', 'deny', 'abstain', 'comment', 'requestChanges'] as const;
export type ReviewDecision = (typeof REVIEW_DECISIONS)[number];

/** One person's answer, as it was accepted: with what made them an approver then. */
export interface Review {
  readonly reviewer: string;
  readonly decision: ReviewDecision;
  /** Makes giving the same review twice harmless. */
  readonly reviewId?: string;
  /** Of the request that was reviewed: an amended request needs new reviews. */
  readonly requestDigest: string;
  /** ISO 8601. */
  readonly at: string;
  /** Whether the reviewer proved who they are; `false` means the caller was trusted. */
  readonly verified: boolean;
  readonly roles: readonly string[];
  /** The CEL expressions of the requirements that were true for the reviewer. */
  readonly matched: readonly string[];
  readonly comment?: string;
}

/** Where one stage stands. */
export interface StageProgress {
  readonly name: string;
  readonly status: 'waiting' | 'open' | 'approved' | 'denied' | 'overdue';
  /** Who may review it now: its approvers, its fallback, or whom it was escalated or reassigned to; several are alternatives. */
  readonly approvers: readonly Approvers[];
  /** ISO 8601, while or after it was open. */
  readonly startedAt?: string;
  readonly dueAt?: string;
  /** How many of its timed actions were done; they are done in the order of their times. */
  readonly actionsDone: number;
  /** What decided it, if not reviews. */
  readonly by?: 'time' | 'noApprovers';
  readonly approvedBy: readonly string[];
  readonly deniedBy: readonly string[];
}

export interface RequirementProgress {
  readonly requirement: BoundRequirement;
  readonly stages: readonly StageProgress[];
}

/** The requirements of a request, and how far people are with them. A plain value: it travels with continue-as-new. */
export interface Panel {
  readonly requirements: readonly RequirementProgress[];
  /** In the order in which they came. Those of an earlier digest, or of who lost their office, are kept and do not count. */
  readonly reviews: readonly Review[];
  /** Who could review, as far as it was read last. */
  readonly people: readonly Candidate[];
  /** The parties of the request: requester, member and bearer. Their reviews never count. */
  readonly excluded: readonly string[];
  readonly requestDigest: string;
  /** When the whole request expires, ISO 8601. */
  readonly dueAt: string;
  /** The time of the latest event, ISO 8601: an earlier one that comes after it counts as of then. */
  readonly at: string;
  /** How many reviews that no longer counted were dropped, for there were many. */
  readonly droppedReviews: number;
  readonly result: Resolution;
}

/** Once it is not `open`, nothing changes it any more. */
export type Resolution =
  | { readonly result: 'open' }
  /** `completedBy`: whose review met the last requirement; none where time or the lack of approvers did. */
  | { readonly result: 'approved'; readonly completedBy?: string }
  | { readonly result: 'denied'; readonly code: DenialCode; readonly binding: string; readonly by?: string }
  | { readonly result: 'expired'; readonly binding?: string };

export type DenialCode = 'REVIEW_DENIED' | 'DENIED_BY_TIME' | 'NO_ELIGIBLE_APPROVER';

/** Times are in ms since 1970. */
export type PanelEvent =
  | { readonly kind: 'review'; readonly at: number; readonly review: Review }
  /** Everything is done that is due at `at`. */
  | { readonly kind: 'time'; readonly at: number }
  /** Who could review was read again. */
  | { readonly kind: 'roster'; readonly at: number; readonly people: readonly Candidate[] }
  /** Earlier reviewers as they stand now; who is not named keeps what they had. */
  | { readonly kind: 'standing'; readonly at: number; readonly people: readonly Candidate[] }
  /** Policies were asked again, perhaps about an amended request. Stages that were asked for before go on. */
  | {
      readonly kind: 'required';
      readonly at: number;
      readonly requirements: readonly BoundRequirement[];
      readonly people: readonly Candidate[];
      readonly requestDigest: string;
      /** The parties of the request, where it names another bearer now. */
      readonly excluded?: readonly string[];
      /** Nobody was asked meanwhile: the request waited for answers or for a time. */
      readonly paused?: boolean;
    }
  /** An operator names others for the open stage of a requirement. */
  | {
      readonly kind: 'reassign';
      readonly at: number;
      readonly binding: string;
      readonly to: Approvers;
      readonly people: readonly Candidate[];
    };

/** What a change brought about that people should hear of. */
export interface PanelNote {
  readonly kind: 'remind' | 'escalate' | 'extend' | 'stage' | 'overdue';
  readonly binding: string;
  readonly stage: string;
}

export interface Changed {
  readonly panel: Panel;
  readonly notes: readonly PanelNote[];
}

/** A line of where the requirements stand, for answers and lists. */
export interface Progress {
  readonly binding: string;
  readonly stage: string;
  readonly status: StageProgress['status'];
  /** Of the alternative that is nearest. */
  readonly approve: number;
  readonly approvedBy: readonly string[];
}
