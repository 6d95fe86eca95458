import { countingReviews, personOf } from './approval-stage.ts';
import type { Panel } from './panel.ts';
import { couldApprove } from './requirement.ts';
import type { Approvers, Candidate, Stage } from './requirement.ts';

/** A list of people this long may be cut off: who is not on it may be an approver all the same. */
export const ROSTER_LIMIT = 500;

/** Everybody who could review: whoever was read, and whose reviews count. */
export function candidatesOf(panel: Panel): Candidate[] {
  const listed = new Set(panel.people.map(({ arn }) => arn));
  const others = countingReviews(panel).map(personOf);
  return [...panel.people, ...others.filter(({ arn }) => !listed.has(arn))];
}

/** Whether enough of `people` could meet one of the stage's thresholds. Of a list that may be cut off, nobody can say no. */
export function isReachableBy(stage: Stage, approvers: readonly Approvers[], people: readonly Candidate[]): boolean {
  return people.length >= ROSTER_LIMIT || couldApprove(stage.anyOf, approvers, people);
}

/** These people are now what is said here; the others are what they were. */
export function withStanding(panel: Panel, people: readonly Candidate[]): Panel {
  const named = new Map(people.map((person) => [person.arn, person]));
  const kept = panel.people.filter(({ arn }) => !named.has(arn));
  return { ...withReviewers(panel, named), people: withoutParties([...kept, ...named.values()], panel.excluded) };
}

/** Nobody but these people could review; a reviewer who is not among them holds nothing any more. */
export function withRoster(panel: Panel, people: readonly Candidate[]): Panel {
  const named = new Map(people.map((person) => [person.arn, person]));
  if (people.length < ROSTER_LIMIT) {
    for (const { reviewer: arn } of panel.reviews) if (!named.has(arn)) named.set(arn, { arn, roles: [], matched: [] });
  }
  return { ...withReviewers(panel, named), people: withoutParties(people, panel.excluded) };
}

export function withoutParties(people: readonly Candidate[], excluded: readonly string[]): Candidate[] {
  return people.filter(({ arn }) => !excluded.includes(arn));
}

function withReviewers(panel: Panel, named: ReadonlyMap<string, Candidate>): Panel {
  const reviews = panel.reviews.map((review) => {
    const now = named.get(review.reviewer);
    return now ? { ...review, roles: now.roles, matched: now.matched } : review;
  });
  return { ...panel, reviews };
}
