import { approversOf, canReassign } from '../../domain/approval/views.ts';
import { isRefusal } from '../../domain/commands.ts';
import type { CommandOf, Refusal } from '../../domain/commands.ts';
import { approversText } from '../../domain/requirement.ts';
import { activePanel } from '../../domain/view.ts';
import { resultOf } from '../command-result.ts';
import type { Handled } from '../end.ts';
import { endOf, take } from '../panel.ts';
import type { Run } from '../run.ts';
import { tellPeople } from '../telling.ts';
import { deedOf, roster, verifyAdmin } from '../verification.ts';

/** Names others for the open stage of a requirement. */
export async function reassign(command: CommandOf<'reassign'>, run: Run): Promise<Handled> {
  const { record } = run;
  const panel = activePanel(record.view);
  const { binding, to, reason } = command;
  if (!panel) return { answer: REFUSALS.notOpen };
  const verified = await verifyAdmin('reassign', command, record);
  if (isRefusal(verified)) return { answer: verified };
  const people = await roster(approversOf(panel), record, to);
  if (isRefusal(people)) return { answer: people };
  const may = canReassign(panel, binding, to, people);
  if (may !== 'ok') return { answer: REFUSALS[may] };
  const moved = await take(panel, { kind: 'reassign', at: Date.now(), binding, to, people }, run);
  if (isRefusal(moved)) return { answer: moved };
  const what = `reassigned ${binding} to ${approversText(to)}`;
  record.note({ ...deedOf(command, verified), what, reason });
  await tellPeople('pending', run);
  const end = endOf(moved);
  return { answer: resultOf(record.view), ...(end ? { end } : {}) };
}

const REFUSALS: Record<'unknownRequirement' | 'notOpen' | 'nobody', Refusal> = {
  unknownRequirement: {
    code: 'UnknownRequirement',
    message: 'No requirement comes from this binding.',
    field: 'binding',
  },
  notOpen: { code: 'NotPending', message: 'Nobody is asked by this binding now.', field: 'binding' },
  nobody: { code: 'NotAnApprover', message: 'Of these people, too few could review.', field: 'to' },
};
