import type { Panel } from '../approval/panel.ts';
import type { Deed } from '../view.ts';
import { started } from './advance.ts';
import { changed, isoOf, stateOf, stepOf, withStep } from './steps.ts';
import { finish, withoutChild } from './ending.ts';
import type { OnboardingRecord, StepState } from './state.ts';

/** Times stand still until it is resumed. */
export function pause(record: OnboardingRecord, at: number): OnboardingRecord {
  return { ...record, state: 'paused', pausedAt: isoOf(at) };
}

/** Everything that was to come comes later, by as long as it was paused. */
export function resume(record: OnboardingRecord, at: number): OnboardingRecord {
  const by = at - Date.parse(record.pausedAt ?? isoOf(at));
  const steps = record.steps.map((step) => (step.status === 'now' ? laterStep(step, by) : step));
  return changed({ ...record, steps }, { state: 'running', pausedAt: undefined });
}

function laterStep(step: StepState, by: number): StepState {
  const later = (time: string | undefined) => (time === undefined ? undefined : isoOf(Date.parse(time) + by));
  return changed(step, {
    dueAt: later(step.dueAt),
    until: later(step.until),
    retryAt: later(step.retryAt),
    remindAt: step.remindAt.map((time) => isoOf(Date.parse(time) + by)),
    panel: step.panel && laterPanel(step.panel, later),
  });
}

function laterPanel(panel: Panel, later: (time: string | undefined) => string | undefined): Panel {
  const requirements = panel.requirements.map(({ requirement, stages }) => ({
    requirement,
    stages: stages.map((stage) =>
      changed(stage, {
        startedAt: later(stage.startedAt),
        dueAt: stage.status === 'open' ? later(stage.dueAt) : stage.dueAt,
      }),
    ),
  }));
  return { ...panel, requirements, dueAt: later(panel.dueAt) ?? panel.dueAt, at: later(panel.at) ?? panel.at };
}

/**
 * An operator leaves a step out, now or before it comes. A removal that failed is left out too: then the membership
 * stays.
 */
export function skip(record: OnboardingRecord, id: string, by: Deed & { reason: string }): OnboardingRecord {
  const { incident } = record;
  if (incident?.during === 'removal') return withoutRemoval(record, id);
  const skipped = withStep(withoutChild(record, id), id, {
    status: 'skipped',
    endedAt: by.at,
    retryAt: undefined,
    skippedBy: by,
  });
  return incident ? changed(skipped, { state: 'running', incident: undefined }) : skipped;
}

function withoutRemoval(record: OnboardingRecord, id: string): OnboardingRecord {
  const index = record.grants.findLastIndex(({ step, settled }) => step === id && settled === undefined);
  const grants = record.grants.map((grant, at) => (at === index ? { ...grant, settled: 'kept' as const } : grant));
  return changed({ ...record, grants }, { state: 'ending', incident: undefined });
}

/** An operator has a step tried again, or a removal. */
export function retryStep(record: OnboardingRecord, id: string, at: number): OnboardingRecord {
  const { incident } = record;
  if (incident?.during === 'removal') return changed(record, { state: 'ending', incident: undefined });
  const step = stepOf(record, id);
  if (!step) return record;
  const fresh = {
    dueAt: undefined,
    until: undefined,
    child: undefined,
    panel: undefined,
    retryAt: undefined,
    error: undefined,
  };
  const again = withStep(record, id, { ...fresh, ...started(step, at), tries: (stateOf(record, id)?.tries ?? 0) + 1 });
  return changed(again, { state: 'running', incident: undefined });
}

/** The member has answered. */
export function answer(
  record: OnboardingRecord,
  id: string,
  answers: NonNullable<StepState['answers']>,
  at: number,
): OnboardingRecord {
  return finish(record, id, at, { answers });
}
