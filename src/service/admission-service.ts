import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { shortName } from '../domain/arn.ts';
import { bearerIssue } from '../domain/bearers.ts';
import { UPDATES, WORKFLOW_TYPE } from '../domain/commands.ts';
import type { CommandResult, ReviewCommand, WithdrawCommand } from '../domain/commands.ts';
import { parseJoinRequest } from '../domain/request.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Answer, RequestView } from '../domain/view.ts';
import { answered, noWorker, toAdmissionError } from './failures.ts';
import { listRequests } from './list-requests.ts';
import type { ListFilter, RequestSummary } from './list-requests.ts';
import { readView } from './read-view.ts';
import { requestId } from './request-id.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';

/** The one way to start, decide and inspect requests; CLI and HTTP call nothing else. Errors are data. */
export interface AdmissionService {
  /** Asks to join and answers within seconds, however long people may take. An open request of the same asker is joined. */
  join(input: unknown): Promise<Result<Answer>>;
  /** Everything there is to know of a request. */
  show(id: string): Promise<Result<RequestView>>;
  /** Waits until the request is closed. */
  wait(id: string): Promise<Result<RequestView>>;
  list(filter: ListFilter): Promise<Result<RequestSummary[]>>;
  review(id: string, command: ReviewCommand): Promise<Result<CommandResult>>;
  withdraw(id: string, command: WithdrawCommand): Promise<Result<CommandResult>>;
}

export interface ServiceOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** The service bearers, where they are known; none means that the worker alone checks them. */
  readonly bearers: readonly string[];
}

export function createAdmissionService(options: ServiceOptions): AdmissionService {
  const { client, taskQueue, bearers } = options;
  return {
    async join(input) {
      const parsed = parseJoinRequest(input);
      if (!parsed.ok) return bad(invalid(parsed.issues[0]));
      const issue = bearers.length > 0 ? bearerIssue(parsed.value, bearers) : undefined;
      if (issue) return bad(invalid(issue));
      const id = requestId(parsed.value);
      return answered(requestJoin(parsed.value, id, options), noWorker(taskQueue, id));
    },
    show: (id) => readView(id, options),
    async wait(id) {
      await client.workflow
        .getHandle(id)
        .result()
        .catch(() => undefined);
      return readView(id, options);
    },
    list: (filter) => listRequests(filter, client),
    review: (id, command) => update(UPDATES.review, id, command, options),
    withdraw: (id, command) => update(UPDATES.withdraw, id, command, options),
  };
}

async function requestJoin(request: JoinRequest, id: string, options: ServiceOptions): Promise<Result<Answer>> {
  const start = new WithStartWorkflowOperation(WORKFLOW_TYPE, {
    workflowId: id,
    taskQueue: options.taskQueue,
    args: [request],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: summaryOf(request),
    staticDetails: detailsOf(request),
  });
  try {
    return good(
      await options.client.workflow.executeUpdateWithStart<Workflow, Answer, [JoinRequest]>(UPDATES.requestJoin, {
        startWorkflowOperation: start,
        args: [request],
      }),
    );
  } catch (error) {
    return bad(toAdmissionError(error, id));
  }
}

/** One line for Temporal's lists. It names nobody who asks to be HIDDEN. */
function summaryOf({ channelArn, memberArn, type }: JoinRequest): string {
  const channel = shortName(channelArn);
  return type === 'HIDDEN' ? `HIDDEN member for ${channel}` : `${shortName(memberArn)} joins ${channel}`;
}

/** What is asked, for who opens the workflow before a worker can show more. It names nobody who asks to be HIDDEN. */
function detailsOf({ channelArn, memberArn, requestedBy, type }: JoinRequest): string {
  const who = type === 'HIDDEN' ? [] : [`- member \`${memberArn}\``, `- requester \`${requestedBy}\``];
  return [`A request for a ${type} membership`, '', `- channel \`${channelArn}\``, ...who].join('\n');
}

async function update(
  name: string,
  id: string,
  command: ReviewCommand | WithdrawCommand,
  { client, taskQueue }: ServiceOptions,
): Promise<Result<CommandResult>> {
  const handle = client.workflow.getHandle(id);
  const given = async (): Promise<Result<CommandResult>> => {
    try {
      return good(await handle.executeUpdate<CommandResult, [typeof command]>(name, { args: [command] }));
    } catch (error) {
      return bad(await resolvedOr(toAdmissionError(error, id), id, client));
    }
  };
  return answered(given(), noWorker(taskQueue, id));
}

/** Temporal finds no open workflow for a closed request: then it is resolved, not unknown. */
async function resolvedOr(error: AdmissionError, id: string, client: Client): Promise<AdmissionError> {
  if (error.code !== 'UnknownRequest') return error;
  const known = await client.workflow
    .getHandle(id)
    .describe()
    .catch(() => undefined);
  return known ? { code: 'AlreadyResolved', message: 'The request is resolved, and that is final.', id } : error;
}

function invalid(issue: { field: string; message: string; accepted: string } | undefined): AdmissionError {
  return { code: 'InvalidRequest', ...(issue ?? { message: 'This is not a request.' }) };
}
