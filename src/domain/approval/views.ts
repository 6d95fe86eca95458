import { candidatesOf, withoutParties, countingReviews, tally } from './counting.ts';
import { couldDecideTogether, reviewsFor } from './distinct.ts';
import type { Panel, PanelNote, Progress, Review, StageProgress } from './panel.ts';
import { approversIn, couldApprove, isAmongAny, type Approvers, type Candidate, type Stage } from '../requirement.ts';

/** Where each requirement stands: its open stage, or its last. */
export function progressOf(panel: Panel): Progress[] {
  const of = reviewsFor(panel);
  return panel.requirements.flatMap(({ requirement, stages }) => {
    const reviews = of(requirement.binding);
    const found = stages.findIndex(({ status }) => status !== 'approved');
    const index = found === -1 ? stages.length - 1 : found;
    const [stage, progress] = [requirement.stages[index], stages[index]];
    if (!stage || !progress) return [];
    const { name, status } = progress;
    return [{ binding: requirement.binding, stage: name, status, ...nearest(stage, progress, reviews) }];
  });
}

/** The alternative that lacks the fewest approvals. */
function nearest({ anyOf }: Stage, { approvers }: StageProgress, reviews: readonly Review[]) {
  const lines = anyOf.map((threshold) => {
    const { approvedBy } = tally(threshold, approvers, reviews);
    return { approve: threshold.approve, approvedBy, missing: threshold.approve - approvedBy.length };
  });
  const { approve, approvedBy } = lines.reduce((best, line) => (line.missing < best.missing ? line : best));
  return { approve, approvedBy };
}

/** Whether a review by this person would count now: for an open stage, or for one that reviews approved. */
export function mayReview(panel: Panel, person: Candidate): boolean {
  return stagesFor(panel, person).length > 0;
}

/** Whether a review by this person has to say why. */
export function needsJustification(panel: Panel, person: Candidate): boolean {
  return stagesFor(panel, person).some(({ stage }) => stage.justification === 'required');
}

/** Who may review an open stage now, or the one that is named, and neither approves nor denies yet. */
export function reviewersNow(panel: Panel, place?: Pick<PanelNote, 'binding' | 'stage'>): string[] {
  const decided = countingReviews(panel).filter(({ decision }) => decision === 'approve' || decision === 'deny');
  const answered = new Set(decided.map(({ reviewer }) => reviewer));
  return candidatesOf(panel)
    .filter((person) => !answered.has(person.arn))
    .filter((person) =>
      stagesFor(panel, person).some(({ binding, stage, progress }) => {
        const isMeant = !place || (binding === place.binding && stage.name === place.stage);
        return progress.status === 'open' && isMeant;
      }),
    )
    .map(({ arn }) => arn);
}

/** Whose reviews the result rests on: they must still be approvers when it is reached. */
export function decidedBy({ result, requirements }: Panel): string[] {
  const stages = requirements.flatMap((one) => one.stages);
  const deciders =
    result.result === 'approved'
      ? stages.flatMap(({ approvedBy }) => approvedBy)
      : stages.flatMap(({ status, by, deniedBy }) => (status === 'denied' && by === undefined ? deniedBy : []));
  return [...new Set(deciders)];
}

/** Everybody who was asked: who could review a stage that has begun. */
export function everAsked(panel: Panel): string[] {
  const begun = panel.requirements.flatMap(({ stages }) => stages.filter(({ status }) => status !== 'waiting'));
  return candidatesOf(panel)
    .filter((person) => begun.some(({ approvers }) => isAmongAny(approvers, person)))
    .map(({ arn }) => arn);
}

/** Everybody whom the requirements mean, or whom they came to mean. */
export function approversOf({ requirements }: Panel): Approvers[] {
  return requirements.flatMap(({ requirement, stages }) => [
    ...approversIn(requirement),
    ...stages.flatMap(({ approvers }) => approvers),
  ]);
}

/** Whether an operator may name `to` for the open stage of a requirement: enough of `people` must be among them. */
export function canReassign(
  panel: Panel,
  binding: string,
  to: Approvers,
  people: readonly Candidate[],
): 'ok' | 'unknownRequirement' | 'notOpen' | 'nobody' {
  const found = panel.requirements.find(({ requirement }) => requirement.binding === binding);
  if (!found) return 'unknownRequirement';
  const stage = found.requirement.stages[openStage(found.stages)];
  if (!stage || panel.result.result !== 'open') return 'notOpen';
  const others = withoutParties(people, panel.excluded);
  const place = { binding, index: openStage(found.stages) };
  return couldApprove(stage.anyOf, [to], others) && couldDecideTogether(panel, place, [to], others) ? 'ok' : 'nobody';
}

/** The place of the stage that is open; -1 if none is. */
export function openStage(stages: readonly StageProgress[]): number {
  return stages.findIndex(({ status }) => status === 'open');
}

function stagesFor(panel: Panel, person: Candidate): { binding: string; stage: Stage; progress: StageProgress }[] {
  if (panel.result.result !== 'open' || panel.excluded.includes(person.arn)) return [];
  const all = panel.requirements.flatMap(({ requirement, stages }) =>
    requirement.stages.flatMap((stage, index) => {
      const progress = stages[index];
      return progress ? [{ binding: requirement.binding, stage, progress }] : [];
    }),
  );
  return all.filter(({ progress: { status, by, approvers } }) => {
    const decides = status === 'open' || (status === 'approved' && by === undefined);
    return decides && isAmongAny(approvers, person);
  });
}
