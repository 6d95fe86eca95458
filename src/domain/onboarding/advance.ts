import { change } from '../approval/change.ts';
import { nextDueAt } from '../approval/time.ts';
import type { PanelNote } from '../approval/panel.ts';
import { durationMs } from '../duration.ts';
import { close, failStep, finish, nextRemoval, openChildren } from './ending.ts';
import { currentStep, isNeeded, isoOf, withStep } from './steps.ts';
import type { Step } from './step.ts';
import type { OnboardingRecord, StepState } from './state.ts';

/** What happened by itself that people should hear of. */
export interface Told {
  readonly kind: 'input' | 'review' | 'remind' | 'overdue' | 'escalated';
  readonly step: string;
}

export interface Advanced {
  readonly record: OnboardingRecord;
  readonly told: readonly Told[];
}

/** Does everything that needs nobody and is due by now: begins steps, ends waits, reminds, lets times run out. */
export function advance(before: OnboardingRecord, at: number): Advanced {
  let record = before;
  const told: Told[] = [];
  for (;;) {
    const next = oneStep(record, at, told);
    if (next === record) return { record, told };
    record = next;
  }
}

function oneStep(record: OnboardingRecord, at: number, told: Told[]): OnboardingRecord {
  switch (record.state) {
    case 'running': {
      const current = currentStep(record);
      return current ? elapse(record, current, at, told) : begin(record, at, told);
    }
    case 'ending':
      return isWoundUp(record) ? close(record, record.ending?.outcome ?? 'failed', at) : record;
    case 'incident': {
      const { incident } = record;
      if (!incident || Date.parse(incident.dueAt) > at) return record;
      return close({ ...record, error: incident.error }, 'failed', at);
    }
    case 'preparing':
    case 'paused':
    case 'closed':
      return record;
  }
}

function isWoundUp(record: OnboardingRecord): boolean {
  return openChildren(record).length === 0 && nextRemoval(record) === undefined;
}

/** Begins the next step that is needed, or ends the flow. */
function begin(record: OnboardingRecord, at: number, told: Told[]): OnboardingRecord {
  const state = record.steps.find(({ status }) => status === 'future');
  const step = record.flow.steps.find(({ id }) => id === state?.id);
  // A request of a step that was left out is taken back first: nobody could afterwards.
  if (!step) return openChildren(record).length === 0 ? close(record, 'completed', at) : record;
  if (!isNeeded(step.if, record)) return withStep(record, step.id, { status: 'notNeeded', endedAt: isoOf(at) });
  if (step.kind === 'input') told.push({ kind: 'input', step: step.id });
  return withStep(record, step.id, { ...started(step, at), tries: 0 });
}

/** A step as it is when it begins, for the first time or again. */
export function started(step: Step, at: number): Partial<StepState> {
  const dueAt = 'dueIn' in step && step.dueIn !== undefined ? at + durationMs(step.dueIn) : undefined;
  const remind = 'remind' in step ? step.remind.map(durationMs) : [];
  const times = remind.map((ms) => (dueAt === undefined ? at + ms : dueAt - ms)).filter((time) => time > at);
  return {
    status: 'now',
    startedAt: isoOf(at),
    remindAt: times.toSorted((a, b) => a - b).map(isoOf),
    ...(dueAt === undefined ? {} : { dueAt: isoOf(dueAt) }),
    ...(step.kind === 'wait' ? { until: waitUntil(step, at) } : {}),
  };
}

function waitUntil(step: Step & { kind: 'wait' }, at: number): string {
  return isoOf(step.until === undefined ? at + durationMs(step.for ?? '0s') : Date.parse(step.until));
}

/** What the time that has passed means to the step that is being taken. */
function elapse(
  record: OnboardingRecord,
  { step, state }: { readonly step: Step; readonly state: StepState },
  at: number,
  told: Told[],
): OnboardingRecord {
  const { id } = step;
  if (isPast(state.until, at)) return finish(record, id, at);
  if (isPast(state.dueAt, at)) {
    told.push({ kind: 'overdue', step: id });
    return failStep(record, id, { type: 'StepOverdue', message: `Nobody ended the step before ${state.dueAt}.` }, at);
  }
  if (isPast(state.retryAt, at)) return withStep(record, id, { retryAt: undefined, error: undefined });
  const left = state.remindAt.filter((time) => !isPast(time, at));
  if (left.length < state.remindAt.length) {
    told.push({ kind: 'remind', step: id });
    return withStep(record, id, { remindAt: left });
  }
  const decided = state.panel && nextDueAt(state.panel);
  if (!state.panel || decided === undefined || decided > at) return record;
  return withPanel(record, id, change(state.panel, { kind: 'time', at }), at, told);
}

function isPast(time: string | undefined, at: number): boolean {
  return time !== undefined && Date.parse(time) <= at;
}

/** Takes over how far people are with an approval, and what they came to. */
export function withPanel(
  record: OnboardingRecord,
  id: string,
  { panel, notes }: { readonly panel: NonNullable<StepState['panel']>; readonly notes: readonly PanelNote[] },
  at: number,
  told: Told[],
): OnboardingRecord {
  for (const { kind } of notes) {
    const heard = HEARD[kind];
    if (heard) told.push({ kind: heard, step: id });
  }
  const kept = withStep(record, id, { panel });
  const { result } = panel;
  switch (result.result) {
    case 'open':
      return kept;
    case 'approved':
      return finish(kept, id, at);
    case 'denied':
      return failStep(kept, id, { type: result.code, message: 'The approvers denied the step.' }, at);
    case 'expired':
      return failStep(kept, id, { type: 'StepOverdue', message: 'Nobody decided in time.' }, at);
  }
}

const HEARD: { readonly [K in PanelNote['kind']]?: Told['kind'] } = {
  remind: 'remind',
  escalate: 'escalated',
  stage: 'review',
};
