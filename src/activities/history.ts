import { activityInfo, getClient, sleep } from '@temporalio/activity';
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import type { Conclusion } from '../domain/conclusion.ts';
import type { Fact, History } from '../domain/facts.ts';
import { historyOf, type Listed } from '../domain/history.ts';
import type { JoinRequest } from '../domain/request.ts';
import { MAX_KEYWORD_LENGTH, SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import { partyHash } from '../workflow-id.ts';

export interface HistoryCall {
  readonly request: JoinRequest;
  readonly requestedAt: string;
  /** Waits until this request can be seen there itself, so that those before it can, too. */
  readonly waits: boolean;
}

export interface HistoryDependencies {
  readonly taskQueue: string;
  readonly idKey?: string | undefined;
}

/** Reads other requests for the same member and channel from Temporal's visibility, which is eventually consistent. */
export async function readHistory(call: HistoryCall, dependencies: HistoryDependencies): Promise<Fact<History>> {
  const { workflowExecution } = activityInfo();
  const own = {
    id: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
    requestedAt: call.requestedAt,
  };
  const read = async () => historyOf(await listed(call.request, dependencies), own);
  let history = await read();
  for (let tries = 0; call.waits && !history.isListed && tries < MAX_TRIES; tries += 1) {
    await sleep(PAUSE_MS);
    history = await read();
  }
  if (call.waits) {
    // Others of the same moment may be listed a little later.
    await sleep(PAUSE_MS * 2);
    history = await read();
  }
  return { value: history, source: SOURCE, readAt: new Date().toISOString() };
}

/**
 * Reviewers see what else was asked. It decides nothing, so a request never waits for it: Temporal allows few lists a
 * second, and the client would try again for as long as the activity lasts.
 */
export async function forReviewers(conclusion: Conclusion, read: () => Promise<Fact<History>>): Promise<Conclusion> {
  const { composition, facts } = conclusion;
  if (composition.action !== 'pend' || facts.history) return conclusion;
  const soon = async () => getClient().withDeadline(Date.now() + REVIEWERS_WAIT_MS, read);
  const history = await soon().catch(() => undefined);
  return history ? { ...conclusion, facts: { ...facts, history } } : conclusion;
}

const SOURCE = 'visibility (AdmissionParties), eventually consistent';
const REVIEWERS_WAIT_MS = 500;
const PAUSE_MS = 250;
const MAX_TRIES = 20;

/** The newest count: asking so often costs more than waiting does, or a denial would be pushed out by asking again. */
const MAX_LISTED = 5_000;
/** The server's clock may be ahead of ours by so much, in ms. */
const CLOCKS_MS = 60_000;

async function listed({ channelArn, memberArn }: JoinRequest, { taskQueue, idKey }: HistoryDependencies) {
  // Only what our own workers have had in hand: whoever starts a workflow writes its attributes and memo as they like, and
  // may have it begin next year, or end it before a worker has taken them away. What is terminated was decided by nobody.
  const query = [
    `WorkflowType = '${WORKFLOW_TYPE}'`,
    `TaskQueue = '${taskQueue.replaceAll("'", '')}'`,
    `ExecutionStatus IN ('Running', 'Completed', 'Failed')`,
    `ExecutionTime <= '${new Date(Date.now() + CLOCKS_MS).toISOString()}'`,
    `AdmissionChannel = '${channelArn.slice(0, MAX_KEYWORD_LENGTH)}'`,
    `AdmissionParties = 'm:${partyHash(memberArn, idKey)}'`,
  ].join(' AND ');
  const found: Listed[] = [];
  try {
    for await (const workflow of getClient().workflow.list({ query })) {
      if (found.push(toListed(workflow)) >= MAX_LISTED) break;
    }
    return found;
  } catch (error) {
    const message = `Temporal cannot list other requests: ${error instanceof Error ? error.message : String(error)}`;
    throw ApplicationFailure.retryable(message, 'HistoryUnavailable', { type: 'HistoryUnavailable', message });
  }
}

type Execution =
  ReturnType<ReturnType<typeof getClient>['workflow']['list']> extends AsyncIterable<infer E> ? E : never;

function toListed(workflow: Execution): Listed {
  const { workflowId, runId, status, startTime, closeTime, memo } = workflow;
  const isOpen = status.name === 'RUNNING';
  const read = (name: 'AdmissionState' | 'AdmissionOutcome' | 'AdmissionCode') =>
    workflow.typedSearchAttributes.get(defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name])) ?? null;
  // The memo tells when it was asked for where it went on as a new run.
  const { requestedAt } = (memo?.['admission'] ?? {}) as { readonly requestedAt?: string };
  return {
    id: workflowId,
    runId,
    state: isOpen ? (read('AdmissionState') ?? 'evaluating') : 'closed',
    outcome: isOpen ? null : (read('AdmissionOutcome') ?? 'failed'),
    code: read('AdmissionCode'),
    requestedAt: requestedAt ?? startTime.toISOString(),
    closedAt: isOpen ? null : (closeTime ?? startTime).toISOString(),
  };
}
