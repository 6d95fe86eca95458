import type { Panel } from './approval/panel.ts';
import { actionsInOrder } from './approval/counting.ts';
import { actionText, laterStep, lookAhead, plannedStages, type PlannedStage } from './plan-stages.ts';
import { next, type PlanStep, type TimedStep } from './plan-step.ts';
import { stageText } from './requirement.ts';

/**
 * What happens by itself if nobody reviews. Stages that never begin so come last, without a time. `subject` is what
 * expires in the end.
 */
export function timeline(panel: Panel, subject: string): PlanStep[] {
  const ahead = [...lookAhead(panel)];
  const steps = ahead.flatMap(({ at, panel: after }, index) => {
    return differences(ahead[index - 1]?.panel ?? panel, after, at, subject);
  });
  const end = ahead.at(-1)?.panel ?? panel;
  const later = plannedStages(end).filter(({ progress }) => progress.status === 'waiting');
  return [...steps, ...later.map((one) => laterStep(one, end))];
}

/** What happens at a time, from how the panel stood before and stands then. */
export function differences(before: Panel, after: Panel, at: string, subject: string): TimedStep[] {
  const stages = plannedStages(before);
  const changed = plannedStages(after).flatMap((one, index) => {
    const was = stages[index];
    if (!was) return [];
    return textsOf(was, one).map((text) => ({
      ...next(`${one.name}: ${text}.`),
      at,
      binding: one.binding,
      stage: one.stage.name,
    }));
  });
  return [...changed, ...resultOf(after, at, subject)];
}

function textsOf(before: PlannedStage, { progress, stage }: PlannedStage): string[] {
  const was = before.progress;
  const begins = was.status === 'waiting' && progress.status === 'open';
  return [
    ...actionsInOrder(stage).slice(was.actionsDone, progress.actionsDone).map(actionText),
    ...(begins ? [`begins, and needs ${stageText(stage)}`] : []),
    ...(progress.by === 'noApprovers' && was.by === undefined
      ? [`${progress.status}, since nobody could decide it`]
      : []),
    ...(progress.status === 'overdue' ? ['overdue'] : []),
  ];
}

function resultOf({ result }: Panel, at: string, subject: string): TimedStep[] {
  switch (result.result) {
    case 'open':
      return [];
    case 'approved':
      return [{ ...next(`${subject} is approved.`), at }];
    case 'denied':
      return [{ ...next(`${subject} is denied.`), at }];
    case 'expired':
      return [{ ...next(`${subject} expires.`), at }];
  }
}
