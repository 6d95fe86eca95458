import { condition } from '@temporalio/workflow';
import { isRefusal } from '../domain/commands.ts';
import type { CommandOf, CommandResult, Refusal } from '../domain/commands.ts';
import type { Incident, RequestError, RequestView } from '../domain/view.ts';
import { createAlarm } from './alarm.ts';
import { refused } from './allowed.ts';
import { continueIfDue, shouldContinue } from './continue.ts';
import { resultOf } from './command-result.ts';
import { withdraw } from './commands/withdraw.ts';
import type { Delivery } from './inbox.ts';
import type { Run } from './run.ts';
import { tellPeople } from './telling.ts';
import { deedOf, verifyAdmin } from './verification.ts';

/** What an incident came to: an operator tries again or gives up, nobody acts in time, or the requester withdraws. */
export type IncidentEnd = 'retry' | 'abandoned' | 'expired' | 'withdrawn';

/** Holds a request that only an operator can mend, and shows it. */
export async function openIncident(
  run: Run,
  during: Incident['during'],
  error: RequestError,
  forMs: number,
): Promise<void> {
  const at = new Date().toISOString();
  const dueAt = new Date(Date.now() + forMs).toISOString();
  run.record.update({ state: 'incident', incident: { at, during, error, dueAt } });
  await tellPeople('incident', run, { code: error.type, message: error.message, dueAt });
}

export async function waitForOperator(run: Run, { during, dueAt }: Incident): Promise<IncidentEnd> {
  const { record, inbox } = run;
  const alarm = createAlarm();
  try {
    for (;;) {
      await continueIfDue(run, 'incident');
      alarm.set(Date.parse(dueAt), `Gives up ${dueAt}`);
      await condition(
        () => !inbox.isEmpty() || (inbox.isCancelled() && during === 'grant') || alarm.isDue() || shouldContinue(run),
      );
      if (inbox.isCancelled() && during === 'grant') return 'withdrawn';
      const delivery = inbox.take();
      if (!delivery && !alarm.isDue()) continue;
      if (!delivery) return 'expired';
      const end = await handle(delivery, run);
      if (!end) continue;
      // The call is made only once the policies have allowed it again: until then it can be withdrawn.
      if (end === 'retry') record.update({ state: during === 'grant' ? 'evaluating' : 'active', incident: undefined });
      return end;
    }
  } finally {
    alarm.stop();
  }
}

async function handle(delivery: Delivery, run: Run): Promise<IncidentEnd | undefined> {
  const { record } = run;
  if (delivery.name === 'withdraw') return (await withdraw(delivery, record)) ? 'withdrawn' : undefined;
  const refusal = refused(delivery, record.view);
  if (refusal || (delivery.name !== 'retry' && delivery.name !== 'abandon')) {
    delivery.answer = refusal ?? HELD;
    return undefined;
  }
  const { name, command } = delivery;
  const done = await decide(name, command, run);
  delivery.answer = done ?? { ...resultOf(record.view), ...stateAfter(name, record.view) };
  if (done) return undefined;
  return name === 'retry' ? 'retry' : 'abandoned';
}

async function decide(
  name: 'retry' | 'abandon',
  command: CommandOf<'retry'>,
  { record }: Run,
): Promise<Refusal | undefined> {
  const verified = await verifyAdmin(name, command, record);
  if (isRefusal(verified)) return verified;
  const what = name === 'retry' ? 'had it tried again' : 'gave up';
  record.note({ ...deedOf(command, verified), what, reason: command.reason });
  return undefined;
}

/** What the operator is told: the main loop changes the state right after its answer. */
function stateAfter(name: 'retry' | 'abandon', { incident }: RequestView): Partial<CommandResult> {
  if (name === 'abandon') return { state: 'closed', outcome: 'failed' };
  return { state: incident?.during === 'removal' ? 'active' : 'granting' };
}

const HELD: Refusal = { code: 'NotPending', message: 'The request has an incident: an operator has to act first.' };
