/**
 * The approval engine: a pure reducer over what people, time and operators do.
 *
 * - **Stages.** All requirements go on side by side, and all must be approved. In each, the first stage that is not approved
 *   is open; it begins when the one before it is approved.
 * - **Reviews.** The latest per person counts, for every stage of every requirement whose people include its author, also
 *   for stages that begin later. A comment says nothing and replaces nothing; `abstain` and `requestChanges` take back what
 *   was said before. Reviews of another digest and those of the parties never count. Who an author is (roles, expressions) is
 *   what was read last. A stage that reviews approved stays so as long as they count: else it begins anew.
 * - **Thresholds.** One of a stage's alternatives decides it. A denial comes before an approval, and denies the request.
 * - **Time.** A stage's timed actions are counted from its beginning, each done once, all of them in the order of their
 *   times; at the same time a denial comes first, and the end of a stage or of the request last. What is due by the time of
 *   an event is done before the event, but not before policies ask again: time decides nothing about what was asked before.
 * - **Dead ends.** An open stage that too few people could approve goes to its fallback, waits for an escalation that would
 *   help, or has the outcome that it names for this. It is looked for after every event.
 * - **Asked again.** Requirements that are asked for unchanged go on, and the reviews are counted anew. Where the request
 *   was amended, stages that silence approved, or could, begin anew: people were silent about something else. After a time in
 *   which nobody was asked, the times of open stages are counted anew.
 * - **The result is final**, and time alone brings one: nothing waits for longer than until `dueAt`.
 */
import type { BoundRequirement } from '../admission.ts';
import {
  begun,
  personOf,
  isoOf,
  waiting,
  countingReviews,
  withNamed,
  withoutParties,
  withRoster,
  withStanding,
} from './counting.ts';
import { recounted, settle } from './settle.ts';
import { advance, withStage } from './time.ts';
import { canReassign, openStage } from './views.ts';
import type { Changed, Panel, PanelEvent, RequirementProgress, Review } from './panel.ts';
import type { Candidate } from '../requirement.ts';
import { same } from '../same.ts';

/** How many reviews are kept that do not count, or no longer. */
const KEPT_REVIEWS = 200;

export interface Opening {
  readonly requirements: readonly BoundRequirement[];
  /** Who could review. */
  readonly people: readonly Candidate[];
  /** The parties of the request: requester, member and bearer. */
  readonly excluded: readonly string[];
  readonly requestDigest: string;
  /** Now, and when the request expires, in ms since 1970. */
  readonly at: number;
  readonly dueAt: number;
}

/** People begin to be asked. Its notes name the stages that are open. */
export function openPanel({ requirements, people, excluded, requestDigest, at, dueAt }: Opening): Changed {
  const panel: Panel = {
    requirements: requirements.map(unasked),
    reviews: [],
    people: withoutParties(people, excluded),
    excluded,
    requestDigest,
    dueAt: isoOf(dueAt),
    at: isoOf(at),
    droppedReviews: 0,
    result: { result: 'open' },
  };
  return settleAndAdvance(panel, at, []);
}

/** What comes of an event. Total: what cannot be done changes nothing, and after a result nothing does. */
export function change(panel: Panel, event: PanelEvent): Changed {
  if (panel.result.result !== 'open') return { panel, notes: [] };
  const at = Math.max(event.at, Date.parse(panel.at));
  if (event.kind === 'required') return settleAndAdvance(withRequirements(panel, event, at), at, []);
  // What is known of earlier reviewers counts for what is due by now as well.
  const known = event.kind === 'standing' ? recounted(withStanding(panel, event.people)) : panel;
  const due = advance(known, at);
  if (due.panel.result.result !== 'open' || event.kind === 'time') return due;
  return settleAndAdvance(apply(due.panel, event), at, due.notes);
}

/** With stages that begin something may be due at once. */
function settleAndAdvance(panel: Panel, at: number, before: Changed['notes']): Changed {
  const settled = settle(panel, at);
  const advanced = advance(settled.panel, at);
  return { panel: advanced.panel, notes: [...before, ...settled.notes, ...advanced.notes] };
}

function apply(panel: Panel, event: Exclude<PanelEvent, { kind: 'time' | 'required' }>): Panel {
  switch (event.kind) {
    case 'review':
      return withReview(panel, event.review);
    case 'roster':
      return withRoster(panel, event.people);
    case 'standing':
      return panel;
    case 'reassign': {
      const { binding, to, people } = event;
      if (canReassign(panel, binding, to, people) !== 'ok') return panel;
      const found = panel.requirements.find(({ requirement }) => requirement.binding === binding);
      const place = { binding, index: openStage(found?.stages ?? []) };
      return withStage(withStanding(panel, people), place, () => ({ approvers: [to] }));
    }
  }
}

function withReview(panel: Panel, review: Review): Panel {
  // It is about something that is not under review, and so takes nothing back either.
  if (review.requestDigest !== panel.requestDigest) return panel;
  const known = withStanding(panel, [personOf(review)]);
  return bounded({ ...known, reviews: [...known.reviews, review] });
}

/** Of the reviews that do not count the oldest go first. */
function bounded(panel: Panel): Panel {
  const counting = new Set(countingReviews(panel));
  const others = panel.reviews.filter((review) => !counting.has(review));
  if (others.length <= KEPT_REVIEWS) return panel;
  const dropped = new Set(others.slice(0, others.length - KEPT_REVIEWS));
  const reviews = panel.reviews.filter((review) => !dropped.has(review));
  return { ...panel, reviews, droppedReviews: panel.droppedReviews + dropped.size };
}

function withRequirements(panel: Panel, event: Extract<PanelEvent, { kind: 'required' }>, at: number): Panel {
  const { requestDigest, people, excluded = panel.excluded, paused = false } = event;
  const amended = requestDigest !== panel.requestDigest;
  const requirements = event.requirements.map((requirement) => {
    const known = panel.requirements.find((one) => same(one.requirement, requirement));
    if (!known) return unasked(requirement);
    const stands = amended ? withoutSilence(known) : known;
    return paused ? withTimesFrom(stands, at) : stands;
  });
  const next: Panel = { ...panel, requirements, requestDigest, excluded };
  return bounded(withStanding({ ...next, people: [] }, withNamed(next, people)));
}

/** Silence agreed to what was there to be seen: about an amended request it is asked for anew. */
function withoutSilence({ requirement, stages }: RequirementProgress): RequirementProgress {
  const anew = requirement.stages.map((stage, index) => {
    const progress = stages[index];
    const silent = progress?.by !== undefined || stage.timedActions.some((action) => action.do === 'approve');
    return progress && !silent ? progress : waiting(stage);
  });
  return { requirement, stages: anew };
}

/** Nobody could be late while nobody was asked. */
function withTimesFrom({ requirement, stages }: RequirementProgress, at: number): RequirementProgress {
  const anew = requirement.stages.flatMap((stage, index) => {
    const progress = stages[index];
    if (progress?.status !== 'open') return progress ?? [];
    return { ...begun(stage, at), approvers: progress.approvers };
  });
  return { requirement, stages: anew };
}

function unasked(requirement: BoundRequirement): RequirementProgress {
  return { requirement, stages: requirement.stages.map(waiting) };
}
