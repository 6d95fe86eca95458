import type { BoundRequirement, Decision } from '../../src/domain/admission.ts';
import { change, openPanel } from '../../src/domain/approval/change.ts';
import { progressOf } from '../../src/domain/approval/views.ts';
import { endOfWait } from '../../src/domain/deadlines.ts';
import type { Panel, Review } from '../../src/domain/approval/panel.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import type { Candidate } from '../../src/domain/requirement.ts';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { factsOf, requestOf, user } from '../policies/fixtures.ts';

/** When everything begins in these tests; `after` counts hours from there. */
export const T0 = '2026-11-23T12:00:00.000Z';
export const after = (hours: number): string => new Date(Date.parse(T0) + hours * 3_600_000).toISOString();
export const DIGEST = 'a'.repeat(64);

export const moderator = (id: string): Candidate => ({ arn: user(id), roles: ['channel_moderator'], matched: [] });
export const admin = (id: string): Candidate => ({ arn: user(id), roles: ['app_instance_admin'], matched: [] });

export const bound = (requirement: RequirementInput, binding = 'privacy'): BoundRequirement => ({
  binding,
  ...Requirement.parse(requirement),
});

/** What a longer term was judged by. */
export const JUDGED = { decisions: [], facts: {}, composition: { action: 'admit' } } as const;

export function decisionOf(fields: Partial<Decision> = {}): Decision {
  return {
    binding: 'privacy',
    policy: 'privacy',
    version: '1.0.0',
    enforcement: 'Enforce',
    policyDigest: '0123456789ab',
    evaluation: 'allow',
    action: 'admit',
    reads: ['channel', 'requester.role'],
    elapsedMs: 1,
    ...fields,
  };
}

/** Alice asks to join the board; nobody has done anything yet. */
export function viewOf(fields: Partial<RequestView> = {}): RequestView {
  const view: RequestView = {
    id: 'join:board:alice:01234567',
    runId: 'run',
    request: requestOf(),
    requestDigest: DIGEST,
    state: 'evaluating',
    outcome: null,
    policyDigest: '0123456789abcdef',
    decisions: [],
    facts: factsOf(),
    requirements: [],
    progress: [],
    approvals: [],
    inputs: [],
    answers: [],
    notes: [],
    requestedAt: T0,
    ...fields,
  };
  const deadline = endOfWait(view);
  return { ...view, ...(deadline ? { deadline } : {}) };
}

export function reviewOf(id: string, fields: Partial<Review> = {}): Review {
  return {
    reviewer: user(id),
    decision: 'approve',
    requestDigest: DIGEST,
    at: after(1),
    verified: true,
    roles: ['channel_moderator'],
    matched: [],
    ...fields,
  };
}

/** A panel that was opened at T0, and what was reviewed since; time goes on with each review. */
export function panelOf(
  requirements: readonly BoundRequirement[],
  people: readonly Candidate[],
  reviews: readonly Review[] = [],
): Panel {
  const at = Date.parse(T0);
  const opened = openPanel({
    requirements,
    people,
    excluded: [user('alice')],
    requestDigest: DIGEST,
    at,
    dueAt: Date.parse(after(30 * 24)),
  });
  return reviews.reduce(
    (panel, review) => change(panel, { kind: 'review', at: Date.parse(review.at), review }).panel,
    opened.panel,
  );
}

/** What the workflow tells of a request that people have to review. */
export function pendingOn(panel: Panel, fields: Partial<RequestView> = {}): RequestView {
  return viewOf({
    state: 'pending',
    waitsFor: 'people',
    expiresAt: panel.dueAt,
    panel,
    requirements: panel.requirements.map(({ requirement }) => requirement),
    progress: progressOf(panel),
    approvals: panel.reviews,
    ...fields,
  });
}
