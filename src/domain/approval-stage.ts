import type { Panel, Review, StageProgress } from './panel.ts';
import { durationMs } from './duration.ts';
import { countsFor } from './requirement.ts';
import type { Approvers, Candidate, Stage, Threshold, TimedAction } from './requirement.ts';

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
