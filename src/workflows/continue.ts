import { allHandlersFinished, condition, makeContinueAsNewFunc, sleep, workflowInfo } from '@temporalio/workflow';
import type { Settings } from '../domain/settings.ts';
import type { RequestView } from '../domain/view.ts';
import type { Carried, Phase } from './carried.ts';
import type { Door } from './door.ts';
import type { Run } from './run.ts';

/**
 * Goes on as a new run, once this one has had its share of messages. Temporal refuses that while messages wait, and
 * then forgets the whole task: so it happens in a task of its own, in which nothing else is done, and commands that come
 * meanwhile are sent to the next run.
 */
export async function continueIfDue(run: Run, phase: Phase): Promise<void> {
  const { record, inbox } = run;
  const { kept } = record;
  if (!kept || !shouldContinue(run)) return;
  inbox.close();
  await condition(allHandlersFinished);
  await sleep(1, { summary: 'Go on as a new run' });
  // Temporal tells the next run nothing of it.
  if (isCancelled(run)) return inbox.open();
  const { memo, typedSearchAttributes } = workflowInfo();
  type JoinChannel = (input: unknown, carried: Carried) => Promise<RequestView>;
  // Continuing loses whatever is not passed on.
  const goOn = makeContinueAsNewFunc<JoinChannel>({ memo: memo ?? {}, typedSearchAttributes });
  await goOn(record.view.request, record.carried(phase, kept));
}

/** Whether this run has had its share, and may go on as a new one now. A loop that waits wakes up for it. */
export function shouldContinue(run: Run): boolean {
  const { record, inbox, door } = run;
  const isBusy = !inbox.isEmpty() || inbox.isLookedFor();
  return hadItsShare(door, record.kept?.settings) && !isBusy && !isCancelled(run);
}

/** Whether a run has taken its share of messages, or its history is long. */
export function hadItsShare(door: Door, settings: Pick<Settings, 'commandsPerRun'> | undefined): boolean {
  return settings !== undefined && (door.taken() >= settings.commandsPerRun || workflowInfo().continueAsNewSuggested);
}

/** A cancellation is nothing to a membership that is being removed. */
function isCancelled({ record, inbox }: Run): boolean {
  const { state, incident } = record.view;
  return inbox.isCancelled() && !(state === 'incident' && incident?.during === 'removal');
}
