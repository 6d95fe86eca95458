import type { Command } from 'commander';
import { parseArn } from '../../domain/arn.ts';
import { answerFor } from '../../domain/view.ts';
import type { Answer, RequestView } from '../../domain/view.ts';
import type { AdmissionError } from '../../service/result.ts';
import { withService } from '../context.ts';
import type { Context } from '../context.ts';
import { describeRequest } from '../describe-request.ts';
import { exitCodeOfJoin } from '../exit-code.ts';
import { note, print } from '../output.ts';
import { addRequestOptions, requestFields, withFlag } from '../request-options.ts';
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
    .option('--reason <text>', 'why, for the people who decide')
    .option('--wait', 'wait until the request is closed, however long people take')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 joined or already a member, 3 denied, expired or withdrawn, 4 pending or granting, 5 failed.',
    )
    .action((options: JoinOptions) => withService(options.json, (context) => join(options, context)));
}

async function join(options: JoinOptions, context: Context): Promise<AdmissionError | undefined> {
  const { wait, json } = options;
  const answer = await context.service.join(requestFields(options));
  if (!answer.ok) return withFlag(answer.error);
  if (!wait || answer.value.outcome !== null) return report(answer.value, [], options, context);
  if (!json)
    note(`${answer.value.id} is ${answer.value.state}; waiting until it is closed (Ctrl-C stops only the waiting)`);
  const closed = await context.service.wait(answer.value.id);
  if (!closed.ok) return closed.error;
  return report(answerFor(closed.value), closed.value.approvals, options, context);
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
  process.exitCode = exitCodeOfJoin(answer);
  const next =
    answer.state === 'pending'
      ? `admit review ${answer.id} --approve --as ${parseArn(channel)?.appInstanceArn}/user/MODERATOR`
      : undefined;
  const described = { ...answer, approvals, uiUrl: uiUrl(answer.id, answer.runId), ...(next ? { next } : {}) };
  print(json, described, () => describeRequest(described, next));
  return undefined;
}
