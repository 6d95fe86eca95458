import { condition } from '@temporalio/workflow';
import { nextDueAt } from '../domain/approval/time.ts';
import type { RequestView } from '../domain/view.ts';
import { createAlarm } from './alarm.ts';
import type { Alarm } from './alarm.ts';
import { RESOLVED, refused } from './allowed.ts';
import { continueIfDue, shouldContinue } from './continue.ts';
import { amend } from './commands/amend.ts';
import { override } from './commands/override.ts';
import { reassign } from './commands/reassign.ts';
import { reevaluate } from './commands/reevaluate.ts';
import { review } from './commands/review.ts';
import { submitInput } from './commands/submit-input.ts';
import { withdraw } from './commands/withdraw.ts';
import type { End, Handled } from './end.ts';
import { evaluate } from './evaluation.ts';
import type { Delivery } from './inbox.ts';
import { endOf, takeTime } from './panel.ts';
import type { Run } from './run.ts';

/**
 * Waits until people decide, the requester answers or withdraws, or a time has come. One loop takes commands one at a time
 * and is the only place that calls activities, so that every race is a plain order and replays the same way.
 */
export async function waitForPeople(run: Run): Promise<End> {
  const { record, inbox } = run;
  const alarm = createAlarm();
  try {
    for (;;) {
      await continueIfDue(run, 'waiting');
      setAlarm(alarm, record.view);
      await condition(() => !inbox.isEmpty() || inbox.isCancelled() || alarm.isDue() || shouldContinue(run));
      if (inbox.isCancelled()) return { result: 'withdrawn' };
      const delivery = inbox.take();
      if (!delivery && !alarm.isDue()) continue;
      const end = delivery ? await handle(delivery, run) : await wake(run);
      if (end) return end;
    }
  } finally {
    alarm.stop();
  }
}

function setAlarm(alarm: Alarm, { waitsFor, panel, deferredUntil, inputs, dueAt }: RequestView): void {
  const expiry = dueAt === undefined ? [] : [[Date.parse(dueAt), `Expires ${dueAt}`] as const];
  const action = waitsFor === 'people' && panel ? nextDueAt(panel) : undefined;
  const times = [
    ...expiry,
    ...(action === undefined ? [] : [[action, `Next step of the reviews ${new Date(action).toISOString()}`] as const]),
    ...(waitsFor === 'time' && deferredUntil
      ? [[Date.parse(deferredUntil), `Ask the policies again ${deferredUntil}`] as const]
      : []),
    ...inputs.map(
      (input) => [Date.parse(input.dueAt), `The answers to ${input.binding} are due ${input.dueAt}`] as const,
    ),
  ];
  const [first] = times.toSorted(([a], [b]) => a - b);
  alarm.set(first?.[0], first?.[1] ?? '');
}

/** Does what is due now. */
async function wake(run: Run): Promise<End | undefined> {
  const { view } = run.record;
  const now = Date.now();
  const isPast = (time: string | undefined) => time !== undefined && Date.parse(time) <= now;
  if (view.waitsFor === 'people' && view.panel) {
    const panel = await takeTime(view.panel, now, run);
    return panel === 'withdrawn' ? { result: 'withdrawn' } : endOf(panel);
  }
  const late = view.inputs.find(({ dueAt }) => isPast(dueAt));
  if (late) return { result: 'expired', message: `Nobody answered ${late.binding} before ${late.dueAt}.` };
  if (isPast(view.dueAt)) return { result: 'expired', message: `Nothing was decided before ${view.dueAt}.` };
  if (!isPast(view.deferredUntil)) return undefined;
  const admission = await evaluate(run);
  return admission === 'withdrawn' ? { result: 'withdrawn' } : { result: 'evaluated', admission };
}

async function handle(delivery: Delivery, run: Run): Promise<End | undefined> {
  if (delivery.name === 'withdraw') {
    return (await withdraw(delivery, run.record)) ? { result: 'withdrawn' } : undefined;
  }
  const refusal = refused(delivery, run.record.view);
  const { answer, end }: Handled = refusal ? { answer: refusal } : await answerTo(delivery, run);
  delivery.answer = answer;
  return end;
}

async function answerTo(delivery: Delivery, run: Run): Promise<Handled> {
  switch (delivery.name) {
    case 'review':
      return review(delivery.command, run);
    case 'amend':
      return amend(delivery.command, run);
    case 'submitInput':
      return submitInput(delivery.command, run);
    case 'override':
      return override(delivery.command, run);
    case 'reassign':
      return reassign(delivery.command, run);
    case 'reevaluate':
      return reevaluate(delivery.command, run);
    case 'withdraw':
    case 'retry':
    case 'abandon':
    case 'extend':
    case 'revoke':
      return { answer: RESOLVED };
  }
}
