import type { BoundRequirement } from '../../../src/domain/admission.ts';
import { change, openPanel } from '../../../src/domain/approval/change.ts';
import type { Changed, Panel, PanelEvent, Review, ReviewDecision } from '../../../src/domain/approval/panel.ts';
import { Requirement } from '../../../src/schemas/requirement.ts';
import type { Approvers, Candidate } from '../../../src/domain/requirement.ts';
import type { RequirementInput } from '../../../src/schemas/requirement.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const START = Date.parse('2026-11-23T12:00:00.000Z');
export const DIGEST = 'a'.repeat(64);
export const OTHER_DIGEST = 'b'.repeat(64);

export const MODERATOR = 'channel_moderator';
export const ADMIN = 'app_instance_admin';
export const moderators: Approvers = { roles: [MODERATOR] };
export const admins: Approvers = { roles: [ADMIN] };

export const arn = (name: string) => `arn:aws:chime:us-east-1:111122223333:app-instance/one/user/${name}`;

export function person(name: string, ...roles: string[]): Candidate {
  return { arn: arn(name), roles, matched: [] };
}

/** Two moderators, two admins, and who is both. */
export const mona = person('mona', MODERATOR);
export const max = person('max', MODERATOR);
export const ada = person('ada', ADMIN);
export const alan = person('alan', ADMIN);
export const bo = person('bo', MODERATOR, ADMIN);
export const everybody = [mona, max, ada, alan, bo];
/** Who asks: excluded. */
export const rita = person('rita', MODERATOR, ADMIN);

export function bound(requirement: RequirementInput, binding = 'rule'): BoundRequirement {
  return { binding, ...Requirement.parse(requirement) };
}

export type StageInput = Extract<RequirementInput, { stages: unknown }>['stages'][number];

/** A stage that one moderator decides, but for what is given. */
export const stage = (more: Partial<StageInput>): StageInput => ({
  approvers: moderators,
  anyOf: [{ approve: 1 }],
  ...more,
});
export const staged = (more: Partial<StageInput>, binding = 'rule') => bound({ stages: [stage(more)] }, binding);
export const twoModerators = bound({ approvers: moderators, approve: 2 });

export function opened(
  requirements: readonly BoundRequirement[],
  { people = everybody, dueAt = START + 30 * DAY } = {},
): Changed {
  return openPanel({ requirements, people, excluded: [rita.arn], requestDigest: DIGEST, at: START, dueAt });
}

export function review(
  by: Candidate,
  decision: ReviewDecision,
  { at = START, requestDigest = DIGEST } = {},
): PanelEvent & { kind: 'review' } {
  const given: Review = {
    reviewer: by.arn,
    decision,
    requestDigest,
    at: new Date(at).toISOString(),
    verified: true,
    roles: by.roles,
    matched: by.matched,
  };
  return { kind: 'review', at, review: given };
}

export const time = (at: number): PanelEvent => ({ kind: 'time', at });

/** Everything that comes of some events, one after the other. */
export function after(panel: Panel, ...events: PanelEvent[]): Changed {
  const notes: Changed['notes'][number][] = [];
  let current = panel;
  for (const event of events) {
    const changed = change(current, event);
    current = changed.panel;
    notes.push(...changed.notes);
  }
  return { panel: current, notes };
}

/** The panel after the events, from its opening. */
export function panelOf(requirements: readonly BoundRequirement[], ...events: PanelEvent[]): Panel {
  return after(opened(requirements).panel, ...events).panel;
}

/** What it came to, from its opening. */
export function resultOf(requirements: readonly BoundRequirement[], ...events: PanelEvent[]): Panel['result'] {
  return panelOf(requirements, ...events).result;
}
