import { condition } from '@temporalio/workflow';
import { nextDueAt } from '../domain/approval/time.ts';
import type { Reason } from '../domain/admission.ts';
import { isRefusal } from '../domain/commands.ts';
import type { CommandOf, CommandResult, Refusal } from '../domain/commands.ts';
import { mayNotEnd } from '../domain/revocation.ts';
import type { RequestView } from '../domain/view.ts';
import { createAlarm } from './alarm.ts';
import type { Alarm } from './alarm.ts';
import { RESOLVED, refused } from './allowed.ts';
import { continueIfDue, shouldContinue } from './continue.ts';
import { toldResult } from './command-result.ts';
import { reassign } from './commands/reassign.ts';
import { review } from './commands/review.ts';
import { elapse, extend, settleExtension } from './extension.ts';
import type { Delivery } from './inbox.ts';
import { look } from './look.ts';
import { TERM_ENDED } from './removal.ts';
import type { Run } from './run.ts';
import { tellPeople } from './telling.ts';
import { deedOf, verify } from './verification.ts';

/** Waits until a membership has to end; why. It is reminded of, may be extended, and may be revoked before. */
export async function waitForEnd(run: Run): Promise<Reason> {
  const { record, inbox } = run;
  const alarm = createAlarm();
  try {
    for (;;) {
      await continueIfDue(run, 'active');
      setAlarm(alarm, record.view);
      const isCalled = () => !inbox.isEmpty() || inbox.isLookedFor() || inbox.isCancelled();
      await condition(() => isCalled() || alarm.isDue() || shouldContinue(run));
      if (inbox.isCancelled()) return CANCELLED;
      const reason = await next(run, alarm);
      if (reason) return reason;
    }
  } finally {
    alarm.stop();
  }
}

/** Who ends the membership goes first, then who only asks about it. */
async function next(run: Run, alarm: Alarm): Promise<Reason | undefined> {
  const { record, inbox } = run;
  if (inbox.isLookedFor() && !inbox.hasRevocation()) {
    const seen = await look(record);
    inbox.tellSeen(seen);
    return seen.is === 'left' ? seen.reason : undefined;
  }
  const delivery = inbox.take();
  if (delivery) return handle(delivery, run);
  return alarm.isDue() ? wake(run) : undefined;
}

function setAlarm(alarm: Alarm, { term, extension }: RequestView): void {
  const [remindAt] = term?.remindAt ?? [];
  // What is decided already is settled at once.
  const asked = extension ? (nextDueAt(extension.panel) ?? Date.now()) : undefined;
  const times = [
    ...(term ? [[Date.parse(term.endsAt), `The term ends ${term.endsAt}`] as const] : []),
    ...(term && remindAt ? [[Date.parse(remindAt), `Remind that the term ends ${term.endsAt}`] as const] : []),
    ...(asked === undefined ? [] : [[asked, 'Next step of the reviews of a longer term'] as const]),
  ];
  const [first] = times.toSorted(([a], [b]) => a - b);
  alarm.set(first?.[0], first?.[1] ?? '');
}

/** Does what is due now. */
async function wake(run: Run): Promise<Reason | undefined> {
  const { term } = run.record.view;
  const now = Date.now();
  if (!term || Date.parse(term.endsAt) <= now) return TERM_ENDED;
  const later = term.remindAt.filter((at) => Date.parse(at) > now);
  if (later.length < term.remindAt.length) {
    run.record.update({ term: { ...term, remindAt: later } });
    // A member who is gone is not reminded of anything.
    const seen = await look(run.record);
    if (seen.is === 'left') return seen.reason;
    await tellPeople('termEnds', run, { dueAt: term.endsAt });
  }
  return elapse(run, now);
}

async function handle(delivery: Delivery, run: Run): Promise<Reason | undefined> {
  const refusal = refused(delivery, run.record.view);
  if (refusal) {
    delivery.answer = refusal;
    return undefined;
  }
  if (delivery.name === 'revoke') return revoke(delivery, run);
  if (delivery.name === 'extend') {
    const { answer, left } = await extend(delivery.command, run);
    delivery.answer = answer;
    if (left) return left;
  } else {
    delivery.answer = await answerTo(delivery, run);
  }
  // Nobody waits for this: policies may have to be asked again.
  return settleExtension(run);
}

async function answerTo(delivery: Delivery, run: Run): Promise<CommandResult | Refusal> {
  if (delivery.name !== 'review' && delivery.name !== 'reassign') return RESOLVED;
  return (delivery.name === 'review' ? await review(delivery.command, run) : await reassign(delivery.command, run))
    .answer;
}

/** Ends a membership before its time: by who has it, or by an office of the channel. */
async function revoke(delivery: Delivery & { command: CommandOf<'revoke'> }, run: Run): Promise<Reason | undefined> {
  const { record } = run;
  const { actor, reason } = delivery.command;
  const verified = await verify('revoke', delivery.command, record);
  if (isRefusal(verified)) {
    delivery.answer = verified;
    return undefined;
  }
  const refusal = mayNotEnd(actor.principal, record.view.request, verified.roles);
  if (refusal) {
    delivery.answer = refusal;
    return undefined;
  }
  record.note({ ...deedOf(delivery.command, verified), what: 'revoked', reason });
  delivery.answer = toldResult(record.view);
  return {
    code: 'REVOKED',
    message: `Revoked: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}`,
    binding: 'host',
    visibility: 'full',
  };
}

const CANCELLED: Reason = {
  code: 'REVOKED',
  message: 'The workflow was cancelled in Temporal.',
  binding: 'host',
  visibility: 'full',
};
