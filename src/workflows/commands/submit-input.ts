import { isRefusal } from '../../domain/commands.ts';
import type { CommandOf, Refusal } from '../../domain/commands.ts';
import type { Answers } from '../../domain/view.ts';
import type { Handled } from '../end.ts';
import type { Run } from '../run.ts';
import { deedOf, prove } from '../verification.ts';
import { localFirst } from '../local-first.ts';
import { askAgain } from './again.ts';

/** Takes the answers to what a policy asked; with them the policies are asked again. */
export async function submitInput(command: CommandOf<'submitInput'>, run: Run): Promise<Handled> {
  const { record } = run;
  const { binding, answers: given } = command;
  const verified = await prove('submitInput', command, record);
  if (isRefusal(verified)) return { answer: verified };
  const asked = record.view.inputs.find((input) => input.binding === binding);
  if (!asked) return { answer: NOTHING_ASKED };
  const checked = await localFirst('Check the answers', (proxy) =>
    proxy.checkAnswers({ schema: asked.schema, answers: given }),
  );
  if (isRefusal(checked)) return { answer: checked };
  const mine: Answers = { ...deedOf(command, verified), binding, answers: checked.answers };
  const answers = [...record.view.answers.filter((one) => one.binding !== binding), mine];
  return askAgain(run, { answers }, () => record.update({ answers }));
}

const NOTHING_ASKED: Refusal = { code: 'NoInputAsked', message: 'It asks nothing any more.', field: 'binding' };
