import type { ApplicationFailure } from '@temporalio/common';
import { condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { refusedCommand } from '../../domain/onboarding/allowed.ts';
import { guardOnboardingCommand } from '../../domain/guard.ts';
import { ACCEPTED_IN_ONBOARDING_COMMAND } from '../../domain/onboarding/commands.ts';
import type { OnboardingCommandName, UncheckedCommand } from '../../domain/onboarding/commands.ts';
import { parseOnboarding } from '../../domain/onboarding/input.ts';
import { hintIn } from '../../domain/onboarding/messages.ts';
import { progressOf } from '../../domain/onboarding/view.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { same } from '../../domain/same.ts';
import { BUSY, MOST_INSIDE, MOST_TAKEN } from '../door.ts';
import { guarded, refuse } from '../failures.ts';
import { childProgressSignal, commandUpdates, planQuery, startOnboardingUpdate, stateQuery } from './messages.ts';
import type { Run } from './run.ts';

/** A caller waits no longer for the first answer. */
const ANSWER_WITHIN_MS = 5_000;

/** What is wrong with the input, or with what else it was started with. */
export function refuseEverything(invalid: ApplicationFailure): void {
  const refusing = guarded(async (): Promise<never> => {
    throw invalid;
  });
  // Not in a validator: one that refuses in the task in which the workflow fails hangs some servers.
  setHandler(startOnboardingUpdate, refusing);
  for (const [, update] of commandUpdates) setHandler(update, refusing);
  setDefaultSignalHandler(() => undefined);
}

/** Registers every message. Validators are synchronous, since the SDK drops an async one's promise. */
export function registerHandlers(run: Run): void {
  setHandler(stateQuery, () => run.view, { description: 'Everything there is to know about this onboarding' });
  setHandler(planQuery, () => progressOf(run.view), {
    description: 'Its steps: what was done, what is going on, what is to come, who may act and by when',
  });
  // Anybody can send a signal: this one is only a reason to look, and nonsense is none.
  setHandler(childProgressSignal, (input) => {
    run.door.count();
    const hint = hintIn(input);
    if (hint) run.news.hinted(hint.id, hint.state);
  });
  setHandler(
    startOnboardingUpdate,
    guarded(async (input) => run.door.enter(async () => started(input, run))),
    {
      validator: (input) => {
        if (run.door.taken() >= MOST_TAKEN) assertAllowed(BUSY);
        if (run.record.state !== 'preparing') assertAllowed(otherOnboarding(input, run));
      },
      description: 'Start, and learn where it stands; never waits for people',
    },
  );
  for (const [name, update] of commandUpdates) {
    const isUrgent = name === 'cancel';
    const submit = async (input: unknown) => {
      // Those of one instant were let in before any of them was inside.
      if (run.door.inside() > MOST_INSIDE && !isUrgent) throw refuse(BUSY);
      return run.inbox.submit(parsed(name, input));
    };
    setHandler(
      update,
      guarded(async (input) => run.door.enter(async () => submit(input))),
      {
        validator: (input) => {
          if (run.door.inside() >= MOST_INSIDE && !isUrgent) assertAllowed(BUSY);
          assertAllowed(refusedCommand(parsed(name, input), run.record));
        },
        description: `${name}: { ${ACCEPTED_IN_ONBOARDING_COMMAND[name]} }`,
      },
    );
  }
}

async function started(input: unknown, run: Run) {
  const prepared = () => run.record.state !== 'preparing';
  const wait = async () => condition(prepared, ANSWER_WITHIN_MS, { summary: 'Answer the caller' });
  // Where many wait, the next hear at once how far it is.
  if (run.door.inside() < MOST_INSIDE) await wait();
  const { error } = run.record;
  const refusal = otherOnboarding(input, run);
  const code = START_REFUSALS.find((one) => one === error?.type);
  // Somebody had taken its id who might not: then the way is free.
  if (refusal?.code === 'OtherOnboardingOpen' && code) throw refuse(FREE_AGAIN);
  assertAllowed(refusal);
  if (error && code) throw refuse({ ...error, code });
  const { id, runId, state, outcome, percent } = run.view;
  return { id, runId, state, outcome, percent };
}

const START_REFUSALS = ['Unauthenticated', 'UnknownFlow', 'FlowNotAllowed', 'InvalidRequest'] as const;

const FREE_AGAIN: Refusal = {
  code: 'Continuing',
  message: 'Another start by the same id was refused just now: give this one again.',
};

function parsed(name: OnboardingCommandName, input: unknown): UncheckedCommand {
  const command = guardOnboardingCommand(name, input);
  if (isRefusal(command)) throw refuse(command);
  return { name, command } as UncheckedCommand;
}

function assertAllowed(refusal: Refusal | undefined): void {
  if (refusal) throw refuse(refusal);
}

/** Starting it again while it is open answers where it stands, if it is the same. */
function otherOnboarding(input: unknown, { onboarding }: Run): Refusal | undefined {
  const read = parseOnboarding(input);
  if (!read.ok) {
    const [issue] = read.issues;
    return { code: 'InvalidRequest', message: issue?.message ?? 'not an onboarding', ...issue };
  }
  return same(read.value.subject, onboarding.subject) ? undefined : OTHER_OPEN;
}

const OTHER_OPEN: Refusal = {
  code: 'OtherOnboardingOpen',
  message:
    'An onboarding of this member by this flow and asker is open, with another flow or other params: let it end, or cancel it, first.',
};
