import { ServiceError, WorkflowFailedError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { parseArn } from '../domain/arn.ts';
import { STATE_QUERY } from '../domain/commands.ts';
import { ONBOARDING_TYPE } from '../domain/onboarding/commands.ts';
import {
  ONBOARDING_OUTCOMES,
  ONBOARDING_STATES,
  type OnboardingOutcome,
  type OnboardingState,
} from '../domain/onboarding/state.ts';
import type { OnboardingView } from '../domain/onboarding/view.ts';
import { memberKeyword } from '../workflow-id.ts';
import type { ServiceOptions } from './connect.ts';
import { answered, noWorker, toAdmissionError } from './failures.ts';
import { first, listIssue, elsewhere, onboardingMemo, oursQuery } from './listed.ts';
import { ask } from './read-view.ts';
import { andUnread, bad, good, type AdmissionError, type Result } from './result.ts';
import { stepWaitsFor, thoseWaiting } from './waiting-for.ts';

export interface OnboardingFilter {
  readonly state?: string;
  /** Finds none with a HIDDEN join: those are not listed by member. */
  readonly member?: string;
  /** The ARN of a user: those whose step waits for this person's answers or review. Needs a worker, which reads them. */
  readonly mine?: string;
  readonly limit: number;
}

/** A line of a list: what can be read of an onboarding without a worker. */
export interface OnboardingSummary {
  readonly id: string;
  readonly runId: string;
  readonly flow: string | null;
  /** Its ARN: of the member, who may not be named here. */
  readonly appInstance: string | null;
  readonly state: OnboardingState;
  readonly outcome: OnboardingOutcome | null;
  readonly percent: number;
  /** The step that is being taken. */
  readonly step: string | null;
  /** The next time at which something happens by itself. */
  readonly dueAt: string | null;
  readonly requestedAt: string;
}

type Reader = Pick<ServiceOptions, 'client' | 'taskQueue' | 'idKey'>;

/** Onboardings, newest first. */
export async function listOnboardings(filter: OnboardingFilter, reader: Reader): Promise<Result<OnboardingSummary[]>> {
  const issue = issueOf(filter);
  if (issue) return bad(issue);
  const { mine, limit } = filter;
  const unread: string[] = [];
  const listed = summaries(queryOf(filter, reader), reader.client, unread);
  try {
    if (mine === undefined) return good(await first(listed, limit), unread);
    const read = (id: string) => readOnboarding(id, reader);
    const how = { read, waits: (view: OnboardingView) => stepWaitsFor(view, mine) };
    const mineAlone = await thoseWaiting(atHome(listed, mine), limit, how, reader);
    const home = parseArn(mine)?.appInstanceArn;
    const others = await elsewhere(
      reader.client,
      { type: ONBOARDING_TYPE, taskQueue: reader.taskQueue },
      ({ memo }) => onboardingMemo(memo).appInstance === home,
    );
    return andUnread(mineAlone, [...unread, ...others]);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = error.cause instanceof Error ? error.cause.message : error.message;
    return bad({
      code: 'ListFailed',
      message: `Temporal cannot list onboardings: ${message}`,
      accepted: 'run `admit setup`',
    });
  }
}

/** Onboardings of the person's app instance. */
async function* atHome(listed: AsyncIterable<OnboardingSummary>, person: string): AsyncGenerator<OnboardingSummary> {
  const home = parseArn(person)?.appInstanceArn;
  for await (const one of listed) if (one.appInstance === home) yield one;
}

async function* summaries(query: string, client: Client, unread: string[]): AsyncGenerator<OnboardingSummary> {
  for await (const workflow of client.workflow.list({ query })) {
    const summary = toSummary(workflow);
    if (summary) yield summary;
    else unread.push(workflow.workflowId);
  }
}

function issueOf({ state, member, mine, limit }: OnboardingFilter): AdmissionError | undefined {
  const code = 'InvalidFilter';
  if (state !== undefined && !ONBOARDING_STATES.includes(state as OnboardingState)) {
    const message = `there is no state ${JSON.stringify(state)}`;
    return { code, field: 'state', message, accepted: ONBOARDING_STATES.join(', ') };
  }
  return listIssue({ member, mine }, limit);
}

/** The values were checked: none holds a quote. */
function queryOf({ state, member, mine }: OnboardingFilter, { taskQueue, idKey }: Reader): string {
  return [
    ...oursQuery(ONBOARDING_TYPE, taskQueue),
    ...(state === undefined ? [] : [`AdmissionState = '${state}'`]),
    ...(mine === undefined && (state === undefined || state === 'closed') ? [] : [`ExecutionStatus = 'Running'`]),
    ...(member === undefined ? [] : [`AdmissionMember = '${memberKeyword(member, idKey)}'`]),
  ].join(' AND ');
}

/** Nothing where what it shows cannot be ours. */
function toSummary({ workflowId: id, runId, memo, status, startTime }: WorkflowExecutionInfo) {
  const shown = onboardingMemo(memo);
  const isOpen = status.name === 'RUNNING';
  const state = isOpen ? (shown.state ?? 'preparing') : 'closed';
  const outcome = isOpen ? null : (shown.outcome ?? 'failed');
  if (!isState(state) || !(outcome === null || isOutcome(outcome))) return undefined;
  const { flow, appInstance, percent } = shown;
  const [step, dueAt] = isOpen ? [shown.step, shown.dueAt] : [null, null];
  return { id, runId, flow, appInstance, state, outcome, percent, step, dueAt, requestedAt: startTime.toISOString() };
}

function isState(text: string): text is OnboardingState {
  return (ONBOARDING_STATES as readonly string[]).includes(text);
}

function isOutcome(text: string): text is OnboardingOutcome {
  return (ONBOARDING_OUTCOMES as readonly string[]).includes(text);
}

/** Reads an onboarding: a closed one from its result, which needs no worker, and an open one by asking its workflow. */
export async function readOnboarding(
  id: string,
  { client, taskQueue }: { client: Client; taskQueue: string },
): Promise<Result<OnboardingView>> {
  const handle = client.workflow.getHandle(id);
  try {
    const { type, runId, status } = await handle.describe();
    if (type !== ONBOARDING_TYPE) return bad(unknown(id));
    if (status.name === 'RUNNING')
      return await answered(ask<OnboardingView>(handle, STATE_QUERY), ofOnboarding(noWorker(taskQueue, id)));
    return await client.workflow
      .getHandle(id, runId)
      .result()
      .then(
        (view) => good(view as OnboardingView),
        (error: unknown) => ended(error, id, status.name),
      );
  } catch (error) {
    return bad(ofOnboarding(toAdmissionError(error, id)));
  }
}

/** One that failed has its record in its failure; one that never was valid, or that Temporal ended, has none. */
function ended(error: unknown, id: string, status: string): Result<OnboardingView> {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  const failure = cause instanceof ApplicationFailure ? cause : undefined;
  const view = failure?.details?.[1] as OnboardingView | undefined;
  if (view) return good(view);
  const message = failure?.message ?? `The workflow was ended in Temporal: ${status}.`;
  return bad({ code: failure?.type ?? `Workflow${status}`, message, id });
}

/** The same error in the words of onboardings. */
export function ofOnboarding(error: AdmissionError): AdmissionError {
  if (error.code === 'UnknownRequest') return unknown(error.id ?? '');
  return { ...error, message: error.message.replace(/\bthe request\b/, 'the onboarding') };
}

function unknown(id: string): AdmissionError {
  return {
    code: 'UnknownRequest',
    message: `There is no onboarding ${id}.`,
    field: 'id',
    accepted: 'an id that `admit onboard start` or `admit onboard list` printed',
    id,
  };
}
