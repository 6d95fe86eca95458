import type { Actor } from '../../domain/actor.ts';
import { NOT_AN_ADMIN } from '../../domain/checked.ts';
import type { Checked } from '../../domain/checked.ts';
import { refusedCommand } from '../../domain/onboarding/allowed.ts';
import type { OnboardingCommand, OnboardingResult, UncheckedCommand } from '../../domain/onboarding/commands.ts';
import { end } from '../../domain/onboarding/ending.ts';
import { answer, pause, resume, retryStep, skip } from '../../domain/onboarding/operate.ts';
import { stepOf } from '../../domain/onboarding/steps.ts';
import type { OnboardingRecord } from '../../domain/onboarding/state.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Deed } from '../../domain/view.ts';
import type { Delivery } from './inbox.ts';
import { review } from './review.ts';
import type { Run } from './run.ts';
import { verify } from './verification.ts';

/** Does what a command says, if it may be given, and answers it. */
export async function handle(delivery: Delivery, run: Run): Promise<void> {
  const refusal = refusedCommand(delivery, run.record) ?? (await act(delivery, run));
  delivery.answer = refusal ?? resultOf(run, delivery);
}

async function act(given: UncheckedCommand, run: Run): Promise<Refusal | undefined> {
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

async function submitInput(given: UncheckedCommand & { name: 'submitInput' }, run: Run): Promise<Refusal | undefined> {
  const asked = stepOf(run.record, given.command.step);
  // That it is one was looked at before.
  if (asked?.kind !== 'input') throw new Error(`${given.command.step} asks nothing`);
  const checked = await verify(given, run, { standing: null, inputSchema: asked.schema });
  if (isRefusal(checked)) return checked;
  const { step, answers } = checked.command;
  run.set(answer(run.record, step, { ...deedOf(checked), answers }, Date.now()));
  return undefined;
}

type OperationName = 'cancel' | 'skip' | 'retryStep' | 'pause' | 'resume';
type Operation = OnboardingCommand & { readonly name: OperationName };

/** What only admins of the app instance may do, and `others`. */
async function operate(
  given: UncheckedCommand & { name: OperationName },
  run: Run,
  others: readonly string[],
): Promise<Refusal | undefined> {
  const checked = await verify(given, run, { standing: 'admin' });
  if (isRefusal(checked)) return checked;
  const { command, roles } = checked;
  const may = roles.includes('app_instance_admin') || others.includes(command.actor.principal);
  if (!may) return NOT_AN_ADMIN;
  const operation = { name: given.name, command } as Operation;
  const by = { ...deedOf(checked), reason: command.reason };
  const done = operated(operation, run.record, by);
  const step = 'step' in command ? ` ${command.step}` : '';
  const compensating =
    operation.name === 'cancel' && operation.command.compensate ? ', and remove what was granted' : '';
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

function deedOf({ command, verified }: Pick<Checked<{ readonly actor: Actor }>, 'command' | 'verified'>): Deed {
  return { by: command.actor.principal, at: new Date().toISOString(), verified };
}

export function resultOf({ view }: Run, { command }: Pick<UncheckedCommand, 'command'>): OnboardingResult {
  const { id, runId, state, outcome, percent } = view;
  return { id, runId, state, outcome, percent, ...('step' in command ? { step: command.step } : {}) };
}
