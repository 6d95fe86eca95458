import { ServiceError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { parseArn } from '../domain/arn.ts';
import { ONBOARDING_TYPE } from '../domain/onboarding/commands.ts';
import { ONBOARDING_STATES } from '../domain/onboarding/state.ts';
import type { OnboardingOutcome, OnboardingState } from '../domain/onboarding/state.ts';
import { first } from './first.ts';
import { listIssue } from './list-issue.ts';
import { readOnboarding } from './onboarding-view.ts';
import { memberKeyword } from '../workflow-id.ts';
import { bad, good } from './result.ts';
import type { AdmissionError, Result } from './result.ts';
import type { ServiceOptions } from './service-options.ts';
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

/** Onboardings, newest first. */
export async function listOnboardings(
  filter: OnboardingFilter,
  reader: Pick<ServiceOptions, 'client' | 'taskQueue' | 'idKey'>,
): Promise<Result<OnboardingSummary[]>> {
  const issue = issueOf(filter);
  if (issue) return bad(issue);
  const { mine, limit } = filter;
  const listed = summaries(queryOf(filter, reader.idKey), reader.client);
  try {
    if (mine === undefined) return good(await first(listed, limit));
    const read = (id: string) => readOnboarding(id, reader);
    return await thoseWaiting(atHome(listed, mine), limit, { read, waits: (view) => stepWaitsFor(view, mine) });
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

async function* summaries(query: string, client: Client): AsyncGenerator<OnboardingSummary> {
  for await (const workflow of client.workflow.list({ query })) yield toSummary(workflow);
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
function queryOf({ state, member, mine }: OnboardingFilter, idKey: string | undefined): string {
  return [
    `WorkflowType = '${ONBOARDING_TYPE}'`,
    `ExecutionStatus != 'ContinuedAsNew'`,
    ...(state === undefined ? [] : [`AdmissionState = '${state}'`]),
    ...(mine === undefined && (state === undefined || state === 'closed') ? [] : [`ExecutionStatus = 'Running'`]),
    ...(member === undefined ? [] : [`AdmissionMember = '${memberKeyword(member, idKey)}'`]),
  ].join(' AND ');
}

function toSummary({ workflowId: id, runId, memo, status, startTime }: WorkflowExecutionInfo): OnboardingSummary {
  const shown = (memo?.['onboarding'] ?? {}) as Partial<OnboardingSummary>;
  const isOpen = status.name === 'RUNNING';
  return {
    id,
    runId,
    flow: shown.flow ?? null,
    appInstance: shown.appInstance ?? null,
    state: isOpen ? (shown.state ?? 'preparing') : 'closed',
    outcome: isOpen ? null : (shown.outcome ?? 'failed'),
    percent: shown.percent ?? 0,
    step: isOpen ? (shown.step ?? null) : null,
    dueAt: isOpen ? (shown.dueAt ?? null) : null,
    requestedAt: startTime.toISOString(),
  };
}
