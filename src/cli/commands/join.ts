import type { Command } from 'commander';
import { parseArn } from '../../domain/arn.ts';
import { toldReviews } from '../../domain/told.ts';
import { answerFor } from '../../domain/view.ts';
import type { Answer, RequestView } from '../../domain/view.ts';
import type { AdmissionError } from '../../service/result.ts';
import { withService } from '../context.ts';
import type { Context } from '../context.ts';
import { describeAnswer } from '../describe/describe-answer.ts';
import { exitCodeOfJoin } from '../exit-code.ts';
import { withFlag } from '../flags.ts';
import { given } from '../given.ts';
import { io } from '../io.ts';
import { note, print } from '../output.ts';
import { addRequestOptions, requestFields } from '../request-options.ts';
import type { RequestOptions } from '../request-options.ts';

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
    .addHelpText('after', HELP)
    .action((options: JoinOptions) => withService(options.json, (context) => join(options, context)));
}

const HELP = `
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
  if (!wait || outcome !== null || state === 'active') return report(answer.value, [], options, context);
  if (!json) note(`${id} is ${state}; waiting until it is decided (Ctrl-C stops only the waiting)`);
  const decided = await service.wait(id, { orActive: true });
  if (!decided.ok) return decided.error;
  return report(answerFor(decided.value), toldReviews(decided.value), options, context);
}

function report(
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
