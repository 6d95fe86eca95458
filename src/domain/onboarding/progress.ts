import { reviewersNow } from '../approval/views.ts';
import { shortName } from '../arn.ts';
import { requirementText } from '../requirement.ts';
import type { Step } from './step.ts';
import { awaitedUntil, type Next } from './deadlines.ts';
import type { OnboardingView, StepView } from './view.ts';

/** One line of how far an onboarding is, for people. */
export interface ProgressStep {
  readonly id: string;
  readonly title: string;
  readonly kind: Step['kind'];
  readonly status: StepView['status'];
  /** The step in words. */
  readonly what: string;
  /** The people who may act on it now, or will, in words. */
  readonly who?: string;
  /** Those who may, where they are known and it is their turn: user ARNs. */
  readonly people?: readonly string[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly dueAt?: string;
  readonly error?: string;
}

interface OnboardingProgress extends Pick<OnboardingView, 'id' | 'state' | 'outcome' | 'percent'> {
  readonly steps: readonly ProgressStep[];
  readonly next?: Next;
}

/** All steps, past, present and to come: the answer of the query `plan`. */
export function progressOf(view: OnboardingView): OnboardingProgress {
  const { id, state, outcome, percent, next, flow, steps } = view;
  return {
    id,
    state,
    outcome,
    percent,
    steps: flow.steps.flatMap((step, index) => {
      const found = steps[index];
      return found ? [lineOf(step, found, view)] : [];
    }),
    ...(next ? { next } : {}),
  };
}

function lineOf(step: Step, state: StepView, view: OnboardingView): ProgressStep {
  const { what, who } = wordsOf(step, state);
  const isNow = state.status === 'now';
  const people = isNow ? peopleOf(step, state, view) : [];
  const { startedAt, endedAt, error } = state;
  const dueAt = isNow ? awaitedUntil(state) : undefined;
  return {
    id: step.id,
    title: step.title ?? step.id,
    kind: step.kind,
    status: state.status,
    what,
    ...(who === undefined ? {} : { who }),
    ...(people.length > 0 ? { people } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(error === undefined ? {} : { error: `${error.type}: ${error.message}` }),
  };
}

function wordsOf(step: Step, { child }: StepView): { readonly what: string; readonly who?: string } {
  switch (step.kind) {
    case 'join': {
      const request = child ? `; the request is ${child.id}` : '';
      const term = step.term === undefined ? '' : ` for ${step.term}`;
      return {
        what: `joins ${shortName(step.channelArn)} as a ${step.type} member${term}${request}`,
        who: 'whom the policies ask',
      };
    }
    case 'input':
      return { what: `answers: ${step.prompt}`, who: 'the member' };
    case 'message':
      return { what: `a message to ${shortName(step.channelArn)}` };
    case 'wait':
      return { what: step.until === undefined ? `waits for ${step.for}` : `waits until ${step.until}` };
    case 'approval':
      return { what: `approval for ${shortName(step.channelArn)}`, who: requirementText(step.requirement) };
  }
}

function peopleOf(step: Step, { panel }: StepView, { member }: OnboardingView): readonly string[] {
  if (step.kind === 'input') return [member.arn];
  return panel ? reviewersNow(panel) : [];
}
