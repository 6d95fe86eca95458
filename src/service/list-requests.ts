import { ServiceError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { arnShape, parseArn } from '../domain/arn.ts';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import { OUTCOMES, STATES, type State } from '../domain/outcome.ts';
import { SEARCH_ATTRIBUTES, type SearchAttribute } from '../domain/search-attributes.ts';
import {
  first,
  listIssue,
  elsewhere,
  oursQuery,
  requestAttributes,
  requestMemo,
  type RequestSummary,
} from './listed.ts';
import { memberKeyword } from '../workflow-id.ts';
import { andUnread, bad, good, type AdmissionError, type Result } from './result.ts';
import type { ServiceOptions } from './connect.ts';
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

type Reader = Pick<ServiceOptions, 'client' | 'taskQueue' | 'idKey'>;

/** Requests, newest first. */
export async function listRequests(filter: ListFilter, reader: Reader): Promise<Result<RequestSummary[]>> {
  const issue = issueOf(filter);
  if (issue) return bad(issue);
  const { mine, limit } = filter;
  const unread: string[] = [];
  const listed = summaries(queryOf(filter, reader), reader.client, unread);
  try {
    if (mine === undefined) return good(await first(listed, limit), unread);
    const mineAlone = await requestsWaitingFor(mine, listed, limit, reader);
    return andUnread(mineAlone, [...unread, ...(await askedElsewhere(mine, reader))]);
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

async function* summaries(query: string, client: Client, unread: string[]): AsyncGenerator<RequestSummary> {
  for await (const workflow of client.workflow.list({ query })) {
    const summary = toSummary(workflow);
    if (summary) yield summary;
    else unread.push(workflow.workflowId);
  }
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

/** What shows that it waits in the person's app instance, and is run by others, if by anybody. */
async function askedElsewhere(person: string, { client, taskQueue }: Reader): Promise<string[]> {
  const home = parseArn(person)?.appInstanceArn ?? '';
  const where = [`AdmissionState = 'pending'`, `AdmissionChannel STARTS_WITH '${home}/'`];
  return elsewhere(client, { type: WORKFLOW_TYPE, taskQueue, where });
}

/** The values were checked: none holds a quote. */
function queryOf({ state, channelArn, memberArn, mine }: ListFilter, { taskQueue, idKey }: Reader): string {
  return [
    ...oursQuery(WORKFLOW_TYPE, taskQueue),
    ...(state === undefined ? [] : [`AdmissionState = '${state}'`]),
    ...(mine === undefined && (state === undefined || state === 'closed') ? [] : [`ExecutionStatus = 'Running'`]),
    ...(channelArn === undefined ? [] : [`AdmissionChannel = '${channelArn}'`]),
    ...(memberArn === undefined ? [] : [`AdmissionMember = '${memberKeyword(memberArn, idKey)}'`]),
  ].join(' AND ');
}

/** Nothing where what it shows cannot be ours. */
function toSummary(workflow: WorkflowExecutionInfo): RequestSummary | undefined {
  const read = (name: Exclude<SearchAttribute, 'AdmissionParties'>) => {
    const value = workflow.typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]));
    return value instanceof Date ? value.toISOString() : (value ?? null);
  };
  const { requestedAt } = requestMemo(workflow.memo);
  const { code, waitsFor } = requestAttributes({ code: read('AdmissionCode'), waitsFor: read('AdmissionWaitsOn') });
  const open = workflow.status.name === 'RUNNING';
  const state = open ? (read('AdmissionState') ?? 'evaluating') : 'closed';
  const outcome = open ? null : (read('AdmissionOutcome') ?? 'failed');
  if (!isOneOf(STATES, state) || !(outcome === null || isOneOf(OUTCOMES, outcome))) return undefined;
  const [member, channel, type] = [read('AdmissionMember'), read('AdmissionChannel'), read('AdmissionType')];
  return {
    id: workflow.workflowId,
    runId: workflow.runId,
    state,
    waitsFor: open ? waitsFor : null,
    outcome,
    code,
    channelArn: channel !== null && parseArn(channel) ? channel : null,
    memberArn: member !== null && parseArn(member) ? member : null,
    type: isOneOf(['DEFAULT', 'HIDDEN'], type) ? type : null,
    requestedAt: requestedAt ?? workflow.startTime.toISOString(),
    dueAt: read('AdmissionDueAt'),
  };
}

function isOneOf<T extends string>(known: readonly T[], value: string | null): value is T {
  return (known as readonly (string | null)[]).includes(value);
}
