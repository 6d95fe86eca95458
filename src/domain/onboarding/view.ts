import { parseArn, shortName } from '../arn.ts';
import { reviewersNow } from '../approval/views.ts';
import { requirementText } from '../requirement.ts';
import { nextOf } from './upcoming.ts';
import { UNNAMED } from './input.ts';
import type { Onboarding } from './input.ts';
import type { Next, OnboardingRecord, OnboardingView, StepState } from './state.ts';
import { currentStep, newSteps, percentOf } from './steps.ts';
import type { Step } from './step.ts';

/** An onboarding as it begins: its flow has only a name, until it is prepared. */
export function newRecord(
  { subject }: Onboarding,
  { id, runId, at }: { readonly id: string; readonly runId: string; readonly at: string },
): OnboardingRecord {
  const memberId = parseArn(subject.member)?.id ?? subject.member;
  const name = typeof subject.flow === 'string' ? subject.flow : UNNAMED;
  return {
    id,
    runId,
    flow: { apiVersion: 'onboarding/v1', name, startedBy: { roles: [] }, params: {}, steps: [] },
    member: { arn: subject.member, id: memberId, name: memberId },
    requestedBy: subject.requestedBy,
    params: {},
    state: 'preparing',
    outcome: null,
    steps: [],
    grants: [],
    notes: [],
    requestedAt: at,
  };
}

/** What was found out before the first step, taken over. */
export function prepared(
  record: OnboardingRecord,
  found: Pick<OnboardingRecord, 'flow' | 'params' | 'flowDigest' | 'subjectDigest' | 'requesterVerified'> & {
    readonly memberName: string;
  },
): OnboardingRecord {
  const { memberName, ...rest } = found;
  const member = { ...record.member, name: memberName };
  return { ...record, ...rest, member, steps: newSteps(found.flow), state: 'running' };
}

export function viewOf(record: OnboardingRecord): OnboardingView {
  const next = nextOf(record);
  const digest = currentStep(record)?.state.panel?.requestDigest;
  const review = digest === undefined ? {} : { reviewDigest: digest };
  return { ...record, percent: percentOf(record), ...(next ? { next } : {}), ...review };
}

/** One line of how far an onboarding is, for people. */
export interface ProgressStep {
  readonly id: string;
  readonly title: string;
  readonly kind: Step['kind'];
  readonly status: StepState['status'];
  /** What is done, or asked for. */
  readonly what: string;
  /** Who may act on it now, or will. */
  readonly who?: string;
  /** Those who may, where they are known and it is their turn: user ARNs. */
  readonly people?: readonly string[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly dueAt?: string;
  readonly error?: string;
}

export interface OnboardingProgress extends Pick<OnboardingView, 'id' | 'state' | 'outcome' | 'percent'> {
  readonly steps: readonly ProgressStep[];
  readonly next?: Next;
}

/** What was done, what is going on and what is still to come: the answer of the query `plan`. */
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

function lineOf(step: Step, state: StepState, view: OnboardingView): ProgressStep {
  const { what, who } = wordsOf(step, state);
  const isNow = state.status === 'now';
  const people = isNow ? peopleOf(step, state, view) : [];
  const { startedAt, endedAt, error } = state;
  const dueAt = state.until ?? state.retryAt ?? state.dueAt ?? state.panel?.dueAt;
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
    ...(dueAt === undefined || !isNow ? {} : { dueAt }),
    ...(error === undefined ? {} : { error: `${error.type}: ${error.message}` }),
  };
}

function wordsOf(step: Step, { child }: StepState): { readonly what: string; readonly who?: string } {
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

function peopleOf(step: Step, { panel }: StepState, { member }: OnboardingView): readonly string[] {
  if (step.kind === 'input') return [member.arn];
  return panel ? reviewersNow(panel) : [];
}
