import { answersLimit } from '../input-schema.ts';
import type { Refusal } from '../refusal.ts';
import type { UncheckedCommand } from './commands.ts';
import { hasEnded, stateOf, stepOf } from './steps.ts';
import type { OnboardingRecord } from './state.ts';

/**
 * Why a command may not be given now, as far as the record tells; the rest is found when it is handled. Validators ask
 * this when a command comes, and the main loop again when its turn comes.
 */
export function refusedCommand({ name, command }: UncheckedCommand, record: OnboardingRecord): Refusal | undefined {
  if (record.state === 'closed') return RESOLVED;
  if (record.state === 'preparing' && name !== 'cancel') return notNow('The onboarding is still being prepared.');
  switch (name) {
    case 'submitInput':
      return refusedInput(command, record);
    case 'review':
      return refusedReview(command, record);
    case 'skip':
      return ownSkip(command, record) ?? refusedSkip(command.step, record);
    case 'retryStep':
      return refusedRetry(command.step, record);
    case 'pause':
      return record.state === 'running' ? undefined : notNow(`An onboarding that is ${record.state} cannot be paused.`);
    case 'resume':
      return record.state === 'paused' ? undefined : notNow('The onboarding is not paused.');
    case 'cancel':
      return record.state === 'ending' || record.ending ? notNow('The onboarding is ending already.') : undefined;
  }
}

function refusedInput(
  { actor, step, answers }: { actor: { principal: string }; step: string; answers: unknown },
  record: OnboardingRecord,
): Refusal | undefined {
  const declared = stepOf(record, step);
  if (declared?.kind !== 'input') return unknownStep(step, record, 'input');
  if (actor.principal !== record.member.arn) return NOT_THE_MEMBER;
  const notOpen = notTaken(step, record);
  if (notOpen) return notOpen;
  const issue = answersLimit(answers);
  if (!issue) return undefined;
  const accepted = JSON.stringify(declared.schema).slice(0, 2_000);
  return { code: 'InvalidInput', message: `${issue.field}: ${issue.message}`, field: issue.field, accepted };
}

function refusedReview(
  { actor, step }: { actor: { principal: string }; step: string },
  record: OnboardingRecord,
): Refusal | undefined {
  if (stepOf(record, step)?.kind !== 'approval') return unknownStep(step, record, 'approval');
  if ([record.member.arn, record.requestedBy].includes(actor.principal)) return OWN_ONBOARDING;
  return (
    notTaken(step, record) ??
    (stateOf(record, step)?.panel ? undefined : notNow('Approvers are still being looked for.'))
  );
}

/** Only the step that is being taken can be answered; while paused, nothing is taken. */
function notTaken(step: string, record: OnboardingRecord): Refusal | undefined {
  if (record.state !== 'running') return notNow(`The onboarding is ${record.state}.`);
  const status = stateOf(record, step)?.status;
  if (status === 'now') return undefined;
  return notNow(status === 'future' ? `The step ${step} has not begun.` : `The step ${step} is over: ${status}.`);
}

/** An admin who is onboarded skips nothing of it; who asked for it, no approval. */
function ownSkip(
  { actor, step }: { actor: { principal: string }; step: string },
  record: OnboardingRecord,
): Refusal | undefined {
  const asker = stepOf(record, step)?.kind === 'approval' && actor.principal === record.requestedBy;
  return asker || actor.principal === record.member.arn ? OWN_ONBOARDING : undefined;
}

function refusedSkip(step: string, record: OnboardingRecord): Refusal | undefined {
  const state = stateOf(record, step);
  if (!state) return unknownStep(step, record);
  if (record.incident) return ofIncident(step, record);
  if (record.state === 'ending') return notNow('The onboarding is ending.');
  return hasEnded(state) ? notNow(`The step ${step} is over: ${state.status}.`) : undefined;
}

function refusedRetry(step: string, record: OnboardingRecord): Refusal | undefined {
  const state = stateOf(record, step);
  if (!state) return unknownStep(step, record);
  // Else it would be forgotten, and what it comes to would be nobody's to remove.
  if (state.child?.state === 'open') return notNow(`The request ${state.child.id} has not ended yet.`);
  if (record.incident) return ofIncident(step, record);
  return record.state === 'running' && state.retryAt !== undefined ? undefined : NO_INCIDENT;
}

function ofIncident(step: string, { incident }: OnboardingRecord): Refusal | undefined {
  if (step === incident?.step) return undefined;
  return {
    code: 'NoIncident',
    message: `The incident is about the step ${incident?.step}.`,
    field: 'step',
    accepted: incident?.step ?? '',
  };
}

function unknownStep(step: string, record: OnboardingRecord, kind?: string): Refusal {
  const known = record.flow.steps.filter((one) => kind === undefined || one.kind === kind).map(({ id }) => id);
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

export const RESOLVED: Refusal = { code: 'AlreadyResolved', message: 'The onboarding is closed, and that is final.' };

const NO_INCIDENT: Refusal = {
  code: 'NoIncident',
  message: 'Nothing of that step has failed that could be tried again.',
  field: 'step',
};

const NOT_THE_MEMBER: Refusal = { code: 'NotYours', message: 'Only the member may answer.', field: 'actor.principal' };

const OWN_ONBOARDING: Refusal = {
  code: 'OwnRequest',
  message: 'Nobody decides about their own: the member and who asked for the onboarding are excluded.',
  field: 'actor.principal',
};
