import type { Verified } from '../../activities/actors.ts';
import { refusedCommand } from '../../domain/onboarding/allowed.ts';
import type { OnboardingCommand, OnboardingCommandOf, OnboardingResult } from '../../domain/onboarding/commands.ts';
import { end } from '../../domain/onboarding/ending.ts';
import { answer, pause, resume, retryStep, skip } from '../../domain/onboarding/operate.ts';
import { stepOf } from '../../domain/onboarding/steps.ts';
import type { OnboardingRecord } from '../../domain/onboarding/state.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Deed } from '../../domain/view.ts';
import { localFirst } from '../local-first.ts';
import type { Delivery } from './inbox.ts';
import { review } from './review.ts';
import type { Run } from './run.ts';
import { verify, verifyAdmin } from './verification.ts';

/** Does what a command says, if it may be given, and answers it. */
export async function handle(delivery: Delivery, run: Run): Promise<void> {
  const refusal = refusedCommand(delivery, run.record) ?? (await act(delivery, run));
  delivery.answer = refusal ?? resultOf(run, delivery);
}

async function act(given: OnboardingCommand, run: Run): Promise<Refusal | undefined> {
  switch (given.name) {
    case 'submitInput':
      return submitInput(given, run);
    case 'review':
      return review(given, run);
    case 'cancel':
      return operate(given, run, [run.record.requestedBy]);
    case 'skip':
    case 'retryStep':
    case 'pause':
    case 'resume':
      return operate(given, run, []);
  }
}

async function submitInput(given: OnboardingCommand & { name: 'submitInput' }, run: Run): Promise<Refusal | undefined> {
  const verified = await verify(given, run);
  if (isRefusal(verified)) return verified;
  const { actor, step, answers } = given.command;
  const asked = stepOf(run.record, step);
  // That it is one was looked at before.
  if (asked?.kind !== 'input') throw new Error(`${step} asks nothing`);
  const checked = await localFirst('Check the answers', (proxy) =>
    proxy.checkAnswers({ schema: asked.schema, answers }),
  );
  if (isRefusal(checked)) return checked;
  const deed = deedOf(actor.principal, verified);
  run.set(answer(run.record, step, { ...deed, answers: checked.answers }, Date.now()));
  return undefined;
}

type Operation = OnboardingCommand & { name: 'cancel' | 'skip' | 'retryStep' | 'pause' | 'resume' };

async function operate(given: Operation, run: Run, others: readonly string[]): Promise<Refusal | undefined> {
  const verified = await verifyAdmin(given, run, others);
  if (isRefusal(verified)) return verified;
  const { command } = given;
  const by = { ...deedOf(command.actor.principal, verified), reason: command.reason };
  const done = operated(given, run.record, by);
  const step = 'step' in command ? ` ${command.step}` : '';
  const compensating = given.name === 'cancel' && given.command.compensate ? ', and remove what was granted' : '';
  const note = { ...by, what: `${given.name}${step}${compensating}` };
  run.set({ ...done, notes: [...done.notes, note].slice(-MAX_NOTES) });
  return undefined;
}

const MAX_NOTES = 200;

function operated(given: Operation, record: OnboardingRecord, by: Deed & { reason: string }): OnboardingRecord {
  const now = Date.now();
  switch (given.name) {
    case 'cancel':
      return end(record, { outcome: 'cancelled', compensate: given.command.compensate, reason: by.reason, by });
    case 'skip':
      return skip(record, given.command.step, by);
    case 'retryStep':
      return retryStep(record, given.command.step, now);
    case 'pause':
      return pause(record, now);
    case 'resume':
      return resume(record, now);
  }
}

export function deedOf(principal: string, { verified }: Pick<Verified, 'verified'>): Deed {
  return { by: principal, at: new Date().toISOString(), verified };
}

export function resultOf(
  { view }: Run,
  { command }: { command: OnboardingCommandOf<OnboardingCommand['name']> },
): OnboardingResult {
  const { id, runId, state, outcome, percent } = view;
  return { id, runId, state, outcome, percent, ...('step' in command ? { step: command.step } : {}) };
}
