import { ServiceError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { arnShape, parseArn } from '../domain/arn.ts';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import { STATES } from '../domain/outcome.ts';
import type { State } from '../domain/outcome.ts';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import type { SearchAttribute } from '../domain/search-attributes.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';

export interface ListFilter {
  readonly state?: string;
  readonly channelArn?: string;
  /** Finds no HIDDEN requests: they are not listed by member. */
  readonly memberArn?: string;
  readonly limit: number;
}

/** A line of a list: what can be read of a request without a worker. */
export interface RequestSummary {
  readonly id: string;
  readonly runId: string;
  readonly state: State;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly channelArn: string | null;
  /** `null` for HIDDEN requests. */
  readonly memberArn: string | null;
  readonly type: string | null;
  readonly requestedAt: string;
  readonly dueAt: string | null;
}

/** Requests, newest first. */
export async function listRequests(filter: ListFilter, client: Client): Promise<Result<RequestSummary[]>> {
  const issue = issueOf(filter);
  if (issue) return bad(issue);
  const found: RequestSummary[] = [];
  try {
    for await (const workflow of client.workflow.list({ query: queryOf(filter) })) {
      if (found.length >= filter.limit) break;
      found.push(toSummary(workflow));
    }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = error.cause instanceof Error ? error.cause.message : error.message;
    return bad({
      code: 'ListFailed',
      message: `Temporal cannot list requests: ${message}`,
      accepted: 'run `admit setup`',
    });
  }
  return good(found);
}

function issueOf({ state, channelArn, memberArn, limit }: ListFilter): AdmissionError | undefined {
  const code = 'InvalidFilter';
  if (state !== undefined && !STATES.includes(state as State)) {
    return { code, field: 'state', message: `there is no state ${JSON.stringify(state)}`, accepted: STATES.join(', ') };
  }
  if (channelArn !== undefined && parseArn(channelArn)?.kind !== 'channel') {
    return { code, field: 'channel', message: 'this is no channel ARN', accepted: arnShape('channel') };
  }
  if (memberArn !== undefined && !['user', 'bot'].includes(parseArn(memberArn)?.kind ?? '')) {
    return { code, field: 'member', message: 'this is no ARN of a user or bot', accepted: arnShape('user|bot') };
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    return { code, field: 'limit', message: `${limit} is no limit`, accepted: 'a whole number from 1 to 1000' };
  }
  return undefined;
}

/** The values were checked: none holds a quote. */
function queryOf({ state, channelArn, memberArn }: ListFilter): string {
  return [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    ...(state === undefined ? [] : [`AdmissionState = '${state}'`]),
    ...(state === undefined || state === 'closed' ? [] : [`ExecutionStatus = 'Running'`]),
    ...(channelArn === undefined ? [] : [`AdmissionChannel = '${channelArn}'`]),
    ...(memberArn === undefined ? [] : [`AdmissionMember = '${memberArn}'`]),
  ].join(' AND ');
}

function toSummary(workflow: WorkflowExecutionInfo): RequestSummary {
  const read = (name: SearchAttribute) => {
    const value = workflow.typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]));
    return value instanceof Date ? value.toISOString() : (value ?? null);
  };
  const memo = (workflow.memo?.['admission'] ?? {}) as { code?: string | null };
  const open = workflow.status.name === 'RUNNING';
  return {
    id: workflow.workflowId,
    runId: workflow.runId,
    state: open ? ((read('AdmissionState') ?? 'evaluating') as State) : 'closed',
    outcome: open ? null : (read('AdmissionOutcome') ?? 'failed'),
    code: memo.code ?? null,
    channelArn: read('AdmissionChannel'),
    memberArn: read('AdmissionMember'),
    type: read('AdmissionType'),
    requestedAt: workflow.startTime.toISOString(),
    dueAt: read('AdmissionDueAt'),
  };
}
