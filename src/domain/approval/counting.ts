import { durationMs } from '../duration.ts';
import {
  approversIn,
  CHIME_ROLES,
  countsFor,
  isAmongAny,
  ROSTER_LIMIT,
  type Approvers,
  type Candidate,
  type Stage,
  type Threshold,
  type TimedAction,
} from '../requirement.ts';
import { same } from '../same.ts';
import type { Panel, RequirementProgress, Review, StageProgress } from './panel.ts';

/** The last time that a Date can tell: sums of long durations stop there, so that none of them is invalid. */
const END_OF_TIME = 8_640_000_000_000_000;

export function isoOf(ms: number): string {
  return new Date(Math.min(ms, END_OF_TIME)).toISOString();
}

/** A stage whose turn has not come. */
export function waiting(stage: Stage): StageProgress {
  const { name, approvers } = stage;
  return { name, status: 'waiting', approvers: [approvers], actionsDone: 0, approvedBy: [], deniedBy: [] };
}

/** A stage whose turn comes now. */
export function begun(stage: Stage, at: number): StageProgress {
  const dueAt = stage.dueIn === undefined ? {} : { dueAt: isoOf(at + durationMs(stage.dueIn)) };
  return { ...waiting(stage), status: 'open', startedAt: isoOf(at), ...dueAt };
}

/** A stage's timed actions as they are done: by time, a denial before others of the same time, else as written. */
export function actionsInOrder({ timedActions }: Stage): TimedAction[] {
  const denialFirst = timedActions.toSorted((a, b) => Number(b.do === 'deny') - Number(a.do === 'deny'));
  return denialFirst.toSorted((a, b) => durationMs(a.at) - durationMs(b.at));
}

export function personOf({ reviewer, roles, matched }: Review): Candidate {
  return { arn: reviewer, roles, matched };
}

/**
 * The reviews that count: the latest of each person, if it is about the request as it is now. What somebody took back while
 * the request was another one does not come back with it when it is amended back. A comment says nothing.
 */
export function countingReviews({ reviews, requestDigest, excluded }: Panel): Review[] {
  const latest = new Map<string, Review>();
  for (const review of reviews) {
    if (review.decision === 'comment' || excluded.includes(review.reviewer)) continue;
    latest.delete(review.reviewer);
    latest.set(review.reviewer, review);
  }
  return [...latest.values()].filter((review) => review.requestDigest === requestDigest);
}

/** Who approves and who denies, of those whose reviews count for a threshold. */
export function tally(
  threshold: Pick<Threshold, 'approvers'>,
  approvers: readonly Approvers[],
  reviews: readonly Review[],
): { approvedBy: string[]; deniedBy: string[] } {
  const counting = reviews.filter((review) => countsFor(threshold, approvers, personOf(review)));
  const by = (decision: Review['decision']) =>
    counting.filter((review) => review.decision === decision).map(({ reviewer }) => reviewer);
  return { approvedBy: by('approve'), deniedBy: by('deny') };
}

/** What the reviews make of a stage. Any denial comes before any approval, whatever the order of the thresholds. */
export function judge(
  { anyOf }: Stage,
  approvers: readonly Approvers[],
  reviews: readonly Review[],
): { verdict: 'denied'; by: string | undefined } | { verdict: 'approved' | 'open' } {
  const counted = anyOf.map((threshold) => ({ ...threshold, ...tally(threshold, approvers, reviews) }));
  const deniers = counted.flatMap(({ deny, deniedBy }) => (deniedBy.length >= deny ? deniedBy : []));
  if (deniers.length > 0) {
    return { verdict: 'denied', by: reviews.findLast(({ reviewer }) => deniers.includes(reviewer))?.reviewer };
  }
  const met = counted.some(({ approve, approvedBy }) => approvedBy.length >= approve);
  return { verdict: met ? 'approved' : 'open' };
}

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
