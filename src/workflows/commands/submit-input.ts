import { isRefusal } from '../../domain/commands.ts';
import type { CommandOf } from '../../domain/commands.ts';
import type { Answers } from '../../domain/view.ts';
import type { Handled } from '../end.ts';
import type { Run } from '../run.ts';
import { deedOf, prove } from '../verification.ts';
import { askAgain } from './again.ts';

/** Takes the answers to what a policy asked; with them the policies are asked again. */
export async function submitInput(command: CommandOf<'submitInput'>, run: Run): Promise<Handled> {
  const { record } = run;
  const { binding, answers: given } = command;
  const verified = await prove('submitInput', command, record);
  if (isRefusal(verified)) return { answer: verified };
  const mine: Answers = { ...deedOf(command, verified), binding, answers: given };
  const answers = [...record.view.answers.filter((one) => one.binding !== binding), mine];
  return askAgain(run, { answers }, () => record.update({ answers }));
}
