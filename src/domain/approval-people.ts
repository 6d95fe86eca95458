import { countingReviews, personOf } from './approval-stage.ts';
import type { Panel, RequirementProgress } from './panel.ts';
import { approversIn, CHIME_ROLES, isAmongAny, ROSTER_LIMIT } from './requirement.ts';
import type { Approvers, Candidate } from './requirement.ts';
import { same } from './same.ts';

/** Everybody who could review: whoever was read, and whose reviews count. */
export function candidatesOf(panel: Panel): Candidate[] {
  const listed = new Set(panel.people.map(({ arn }) => arn));
  const others = countingReviews(panel).map(personOf);
  return [...panel.people, ...others.filter(({ arn }) => !listed.has(arn))];
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

/**
 * The people of whom policies know that ask anew, with those whom an operator named: of these policies do not know, nor
 * whether they hold a role of our own or an expression is true for them. There they are what they were.
 */
export function withNamed(panel: Panel, people: readonly Candidate[]): Candidate[] {
  const named = panel.requirements.flatMap(namedIn);
  const read = new Map(people.map((person) => [person.arn, person]));
  for (const { arn, roles, matched } of panel.people) {
    const { roles: offices = [], matched: known = [] } = read.get(arn) ?? {};
    const own = roles.filter((role) => !(CHIME_ROLES as readonly string[]).includes(role));
    const person = { arn, roles: [...new Set([...offices, ...own])], matched: [...new Set([...known, ...matched])] };
    if (isAmongAny(named, person)) read.set(arn, person);
  }
  return [...read.values()];
}

/** The bindings for whose requirements an operator named others. */
export function reassignedIn({ requirements }: Panel): string[] {
  return requirements.filter((one) => namedIn(one).length > 0).map(({ requirement }) => requirement.binding);
}

function namedIn({ requirement, stages }: RequirementProgress): Approvers[] {
  const asked = approversIn(requirement);
  return stages.flatMap(({ approvers }) => approvers.filter((who) => !asked.some((one) => same(one, who))));
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
