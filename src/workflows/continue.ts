import { allHandlersFinished, condition, makeContinueAsNewFunc, sleep, workflowInfo } from '@temporalio/workflow';
import type { Settings } from '../domain/settings.ts';
import type { RequestView } from '../domain/view.ts';
import type { Carried, Phase } from './carried.ts';
import type { Inbox } from './inbox.ts';
import type { Run } from './run.ts';

/**
 * Goes on as a new run, once this one has handled its share of commands. Temporal refuses that while messages wait, and
 * then forgets the whole task: so it happens in a task of its own, in which nothing else is done, and commands that come
 * meanwhile are sent to the next run.
 */
export async function continueIfDue({ record, inbox }: Run, phase: Phase): Promise<void> {
  const { kept } = record;
  if (!kept || !isDue(inbox.taken(), kept.settings) || isBusy(inbox) || inbox.isCancelled()) return;
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

function isBusy(inbox: Inbox): boolean {
  return !inbox.isEmpty() || inbox.isLookedFor();
}

function isDue(commands: number, { commandsPerRun }: Settings): boolean {
  return commands >= commandsPerRun || workflowInfo().continueAsNewSuggested;
}
