import { allHandlersFinished, condition, makeContinueAsNewFunc, sleep, workflowInfo } from '@temporalio/workflow';
import type { Settings } from '../domain/settings.ts';
import type { RequestView } from '../domain/view.ts';
import type { Run } from './run.ts';

/** What the last admission said that is needed later. */
export interface Kept {
  readonly settings: Settings;
  readonly serviceBearer: string;
  readonly executor: string | null;
  /** When the policies had answered, in ms since 1970, by the clock of the workflow. */
  readonly admittedAt: number;
  readonly validForMs: number;
  readonly term?: { readonly limitMs: number; readonly remindMs: readonly number[] };
}

/** Whether what the last admission found may still be acted on. */
export function isFresh({ admittedAt, validForMs }: Kept): boolean {
  return Date.now() - admittedAt <= validForMs;
}

/** Where a run goes on: the loops in which a request waits. */
export type Phase = 'waiting' | 'incident' | 'active';

/** Everything that the next run of a request needs. Only a run that continues another one takes it. */
export interface Carried {
  readonly phase: Phase;
  readonly view: RequestView;
  readonly kept: Kept;
  readonly usedAssertions: readonly { readonly id: string; readonly expiresAt: number }[];
  readonly reviewIds: readonly string[];
  /** How many events people were told of. */
  readonly told: number;
}

/**
 * Goes on as a new run, once this one has handled its share of commands. Temporal refuses that while messages wait, and
 * then forgets the whole task: so it happens in a task of its own, in which nothing else is done, and commands that come
 * meanwhile are sent to the next run.
 */
export async function continueIfDue({ record, inbox }: Run, phase: Phase): Promise<void> {
  const { kept } = record;
  if (!kept || !isDue(inbox.taken(), kept.settings) || !inbox.isEmpty() || inbox.isCancelled()) return;
  inbox.close();
  await condition(allHandlersFinished);
  await sleep(1, { summary: 'Go on as a new run' });
  // Temporal tells the next run nothing of it.
  if (inbox.isCancelled()) return inbox.open();
  const { memo, typedSearchAttributes } = workflowInfo();
  type JoinChannel = (input: unknown, carried: Carried) => Promise<RequestView>;
  // Continuing loses whatever is not passed on.
  const goOn = makeContinueAsNewFunc<JoinChannel>({ memo: memo ?? {}, typedSearchAttributes });
  await goOn(record.view.request, record.carried(phase, kept));
}

function isDue(commands: number, { commandsPerRun }: Settings): boolean {
  return commands >= commandsPerRun || workflowInfo().continueAsNewSuggested;
}
