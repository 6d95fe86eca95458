import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { shortName } from '../domain/arn.ts';
import { bearerIssue } from '../domain/bearers.ts';
import {
  parseJoinCommand,
  REQUEST_JOIN,
  STATE_QUERY,
  WORKFLOW_TYPE,
  type Actor,
  type JoinCommand,
} from '../domain/commands.ts';
import { notTaken } from '../domain/join/asked.ts';
import { attributesAtFirst } from '../domain/join/listed.ts';
import type { JoinRequest } from '../domain/request.ts';
import { answerFor, type Answer, type RequestView } from '../domain/view.ts';
import { summaryText } from '../domain/text.ts';
import { digestOf } from '../identity/digest.ts';
import type { Signer } from '../identity/signer.ts';
import { fewAtOnce } from './few-at-once.ts';
import { answered, answerOrHowFar, noWorker, toAdmissionError, askOpen, untilHandled } from './failures.ts';
import { requestId } from '../workflow-id.ts';
import { bad, good, type AdmissionError, type Result } from './result.ts';
import { keywordPairs } from './search-attributes.ts';
import type { ServiceOptions } from './connect.ts';

/** What a workflow starts with, and what `requestJoin` is given: the fields of the request, and beside them the actor. */
type JoinInput = JoinRequest & { readonly actor?: Actor };

/** Checks a request and asks for it. Nothing is started for one that is not valid. */
export async function join(input: unknown, options: ServiceOptions): Promise<Result<Answer>> {
  const parsed = parseJoinCommand(input);
  if (!parsed.ok) return bad(invalid(parsed.issues[0]));
  const { bearers, taskQueue, idKey } = options;
  const { request } = parsed.value;
  const issue = bearers.length > 0 ? bearerIssue(request, bearers) : undefined;
  if (issue) return bad(invalid(issue));
  const id = requestId(request, idKey);
  return fewAtOnce(id, () => answered(askOnce(parsed.value, id, options), noWorker(taskQueue, id)));
}

/** Where the member has left what an earlier request made, that request ends, and this one is judged anew. */
async function askOnce(command: JoinCommand, id: string, options: ServiceOptions): Promise<Result<Answer>> {
  const answer = await ask(command, id, options);
  return answer.ok && answer.value.reason?.code === 'LEFT' ? ask(command, id, options) : answer;
}

async function ask(command: JoinCommand, id: string, options: ServiceOptions): Promise<Result<Answer>> {
  const { request, actor } = command;
  const { sign, client } = options;
  try {
    if (!sign || actor?.assertion !== undefined) {
      return good(await requestJoin({ ...request, ...(actor ? { actor } : {}) }, id, options));
    }
    const open = await askOpen<Answer>(client.workflow.getHandle(id), REQUEST_JOIN, request);
    return good(open ?? (await requestJoin({ ...request, actor: await signed(request, id, sign) }, id, options)));
  } catch (error) {
    return bad(toAdmissionError(error, id));
  }
}

async function signed(request: JoinRequest, id: string, sign: Signer): Promise<Actor> {
  const principal = request.requestedBy;
  const what = { command: REQUEST_JOIN, workflowId: id, payload: request, requestDigest: digestOf(request) };
  return { principal, assertion: await sign(principal, what) };
}

async function requestJoin(input: JoinInput, id: string, options: ServiceOptions): Promise<Answer> {
  const start = () =>
    new WithStartWorkflowOperation(WORKFLOW_TYPE, {
      workflowId: id,
      taskQueue: options.taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      // A plain join is over after one more change of these: each is an event.
      typedSearchAttributes: keywordPairs(attributesAtFirst(input)),
      staticSummary: summaryText(summaryOf(input)),
      staticDetails: detailsOf(input),
    });
  const { workflow } = options.client;
  const answer = untilHandled(async () =>
    workflow.executeUpdateWithStart<Workflow, Answer, [JoinInput]>(REQUEST_JOIN, {
      startWorkflowOperation: start(),
      args: [input],
    }),
  );
  return answerOrHowFar(answer, async () => {
    const view = await workflow.getHandle(id).query<RequestView>(STATE_QUERY);
    return { ...answerFor(view), ...notTaken(input, view.request) };
  });
}

/** One line for Temporal's lists. It stays as it is for ever, so it names nobody: a request may become HIDDEN later. */
function summaryOf({ channelArn, type }: JoinRequest): string {
  return `${type} member for ${shortName(channelArn)}`;
}

/** The UI shows this in a frame that is a line too low: the last one is to be empty. */
const SPACE = ['', '&#160;'];

/** What is asked, for who opens the workflow before a worker can show more. It names nobody either. */
function detailsOf({ channelArn, type }: JoinRequest): string {
  return [`A request for a ${type} membership`, '', `- channel \`${channelArn}\``, ...SPACE].join('\n');
}

function invalid(issue: { field: string; message: string; accepted: string } | undefined): AdmissionError {
  return { code: 'InvalidRequest', ...(issue ?? { message: 'This is not a request.' }) };
}
