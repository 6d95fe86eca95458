import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition, ContinueAsNew, sleep } from '@temporalio/workflow';
import { RESOLVED } from '../../domain/onboarding/allowed.ts';
import { advance } from '../../domain/onboarding/advance.ts';
import type { Told } from '../../domain/onboarding/advance.ts';
import { hint, report } from '../../domain/onboarding/children.ts';
import { end, failOnboarding } from '../../domain/onboarding/ending.ts';
import { parseOnboarding } from '../../domain/onboarding/input.ts';
import { currentStep } from '../../domain/onboarding/steps.ts';
import { todoOf } from '../../domain/onboarding/todo.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { FieldIssue } from '../../domain/request.ts';
import { createAlarm } from '../alarm.ts';
import type { Alarm } from '../alarm.ts';
import { hadItsShare } from '../continue.ts';
import { toRequestError } from '../failures.ts';
import { assertGoesOnFromOurs, clearBrought, wrongStart } from '../start.ts';
import { handle } from './handle.ts';
import { refuseEverything, registerHandlers } from './handlers.ts';
import { createRun } from './run.ts';
import type { Carried, Run } from './run.ts';
import { show } from './show.ts';
import { tellAll, tellIncident, tellOf } from './telling.ts';
import { createWork } from './work.ts';
import type { Work } from './work.ts';

/**
 * One onboarding, from its first step to its last, however many months that takes. The input names a flow and may be
 * anything; the flow that counts is in the history. Cancelling it in Temporal ends it, and leaves the memberships that it made.
 */
export async function onboardMember(input: unknown, carried?: unknown): Promise<OnboardingView> {
  const parsed = parseOnboarding(input);
  const wrong = wrongStart(carried);
  clearBrought({ refused: wrong !== undefined || !parsed.ok });
  if (wrong || !parsed.ok) {
    const failure = wrong ?? invalidOnboarding(parsed.ok ? [] : parsed.issues);
    refuseEverything(failure);
    await condition(allHandlersFinished);
    throw failure;
  }
  const run = createRun(parsed.value, carried as Carried | undefined);
  registerHandlers(run);
  // Nothing below is cancelled half way: the inbox tells the loop that somebody asked for it.
  return CancellationScope.nonCancellable(async () => {
    if (carried) await assertGoesOnFromOurs(run.inbox);
    show(run.view, undefined, run.kept?.listedAs);
    try {
      await loop(run, input);
    } finally {
      run.inbox.refuseRest(RESOLVED);
      await condition(allHandlersFinished);
    }
    const { view } = run;
    if (view.outcome !== 'failed') return view;
    const { type = 'Failed', message = 'The onboarding failed.' } = view.error ?? {};
    throw ApplicationFailure.nonRetryable(message, type, view.error, view);
  });
}

/** Takes one thing at a time: a command, an end of some work, a time. Only this loop calls activities. */
async function loop(run: Run, input: unknown): Promise<void> {
  const work = createWork();
  const alarm = createAlarm();
  // An earlier run has told of what it leaves.
  let heldSince = run.record.incident?.at;
  const turn = async () => {
    if (run.inbox.isCancelled() && !run.record.ending) run.set(end(run.record, CANCELLED));
    const isTaken = run.record.state === 'running' && currentStep(run.record) !== undefined;
    // What a join that is being started makes would be nobody's to remove.
    if (isTaken || !work.isJoining()) await advanceNow(run);
    const { record } = run;
    heldSince = await tellIncident(heldSince, run);
    if (record.state === 'closed') return;
    work.giveUpUnwanted(record);
    const todo = work.isBusy() ? undefined : todoOf(record);
    if (todo) work.start(todo, run);
    else await continueIfDue(run, work, input);
    await next(run, work, alarm);
  };
  while (run.record.state !== 'closed') await orFail(run, turn);
  alarm.stop();
  await orFail(run, () => tellOf('onboardingEnded', run));
}

/** Does what is due by itself. */
async function advanceNow(run: Run): Promise<void> {
  const { record, told } = advance(run.record, Date.now());
  run.set(record);
  await tellAll(told, run);
}

/** What nobody took care of ends the onboarding as failed: a plain error would freeze it for ever. */
async function orFail(run: Run, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    run.inbox.refuseRest(BROKEN);
    // Showing it may be what fails.
    await orFail(run, async () => run.set(failOnboarding(run.record, toRequestError(error), Date.now())));
  }
}

const BROKEN: Refusal = { code: 'Unavailable', message: 'The onboarding failed just now: look how it stands.' };

async function next(run: Run, work: Work, alarm: Alarm): Promise<void> {
  const { inbox, news, view } = run;
  alarm.set(view.next === undefined ? undefined : Date.parse(view.next.at), view.next?.what ?? '');
  const cancelled = () => inbox.isCancelled() && !run.record.ending;
  const moves = () => !work.isBusy() && hadItsShare(run.door, run.kept?.settings) && isQuiet(run);
  await condition(
    () => !inbox.isEmpty() || !news.isEmpty() || work.isDone() || alarm.isDue() || cancelled() || moves(),
  );
  const told: Told[] = [];
  const now = Date.now();
  const change = work.take();
  if (change) run.set(change(run.record, now, told));
  for (const { step, view: ended } of news.takeEnded()) run.set(report(run.record, step, ended, now));
  for (const childId of news.takeHints()) run.set(hint(run.record, childId));
  await tellAll(told, run);
  const delivery = inbox.take();
  if (delivery) await handle(delivery, run);
}

/** Goes on as a new run, once this one has taken its share of commands: only while nothing is under way. */
async function continueIfDue(run: Run, work: Work, input: unknown): Promise<void> {
  const { kept } = run;
  if (!kept || work.isBusy() || !hadItsShare(run.door, kept.settings)) return;
  if (!isQuiet(run)) return;
  await condition(() => allHandlersFinished() || !isQuiet(run));
  // In a task of its own: Temporal refuses to continue while messages wait, and then forgets the whole task.
  await sleep(1, { summary: 'Go on as a new run' });
  if (isQuiet(run) && allHandlersFinished()) await run.continueAsNew(input);
}

/** Whether nothing has come that this run has to see to. */
function isQuiet({ inbox, news, record }: Run): boolean {
  return inbox.isEmpty() && news.isEmpty() && !(inbox.isCancelled() && !record.ending);
}

/** Nobody proves who asked for it: so nothing is taken from anybody. */
const CANCELLED = { outcome: 'cancelled', compensate: false, reason: 'Cancelled in Temporal' } as const;

function invalidOnboarding(issues: readonly FieldIssue[]): ApplicationFailure {
  const message = issues.map((issue) => issue.message).join('; ');
  return ApplicationFailure.nonRetryable(message, 'InvalidRequest', { ...issues[0], issues });
}
