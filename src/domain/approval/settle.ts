import { candidatesOf, actionsInOrder, begun, countingReviews, judge, tally, waiting } from './counting.ts';
import { couldDecideTogether, reviewsFor } from './distinct.ts';
import type { Changed, DenialCode, Panel, PanelNote, RequirementProgress, Review, StageProgress } from './panel.ts';
import { couldApprove, type Approvers, type Candidate, type Stage } from '../requirement.ts';
import { same } from '../same.ts';

/** What is known when stages are looked at. */
interface Now {
  readonly at: number;
  readonly reviews: readonly Review[];
  readonly people: readonly Candidate[];
  /** Whether people could decide a stage without those who are needed elsewhere. */
  readonly together: (index: number, approvers: readonly Approvers[]) => boolean;
}

type StageNow = Now & { readonly reachable: (approvers: readonly Approvers[]) => boolean };

interface SettledStage {
  readonly progress: StageProgress;
  readonly note?: PanelNote['kind'];
  readonly denied?: { readonly code: DenialCode; readonly by?: string };
}

/**
 * Counts everything again, from the first stage of every requirement, until nothing more follows at this moment.
 * `silent`: it is time that approved a stage just now, so nobody completed what is approved by it.
 */
export function settle(panel: Panel, at: number, silent = false): Changed {
  const reviews = countingReviews(panel);
  const settled = settledRequirements(panel, at);
  const next: Panel = { ...panel, requirements: settled.map(({ progress }) => progress) };
  const denial = settled.flatMap(({ progress: { requirement }, denied }) =>
    denied ? [{ binding: requirement.binding, ...denied }] : [],
  )[0];
  if (denial) return { panel: { ...next, result: { result: 'denied', ...denial } }, notes: [] };
  if (!stagesOf(next).every(({ status }) => status === 'approved')) {
    return { panel: next, notes: settled.flatMap(({ notes }) => notes) };
  }
  const by = completedInSilence(panel, next, silent) ? undefined : lastApprover(next, reviews);
  return {
    panel: { ...next, result: { result: 'approved', ...(by === undefined ? {} : { completedBy: by }) } },
    notes: [],
  };
}

/** Where somebody else is asked for a stage by now, others may count for it: then all are counted again. */
function settledRequirements(panel: Panel, at: number): readonly ReturnType<typeof settleRequirement>[] {
  const of = reviewsFor(panel);
  const people = candidatesOf(panel);
  const settled = panel.requirements.map((one) => {
    const { binding } = one.requirement;
    const together: Now['together'] = (index, approvers) =>
      couldDecideTogether(panel, { binding, index }, approvers, people);
    return settleRequirement(one, { at, reviews: of(binding), people, together });
  });
  const next = { ...panel, requirements: settled.map(({ progress }) => progress) };
  const moved = panel.requirements.some(
    (one, index) => !same(approversNow(one), approversNow(next.requirements[index])),
  );
  const isDistinct = panel.requirements.some(({ requirement }) => requirement.distinctFrom);
  if (!isDistinct || !moved || settled.some(({ denied }) => denied)) return settled;
  const again = settledRequirements(next, at);
  return again.map((one, index) => ({ ...one, notes: [...(settled[index]?.notes ?? []), ...one.notes] }));
}

function approversNow(one: RequirementProgress | undefined): unknown {
  return one?.stages.map(({ approvers }) => approvers);
}

/** With who approves and denies as of now, and nothing that would follow from it. */
export function recounted(panel: Panel): Panel {
  const of = reviewsFor(panel);
  const requirements = panel.requirements.map(({ requirement, stages }) => {
    const counted = stages.map((stage) => {
      return stage.status === 'waiting' ? stage : { ...stage, ...tally({}, stage.approvers, of(requirement.binding)) };
    });
    return { requirement, stages: counted };
  });
  return { ...panel, requirements };
}

/** Goes through the stages in order, up to the first that is not approved; those behind it wait, whatever they were. */
function settleRequirement({ requirement, stages }: RequirementProgress, now: Now) {
  const notes: PanelNote[] = [];
  const progress: StageProgress[] = [];
  let denied: SettledStage['denied'];
  for (const [index, stage] of requirement.stages.entries()) {
    if (progress.some(({ status }) => status !== 'approved')) {
      progress.push(waiting(stage));
      continue;
    }
    const reachable = (who: readonly Approvers[]) =>
      couldApprove(stage.anyOf, who, now.people) && now.together(index, who);
    const settled = settleStage(stage, stages[index] ?? waiting(stage), { ...now, reachable });
    progress.push(settled.progress);
    denied = settled.denied;
    if (settled.note) notes.push({ kind: settled.note, binding: requirement.binding, stage: stage.name });
  }
  return { progress: { requirement, stages: progress }, notes, denied };
}

/** A stage whose turn it is, or was. What reviews approved holds as long as the reviews do; then it begins anew. */
function settleStage(stage: Stage, before: StageProgress, now: StageNow): SettledStage {
  const began = before.status === 'waiting';
  const current = began ? begun(stage, now.at) : before;
  const counted: StageProgress = { ...current, ...tally({}, current.approvers, now.reviews) };
  // Time or the lack of approvers approved it: what people say of it is shown, and changes nothing.
  if (current.by !== undefined) return { progress: counted };
  const judged = judge(stage, current.approvers, now.reviews);
  if (judged.verdict === 'denied') {
    const by = judged.by === undefined ? {} : { by: judged.by };
    return { progress: { ...counted, status: 'denied' }, denied: { code: 'REVIEW_DENIED', ...by } };
  }
  if (judged.verdict === 'approved') return { progress: { ...counted, status: 'approved' } };
  if (current.status === 'approved') return settleStage(stage, waiting(stage), now);
  return settleDeadEnd(stage, counted, now) ?? { progress: counted, ...(began ? { note: 'stage' } : {}) };
}

/** What comes of a stage that nobody could decide: its fallback, or its outcome, unless a later escalation would help. */
function settleDeadEnd(stage: Stage, progress: StageProgress, now: StageNow): SettledStage | undefined {
  const { reachable } = now;
  if (reachable(progress.approvers)) return undefined;
  if (stage.fallback && reachable([stage.fallback])) {
    const helped = settleStage(stage, { ...progress, approvers: [stage.fallback] }, now);
    return helped.progress.status === 'open' ? { ...helped, note: 'escalate' } : helped;
  }
  if (escalationsOf(stage, progress).some(reachable)) return undefined;
  if (stage.outcomeIfNoApprovers === 'approve') {
    return { progress: { ...progress, status: 'approved', by: 'noApprovers' } };
  }
  return { progress: { ...progress, status: 'denied', by: 'noApprovers' }, denied: { code: 'NO_ELIGIBLE_APPROVER' } };
}

/** Who could review after each of the escalations that are still to come. */
function escalationsOf(stage: Stage, { approvers, actionsDone }: StageProgress): Approvers[][] {
  let current: readonly Approvers[] = approvers;
  return actionsInOrder(stage)
    .slice(actionsDone)
    .flatMap((action) => {
      if (action.do !== 'escalate') return [];
      current = escalated(current, action);
      return [[...current]];
    });
}

/** The approvers after an escalation: these as well, or these instead. */
export function escalated(
  approvers: readonly Approvers[],
  { to, instead }: { to: Approvers; instead: boolean },
): readonly Approvers[] {
  if (instead) return [to];
  return approvers.some((known) => same(known, to)) ? approvers : [...approvers, to];
}

function stagesOf({ requirements }: Panel): StageProgress[] {
  return requirements.flatMap(({ stages }) => stages);
}

/** Whether no review had a part in what was approved last. */
function completedInSilence(before: Panel, after: Panel, silent: boolean): boolean {
  const open = stagesOf(before).map(({ status }) => status !== 'approved');
  const approved = stagesOf(after).filter((_, index) => open[index]);
  return approved.length > 0 ? approved.every(({ by }) => by !== undefined) : silent;
}

function lastApprover(panel: Panel, reviews: readonly Review[]): string | undefined {
  const approvers = stagesOf(panel).flatMap(({ by, approvedBy }) => (by === undefined ? approvedBy : []));
  return reviews.findLast(({ decision, reviewer }) => decision === 'approve' && approvers.includes(reviewer))?.reviewer;
}
