import { refusedUnread } from '../approval/review.ts';
import { answersLimit } from '../input-schema.ts';
import type { Refusal } from '../refusal.ts';
import type { Unchecked } from '../checked.ts';
import type { OnboardingCommandName, OnboardingCommandOf, UncheckedCommand } from './commands.ts';
import { endingOf } from './ending.ts';
import type { State, Underway } from './state.ts';
import { currentOf, hasEnded, isOpen, openingOf, stateOf, stepOf } from './steps.ts';

/**
 * Why a command may not be given now, as far as the state tells; the rest is found once it is verified. Asked when a command
 * comes, and again when its turn comes.
 */
export function refuse(state: State, { name, command }: UncheckedCommand): Refusal | undefined {
  if (state.state === 'closed') return RESOLVED;
  if (state.state === 'preparing') {
    return name === 'cancel' ? undefined : notNow('The onboarding is still being prepared.');
  }
  switch (name) {
    case 'submitInput':
      return refusedInput(command, state);
    case 'review':
      return refusedReview(command, state);
    case 'skip':
      return ownSkip(command, state) ?? refusedSkip(command.step, state);
    case 'retryStep':
      return refusedRetry(command.step, state);
    case 'pause':
      return state.state === 'running' ? undefined : notNow(`An onboarding that is ${state.state} cannot be paused.`);
    case 'resume':
      return state.state === 'paused' ? undefined : notNow('The onboarding is not paused.');
    case 'cancel':
      return endingOf(state) ? notNow('The onboarding is ending already.') : undefined;
  }
}

type Given<N extends OnboardingCommandName> = Unchecked<OnboardingCommandOf<N>>;

function refusedInput({ actor, step, answers }: Given<'submitInput'>, state: Underway): Refusal | undefined {
  const declared = stepOf(state.course, step);
  if (declared?.kind !== 'input') return unknownStep(step, state, 'input');
  if (actor.principal !== state.subject.member) return NOT_THE_MEMBER;
  const notOpen = notTaken(step, state);
  if (notOpen) return notOpen;
  const issue = answersLimit(answers);
  if (!issue) return undefined;
  const accepted = JSON.stringify(declared.schema).slice(0, 2_000);
  return { code: 'InvalidInput', message: `${issue.field}: ${issue.message}`, field: issue.field, accepted };
}

function refusedReview(review: Given<'review'>, state: Underway): Refusal | undefined {
  const { actor, step } = review;
  const { member, requestedBy } = state.subject;
  if (stepOf(state.course, step)?.kind !== 'approval') return unknownStep(step, state, 'approval');
  if ([member, requestedBy].includes(actor.principal)) return OWN_ONBOARDING;
  const notOpen = notTaken(step, state);
  if (notOpen) return notOpen;
  const approval = currentOf(state.course, step)?.opening.approval;
  return approval ? refusedUnread(approval.panel, review) : notNow('Approvers are still being looked for.');
}

/** Only the step that is being taken can be answered; while paused, nothing is taken. */
function notTaken(step: string, state: Underway): Refusal | undefined {
  if (state.state !== 'running') return notNow(`The onboarding is ${state.state}.`);
  const status = stateOf(state.course, step)?.status;
  if (status === 'now') return undefined;
  return notNow(status === 'future' ? `The step ${step} has not begun.` : `The step ${step} is over: ${status}.`);
}

/** An admin who is onboarded skips nothing of it; who asked for it, no approval. */
function ownSkip({ actor, step }: Given<'skip'>, { course, subject }: Underway): Refusal | undefined {
  const asker = stepOf(course, step)?.kind === 'approval' && actor.principal === subject.requestedBy;
  return asker || actor.principal === subject.member ? OWN_ONBOARDING : undefined;
}

function refusedSkip(id: string, state: Underway): Refusal | undefined {
  const step = stateOf(state.course, id);
  if (!step) return unknownStep(id, state);
  if (state.state === 'incident') return ofIncident(id, state.step);
  if (state.state === 'ending') return notNow('The onboarding is ending.');
  return hasEnded(step) ? notNow(`The step ${id} is over: ${step.status}.`) : undefined;
}

function refusedRetry(id: string, state: Underway): Refusal | undefined {
  const step = stateOf(state.course, id);
  if (!step) return unknownStep(id, state);
  const opening = openingOf(step);
  // Else it would be forgotten, and what it comes to would be nobody's to remove.
  if (opening?.child && isOpen(opening.child)) return notNow(`The request ${opening.child.id} has not ended yet.`);
  if (state.state === 'incident') return ofIncident(id, state.step);
  const waits = step.status === 'now' && typeof opening?.failure?.retryAt === 'string';
  return state.state === 'running' && waits ? undefined : NO_INCIDENT;
}

function ofIncident(step: string, held: string): Refusal | undefined {
  if (step === held) return undefined;
  return { code: 'NoIncident', message: `The incident is about the step ${held}.`, field: 'step', accepted: held };
}

function unknownStep(step: string, { course }: Underway, kind?: string): Refusal {
  const known = course.flow.steps.filter((one) => kind === undefined || one.kind === kind).map(({ id }) => id);
  return {
    code: 'UnknownStep',
    message: `There is no ${kind === undefined ? '' : `${kind} `}step ${step}.`,
    field: 'step',
    accepted: known.join(', ') || `this flow has no ${kind} steps`,
  };
}

function notNow(message: string): Refusal {
  return { code: 'NotPending', message };
}

/** For callers whose review waited for a reading as the step was left. */
export const STEP_LEFT: Refusal = notNow('The step was left before the review could be counted.');

export const RESOLVED: Refusal = { code: 'AlreadyResolved', message: 'The onboarding is closed, and that is final.' };

const NO_INCIDENT: Refusal = {
  code: 'NoIncident',
  message: 'Nothing of that step has failed that could be tried again.',
  field: 'step',
};

const NOT_THE_MEMBER: Refusal = { code: 'NotYours', message: 'Only the member may answer.', field: 'actor.principal' };

const OWN_ONBOARDING: Refusal = {
  code: 'OwnRequest',
  message: 'You cannot decide about your own onboarding: its member and its requester are excluded.',
  field: 'actor.principal',
};
