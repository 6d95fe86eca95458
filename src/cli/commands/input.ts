import type { Command } from 'commander';
import type { AskedInput } from '../../domain/view.ts';
import { bad, good } from '../../service/result.ts';
import type { AdmissionError, Result } from '../../service/result.ts';
import { answersFrom } from '../answers.ts';
import type { AnswerOptions } from '../answers.ts';
import { withService } from '../context.ts';
import type { Context } from '../context.ts';
import { describeInput } from '../describe/describe-input.ts';
import { actorOf, addActorOptions, reportCommand } from '../give.ts';
import type { ActorOptions } from '../give.ts';
import { print } from '../output.ts';

interface InputOptions extends ActorOptions, AnswerOptions {
  binding?: string;
}

export function addInput(program: Command): void {
  const command = program
    .command('input')
    .summary('answer what a policy asks')
    .description('Answers what a policy asks of the requester; without answers, shows what is asked.');
  addActorOptions(command, 'the requester or the member')
    .option('--binding <name>', 'whose question (default: the only one)')
    .option('--answer <field=value...>', 'an answer, as the field asks for it')
    .option('--answers <json>', 'all answers, as a JSON object')
    .option('--answers-file <file>', 'the same, from a file')
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: InputOptions) => withService(options.json, (context) => input(id, options, context)));
}

const EXAMPLES = `
Examples:
  admit input ID
  admit input ID --answer acceptRules=true --answer team=audit --as REQUESTER_ARN
  admit input ID --answers '{"acceptRules":true,"team":"audit"}' --as REQUESTER_ARN`;

async function input(id: string, options: InputOptions, context: Context): Promise<AdmissionError | undefined> {
  const view = await context.service.show(id);
  if (!view.ok) return view.error;
  const { inputs } = view.value;
  const { answer, answers: text, answersFile, binding, json } = options;
  if (answer === undefined && text === undefined && answersFile === undefined) {
    print(json, inputs, () => (inputs.length > 0 ? inputs.flatMap(describeInput) : ['nothing is asked now']));
    return undefined;
  }
  const actor = actorOf(options.as, context);
  if (!actor.ok) return actor.error;
  const asked = askedOf(inputs, binding, id);
  if (!asked.ok) return asked.error;
  const answers = await answersFrom(options, asked.value.schema);
  if (!answers.ok) return answers.error;
  const command = { actor: { principal: actor.value }, binding: asked.value.binding, answers: answers.value };
  return reportCommand(await context.service.give(id, 'submitInput', command), json);
}

/** Which question is meant. */
function askedOf(inputs: readonly AskedInput[], binding: string | undefined, id: string): Result<AskedInput> {
  const meant = inputs.filter((one) => binding === undefined || one.binding === binding);
  const [asked] = meant;
  if (asked && meant.length === 1) return good(asked);
  const accepted = inputs.map((one) => one.binding).join(', ') || 'nothing is asked now';
  const message =
    meant.length > 1
      ? '--binding: several policies ask'
      : binding === undefined
        ? 'Nothing is asked now.'
        : `${binding} asks nothing now.`;
  return bad({ code: meant.length > 1 ? 'InvalidCall' : 'NoInputAsked', field: 'binding', message, accepted, id });
}
