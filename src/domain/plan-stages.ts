import { change } from './approval/change.ts';
import { nextDueAt } from './approval/time.ts';
import { progressOf, reviewersNow } from './approval/views.ts';
import type { Panel, RequirementProgress, StageProgress } from './approval/panel.ts';
import { isoOf } from './approval/counting.ts';
import { durationMs } from './duration.ts';
import { next, somePeople, type PlanStep } from './plan-step.ts';
import { approversText, isAmongAny, stageText, type Stage, type TimedAction } from './requirement.ts';

/** A stage as it was asked for, and where it stands. */
export interface PlannedStage {
  readonly binding: string;
  /** How people call it: stages go by names of their own only where there are several. */
  readonly name: string;
  readonly stage: Stage;
  readonly progress: StageProgress;
}

export function plannedStages({ requirements }: Panel): PlannedStage[] {
  return requirements.flatMap((one) =>
    one.requirement.stages.flatMap((stage, index) => {
      const progress = one.stages[index];
      return progress ? [{ binding: one.requirement.binding, name: nameOf(one, stage), stage, progress }] : [];
    }),
  );
}

function nameOf({ requirement: { binding, stages } }: RequirementProgress, { name }: Stage): string {
  return stages.length > 1 ? `${binding}, stage ${name}` : binding;
}

/** A timed action, whether it was done or is to come. */
export function actionText(action: TimedAction): string {
  switch (action.do) {
    case 'remind':
      return 'reminder to the approvers';
    case 'escalate':
      return `escalation to ${approversText(action.to)}, ${action.instead ? 'instead of the approvers' : 'besides the approvers'}`;
    case 'deny':
      return 'denied, since nobody decided in time';
    case 'approve':
      return 'approved, since nobody decided in time';
    case 'extend':
      return `${action.by} more time`;
  }
}

/** How the panel stands at each time when something happens by itself: the reducer that will do it is run ahead in time. */
export function* lookAhead(panel: Panel): Generator<{ readonly at: string; readonly panel: Panel }> {
  let current = panel;
  for (let at = nextDueAt(current); at !== undefined; at = nextDueAt(current)) {
    current = change(current, { kind: 'time', at }).panel;
    yield { at: isoOf(at), panel: current };
  }
}

/** The open stages, each with how far it is, and who may review it and has not. */
export function openSteps(panel: Panel): PlanStep[] {
  const ahead = [...lookAhead(panel)];
  const lines = progressOf(panel);
  const waited = new Set(reviewersNow(panel));
  return plannedStages(panel).flatMap(({ binding, name, stage, progress: { status, approvers } }) => {
    if (status !== 'open') return [];
    const line = lines.find((one) => one.binding === binding);
    const [approved, needed] = [line?.approvedBy.length ?? 0, line?.approve ?? 0];
    const may = panel.people.filter((one) => waited.has(one.arn) && isAmongAny(approvers, one));
    const over = ahead.find((then) => !isOpen(then.panel, binding, stage));
    return {
      status: 'now',
      what: `${name}: waits for ${stageText(stage)}; it has ${approved} of ${needed}.`,
      who: approvers.map((who) => approversText(who)).join(', or '),
      ...somePeople(may.map(({ arn }) => arn)),
      approved,
      needed,
      by: over?.at ?? panel.dueAt,
      binding,
      stage: stage.name,
    };
  });
}

function isOpen({ result, requirements }: Panel, binding: string, stage: Stage): boolean {
  const found = requirements.find(({ requirement }) => requirement.binding === binding);
  const index = found?.requirement.stages.indexOf(stage) ?? -1;
  return result.result === 'open' && found?.stages[index]?.status === 'open';
}

/** A stage that begins only once people have approved the one before it. */
export function laterStep({ binding, name, stage }: PlannedStage, { dueAt }: Panel): PlanStep {
  const within = stage.dueIn === undefined ? '' : `, within ${stage.dueIn}`;
  const ladder = stage.timedActions
    .toSorted((a, b) => durationMs(a.at) - durationMs(b.at))
    .map((action) => `; ${action.at} after it begins: ${actionText(action)}`);
  return {
    ...next(
      `${name}: begins when the stage before it is approved; needs ${stageText(stage)}${within}${ladder.join('')}.`,
    ),
    who: approversText(stage.approvers),
    by: dueAt,
    binding,
    stage: stage.name,
  };
}
