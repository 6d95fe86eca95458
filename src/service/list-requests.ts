import { ServiceError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { arnShape, parseArn } from '../domain/arn.ts';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import { STATES } from '../domain/outcome.ts';
import type { State } from '../domain/outcome.ts';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import type { SearchAttribute } from '../domain/search-attributes.ts';
import { first } from './first.ts';
import type { RequestSummary } from './request-summary.ts';
import { listIssue } from './list-issue.ts';
import { memberKeyword } from '../workflow-id.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';
import type { ServiceOptions } from './service-options.ts';
import { requestsWaitingFor } from './waiting-for.ts';

export interface ListFilter {
  readonly state?: string;
  readonly channelArn?: string;
  /** Finds no HIDDEN requests: they are not listed by member. */
  readonly memberArn?: string;
  /** The ARN of a user: requests that wait for this person's review or answers. Needs a worker, which reads them. */
  readonly mine?: string;
  readonly limit: number;
}

/** Requests, newest first. */
export async function listRequests(
  filter: ListFilter,
  reader: Pick<ServiceOptions, 'client' | 'taskQueue' | 'idKey'>,
): Promise<Result<RequestSummary[]>> {
  const issue = issueOf(filter);
  if (issue) return bad(issue);
  const { mine, limit } = filter;
  const listed = summaries(queryOf(filter, reader.idKey), reader.client);
  try {
    return mine === undefined
      ? good(await first(listed, limit))
      : await requestsWaitingFor(mine, listed, limit, reader);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = error.cause instanceof Error ? error.cause.message : error.message;
    return bad({
      code: 'ListFailed',
      message: `Temporal cannot list requests: ${message}`,
      accepted: 'run `admit setup`',
    });
  }
}

async function* summaries(query: string, client: Client): AsyncGenerator<RequestSummary> {
  for await (const workflow of client.workflow.list({ query })) yield toSummary(workflow);
}

function issueOf({ state, channelArn, memberArn, mine, limit }: ListFilter): AdmissionError | undefined {
  const code = 'InvalidFilter';
  if (state !== undefined && !STATES.includes(state as State)) {
    return { code, field: 'state', message: `there is no state ${JSON.stringify(state)}`, accepted: STATES.join(', ') };
  }
  if (channelArn !== undefined && parseArn(channelArn)?.kind !== 'channel') {
    return { code, field: 'channel', message: 'this is no channel ARN', accepted: arnShape('channel') };
  }
  return listIssue({ member: memberArn, mine }, limit);
}

/** The values were checked: none holds a quote. */
function queryOf({ state, channelArn, memberArn, mine }: ListFilter, idKey: string | undefined): string {
  return [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    // Earlier runs of a request that went on as a new one.
    `ExecutionStatus != 'ContinuedAsNew'`,
    ...(state === undefined ? [] : [`AdmissionState = '${state}'`]),
    ...(mine === undefined && (state === undefined || state === 'closed') ? [] : [`ExecutionStatus = 'Running'`]),
    ...(channelArn === undefined ? [] : [`AdmissionChannel = '${channelArn}'`]),
    ...(memberArn === undefined ? [] : [`AdmissionMember = '${memberKeyword(memberArn, idKey)}'`]),
  ].join(' AND ');
}

function toSummary(workflow: WorkflowExecutionInfo): RequestSummary {
  const read = (name: Exclude<SearchAttribute, 'AdmissionParties'>) => {
    const value = workflow.typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]));
    return value instanceof Date ? value.toISOString() : (value ?? null);
  };
  const memo = (workflow.memo?.['admission'] ?? {}) as Partial<
    Pick<RequestSummary, 'code' | 'waitsFor' | 'requestedAt'>
  >;
  const open = workflow.status.name === 'RUNNING';
  const member = read('AdmissionMember');
  return {
    id: workflow.workflowId,
    runId: workflow.runId,
    state: open ? ((read('AdmissionState') ?? 'evaluating') as State) : 'closed',
    waitsFor: open ? (memo.waitsFor ?? null) : null,
    outcome: open ? null : (read('AdmissionOutcome') ?? 'failed'),
    code: memo.code ?? null,
    channelArn: read('AdmissionChannel'),
    memberArn: member !== null && parseArn(member) ? member : null,
    type: read('AdmissionType'),
    requestedAt: memo.requestedAt ?? workflow.startTime.toISOString(),
    dueAt: read('AdmissionDueAt'),
  };
}
