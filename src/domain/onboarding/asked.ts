/** Starting an onboarding: the same again is told how it stands, another one is refused; and what lists show of it. */
import { parseArn } from '../arn.ts';
import type { Refusal } from '../refusal.ts';
import type { Parsed } from '../request.ts';
import { same } from '../same.ts';
import type { Attributes } from '../search-attributes.ts';
import type { OnboardingResult } from './commands.ts';
import { deadline } from './deadlines.ts';
import type { Onboarding } from './input.ts';
import type { Preparing, State } from './state.ts';
import { isoOf } from './steps.ts';
import { resultOf, shownOf } from './view.ts';

/** An onboarding as it begins. */
export function born(
  { subject, actor }: Onboarding,
  about: Pick<Preparing, 'id' | 'runId' | 'firstRunId' | 'requestedAt'>,
): Preparing {
  return { state: 'preparing', subject, ...(actor ? { actor } : {}), ...about, notes: [], assertions: [], events: 0 };
}

/** Until it is prepared, nobody knows which flow that is. */
export function otherOnboarding(asked: Parsed<Onboarding>, { subject }: State): Refusal | undefined {
  if (!asked.ok) {
    const [issue] = asked.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not an onboarding', ...issue };
  }
  return same(asked.value.subject, subject) ? undefined : OTHER_OPEN;
}

/** Where it stands, for who starts it. */
export function answerTo(asked: Parsed<Onboarding>, state: State): OnboardingResult | Refusal {
  const error = state.state === 'closed' && 'error' in state.result ? state.result.error : undefined;
  const code = START_REFUSALS.find((one) => one === error?.type);
  const refusal = otherOnboarding(asked, state);
  // Somebody had taken its id who might not: then the way is free.
  if (refusal?.code === 'OtherOnboardingOpen' && code) return FREE_AGAIN;
  if (refusal) return refusal;
  return error && code ? { ...error, code } : resultOf(state);
}

const START_REFUSALS = ['Unauthenticated', 'UnknownFlow', 'FlowNotAllowed', 'InvalidRequest'] as const;

const FREE_AGAIN: Refusal = {
  code: 'Continuing',
  message: 'Another start by the same id was refused just now: give this one again.',
};

const OTHER_OPEN: Refusal = {
  code: 'OtherOnboardingOpen',
  message:
    'An onboarding of this member by this flow and asker is open, with another flow or other params: let it end, or cancel it, first.',
};

/** Until it is prepared nobody is named. */
export function attributesOf(state: State): Attributes {
  const course = 'course' in state ? state.course : null;
  return {
    AdmissionState: state.state,
    AdmissionOutcome: state.state === 'closed' ? state.result.outcome : null,
    AdmissionMember: course?.listedAs.member ?? null,
    AdmissionParties: course?.listedAs.parties ?? null,
    AdmissionDueAt: dueAtOf(state),
  };
}

/** Lists read it without a worker. */
export function memoOf(state: State): { readonly onboarding: Readonly<Record<string, unknown>> } {
  const { percent } = resultOf(state);
  const { flow, steps, outcome, member } = shownOf(state);
  const step = steps.find(({ status }) => status === 'now')?.id ?? null;
  const appInstance = parseArn(member.arn)?.appInstanceArn ?? null;
  const dueAt = dueAtOf(state);
  return { onboarding: { state: state.state, outcome, percent, step, flow: flow.name, appInstance, dueAt } };
}

function dueAtOf(state: State): string | null {
  const due = deadline(state);
  return due ? isoOf(due.at) : null;
}
