import type { Command } from 'commander';
import { parseArn } from '../../domain/arn.ts';
import { toldReviews } from '../../domain/told.ts';
import { answerFor, type Answer, type RequestView, type AskedInput } from '../../domain/view.ts';
import { bad, good, type AdmissionError, type Result } from '../../service/result.ts';
import { withService, type Context } from '../context.ts';
import { describeAnswer } from '../describe/request.ts';
import { describeInput } from '../describe/rows.ts';
import { addActorOptions, give, actorOf, reportCommand, type ActorOptions } from '../give.ts';
import {
  withFlag,
  given,
  addRequestOptions,
  requestFields,
  answersFrom,
  type RequestOptions,
  type AnswerOptions,
} from '../options.ts';
import { exitCodeOfJoin, io, note, print, printError } from '../output.ts';

interface JoinOptions extends RequestOptions {
  wait?: boolean;
  json?: boolean;
}

export function addJoin(program: Command): void {
  addRequestOptions(
    program
      .command('join')
      .summary('ask to add a member to a channel')
      .description('Asks to add a member to a channel, and says where the request stands.'),
  )
    .option('--wait', 'wait until the member is in or the request is closed, however long people take')
    .option('--json', 'print JSON')
    .addHelpText('after', JOIN_HELP)
    .action((options: JoinOptions) => withService(options.json, (context) => join(options, context)));
}

const JOIN_HELP = `
Examples:
  admit join --channel CHANNEL_ARN --member USER_ARN
  admit join --channel CHANNEL_ARN --member USER_ARN --term 90d --reason "the audit" --as MODERATOR_ARN

Exit codes: 0 joined or already a member, 3 denied, expired, withdrawn or revoked, 4 open, 5 failed.`;

async function join(options: JoinOptions, context: Context): Promise<AdmissionError | undefined> {
  const { wait, json } = options;
  const { service, principal } = context;
  const answer = await service.join(requestFields({ ...options, ...given({ as: options.as ?? principal }) }));
  if (!answer.ok) return withFlag(answer.error);
  const { id, state, outcome } = answer.value;
  if (!wait || outcome !== null || state === 'active') return reportJoin(answer.value, [], options, context);
  if (!json) note(`${id} is ${state}; waiting until it is decided (Ctrl-C stops only the waiting)`);
  const decided = await service.wait(id, { orActive: true });
  if (!decided.ok) return decided.error;
  return reportJoin(answerFor(decided.value), toldReviews(decided.value), options, context);
}

function reportJoin(
  answer: Answer,
  approvals: RequestView['approvals'],
  { json, channel }: JoinOptions,
  { uiUrl }: Context,
): AdmissionError | undefined {
  // A worker that knows the service bearers better than we do refused the input: nothing was asked of anybody.
  if (answer.error?.type === 'InvalidRequest') {
    const { type: code, ...rest } = answer.error;
    return withFlag({ code, id: answer.id, ...rest });
  }
  io().exitCode = exitCodeOfJoin(answer);
  const next = nextCommand(answer, parseArn(channel)?.appInstanceArn ?? '');
  const described = { ...answer, approvals, uiUrl: uiUrl(answer.id, answer.runId), ...given({ next }) };
  print(json, described, () => describeAnswer(described, next));
  return undefined;
}

/** What makes the request go on. */
function nextCommand({ id, state, waitsFor }: Answer, appInstanceArn: string): string | undefined {
  if (state !== 'pending') return undefined;
  if (waitsFor === 'input') return `admit input ${id}`;
  return waitsFor === 'time'
    ? `admit plan ${id}`
    : `admit review ${id} --approve --as ${appInstanceArn}/user/MODERATOR`;
}

/** `false`: taken away by the flag that begins with --no-. */
interface AmendOptions extends ActorOptions {
  type?: 'DEFAULT' | 'HIDDEN';
  reason?: string | false;
  term?: string | false;
  subChannel?: string | false;
  bearer?: string | false;
}

export function addAmend(program: Command): void {
  const command = program
    .command('amend')
    .summary('change a pending request')
    .description(
      'Changes a pending request, as its requester. The policies are asked again, and reviews of what it was before no longer count.',
    );
  addActorOptions(command, 'the requester')
    .option('--type <type>', 'DEFAULT or HIDDEN')
    .option('--reason <text>', 'why, for the people who decide')
    .option('--no-reason', 'no reason any more')
    .option('--term <duration>', 'how long the membership lasts, such as 90d')
    .option('--no-term', 'as long as policies allow')
    .option('--sub-channel <id>', 'the sub-channel, for moderators of an elastic channel')
    .option('--no-sub-channel', 'no sub-channel any more')
    .option('--bearer <arn>', 'who makes the call: the requester or a service bearer')
    .option('--no-bearer', 'whoever may make the call')
    .addHelpText('after', AMEND_EXAMPLES)
    .action(amend);
}

const AMEND_EXAMPLES = `
Examples:
  admit amend ID --term 30d --as REQUESTER_ARN
  admit amend ID --type DEFAULT --no-bearer --reason "for the audit" --as REQUESTER_ARN`;

async function amend(id: string, options: AmendOptions): Promise<void> {
  const changes = given({
    type: options.type,
    reason: orNull(options.reason),
    term: orNull(options.term),
    subChannelId: orNull(options.subChannel),
    chimeBearer: orNull(options.bearer),
  });
  if (Object.keys(changes).length > 0) return give(id, 'amend', { changes }, options);
  const accepted = '--type, --reason, --term, --sub-channel, --bearer, and --no- before all but the first';
  printError(options.json, {
    code: 'InvalidCall',
    field: 'changes',
    message: 'nothing is to be changed',
    accepted,
    id,
  });
}

function orNull(value: string | false | undefined): string | null | undefined {
  return value === false ? null : value;
}

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
    .addHelpText('after', INPUT_EXAMPLES)
    .action((id: string, options: InputOptions) => withService(options.json, (context) => input(id, options, context)));
}

const INPUT_EXAMPLES = `
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

export function addWithdraw(program: Command): void {
  const command = program
    .command('withdraw')
    .summary('take a request back')
    .description('Takes an open request back, as its requester or its member. Once it is granting, that is too late.');
  addActorOptions(command, 'the requester or the member')
    .addHelpText('after', WITHDRAW_EXAMPLES)
    .action((id: string, options: ActorOptions) => give(id, 'withdraw', {}, options));
}

const WITHDRAW_EXAMPLES = `
Example:
  admit withdraw ID --as REQUESTER_ARN`;

interface ExtendOptions extends ActorOptions {
  by: string;
  reason?: string;
}

export function addExtend(program: Command): void {
  const command = program
    .command('extend')
    .summary('ask for a longer membership')
    .description(
      'Asks for a longer term of a membership. The policies are asked as they were for the membership, and people may have to approve.',
    );
  addActorOptions(command, 'the requester or the member, a moderator or an admin')
    .requiredOption('--by <duration>', 'how much longer, such as 30d')
    .option('--reason <text>', 'why, for the people who decide')
    .addHelpText('after', EXTEND_EXAMPLES)
    .action((id: string, options: ExtendOptions) => {
      const { by, reason } = options;
      return give(id, 'extend', { by, ...given({ reason }) }, options);
    });
}

const EXTEND_EXAMPLES = `
Example:
  admit extend ID --by 30d --reason "the project goes on" --as MEMBER_ARN`;
