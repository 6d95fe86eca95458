import type { Condition, Known } from './condition.ts';
import { holds } from './condition.ts';
import type { Flow } from './flow.ts';
import { STEP_ENDS } from './step-status.ts';
import type { Step } from './step.ts';
import type { OnboardingRecord, StepState } from './state.ts';

/** The step that is being taken, with its declaration; there is never more than one. */
export function currentStep(record: OnboardingRecord): { readonly step: Step; readonly state: StepState } | undefined {
  const state = record.steps.find(({ status }) => status === 'now');
  const step = state && stepOf(record, state.id);
  return step && { step, state };
}

export function stepOf({ flow }: Pick<OnboardingRecord, 'flow'>, id: string): Step | undefined {
  return flow.steps.find((step) => step.id === id);
}

export function stateOf({ steps }: Pick<OnboardingRecord, 'steps'>, id: string): StepState | undefined {
  return steps.find((step) => step.id === id);
}

export function hasEnded({ status }: StepState): boolean {
  return (STEP_ENDS as readonly string[]).includes(status);
}

export function newSteps({ steps }: Flow): StepState[] {
  return steps.map(({ id }) => ({ id, status: 'future', remindAt: [], tries: 0 }));
}

/** Changes one step. A field that is given as `undefined` is taken away. */
export function withStep(record: OnboardingRecord, id: string, changes: Changes<StepState>): OnboardingRecord {
  return { ...record, steps: record.steps.map((step) => (step.id === id ? changed(step, changes) : step)) };
}

export type Changes<T> = { readonly [K in keyof T]?: T[K] | undefined };

export function changed<T extends object>(value: T, changes: Changes<T>): T {
  return Object.fromEntries(Object.entries({ ...value, ...changes }).filter(([, field]) => field !== undefined)) as T;
}

export function isNeeded(condition: Condition | undefined, record: OnboardingRecord): boolean {
  return condition === undefined || holds(condition, knownOf(record));
}

export function knownOf(record: OnboardingRecord): Known {
  return {
    params: record.params,
    statusOf: (id) => stateOf(record, id)?.status,
    answersOf: (id) => stateOf(record, id)?.answers?.answers,
  };
}

export function percentOf({ steps }: Pick<OnboardingRecord, 'steps'>): number {
  return Math.floor((steps.filter(hasEnded).length / Math.max(steps.length, 1)) * 100);
}

/** The last moment that can be written. */
const END_OF_TIME = 8_640_000_000_000_000;

export function isoOf(at: number): string {
  return new Date(Math.min(at, END_OF_TIME)).toISOString();
}
