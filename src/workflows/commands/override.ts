import { isRefusal } from '../../domain/commands.ts';
import type { CommandOf } from '../../domain/commands.ts';
import { resultOf } from '../command-result.ts';
import type { Handled } from '../end.ts';
import type { Run } from '../run.ts';
import { tellPeople } from '../telling.ts';
import { deedOf, verifyAdmin } from '../verification.ts';

/** Break-glass: an admin lets somebody in whom nobody decided on. What the policies said stays on record. */
export async function override(command: CommandOf<'override'>, run: Run): Promise<Handled> {
  const { record } = run;
  const verified = await verifyAdmin('override', command, record);
  if (isRefusal(verified)) return { answer: verified };
  const { reason, ticket } = command;
  const deed = deedOf(command, verified);
  record.note({ ...deed, what: `overrode (ticket ${ticket})`, reason }, { override: { ...deed, reason, ticket } });
  await tellPeople('overridden', run, { message: `${reason} (${ticket})` });
  const answer = { ...resultOf(record.view), state: 'granting' } as const;
  return { answer, end: { result: 'approved', completedBy: deed.by } };
}
