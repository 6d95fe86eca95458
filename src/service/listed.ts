import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import { arnShape, parseArn } from '../domain/arn.ts';
import type { State } from '../domain/outcome.ts';
import type { AdmissionError } from './result.ts';

/**
 * Of a list of Temporal, what is ours: of this type, and on the queue that our workers poll. Who starts a workflow on
 * another queue has it listed with whatever search attributes and memo they like, and no worker ever takes those away.
 */
export function oursQuery(type: string, taskQueue: string): string[] {
  return [
    `WorkflowType = '${type}'`,
    `TaskQueue = '${taskQueue.replaceAll("'", "''")}'`,
    // Earlier runs of one that went on as a new run.
    `ExecutionStatus != 'ContinuedAsNew'`,
  ];
}

const MOST_ELSEWHERE = 20;

/**
 * Ids of open ones that are on another queue, for who asks what waits for them: these are named, and not waited for.
 * `where`: more of the query; `isOf`: whether one is about the same app instance.
 */
export async function elsewhere(
  client: Client,
  { type, taskQueue, where = [] }: { readonly type: string; readonly taskQueue: string; readonly where?: string[] },
  isOf: (workflow: WorkflowExecutionInfo) => boolean = () => true,
): Promise<string[]> {
  const queue = `TaskQueue != '${taskQueue.replaceAll("'", "''")}'`;
  const query = [`WorkflowType = '${type}'`, queue, `ExecutionStatus = 'Running'`, ...where].join(' AND ');
  const found = await first(client.workflow.list({ query }), MOST_ELSEWHERE);
  return found.filter(isOf).map(({ workflowId }) => workflowId);
}

const orNull = <T extends z.ZodType>(schema: T) => schema.nullable().default(null).catch(null);
const Instant = z.iso.datetime({ offset: true }).max(40);
const Name = z.string().regex(/^[\w.:-]{1,64}$/);
const Arn = z.string().regex(/^arn:[\w:/.@-]{1,300}$/);

/** What the memo of a request says, as far as it can be ours. */
const RequestMemo = z.object({ requestedAt: orNull(Instant) });

/** What its search attributes say besides, as far as it can be ours. */
const RequestAttributes = z.object({
  code: orNull(Name),
  waitsFor: orNull(z.enum(['input', 'time', 'people'])),
});

/** The same of an onboarding. */
const OnboardingMemo = z.object({
  flow: orNull(Name),
  appInstance: orNull(Arn),
  state: orNull(Name),
  outcome: orNull(Name),
  percent: z.number().int().min(0).max(100).catch(0),
  step: orNull(Name),
  dueAt: orNull(Instant),
});

export function requestMemo(memo: Record<string, unknown> | undefined): z.output<typeof RequestMemo> {
  return RequestMemo.parse(objectOf(memo?.['admission']));
}

export function requestAttributes(given: Record<string, unknown>): z.output<typeof RequestAttributes> {
  return RequestAttributes.parse(given);
}

export function onboardingMemo(memo: Record<string, unknown> | undefined): z.output<typeof OnboardingMemo> {
  return OnboardingMemo.parse(objectOf(memo?.['onboarding']));
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

/** The first of a long list. */
export async function first<T>(all: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) {
    found.push(one);
    if (found.length === count) break;
  }
  return found;
}

/** What is wrong with the people whom a list is about, by the field that names them, or with how long it may be. */
export function listIssue(
  people: Readonly<Record<string, string | undefined>>,
  limit: number,
): AdmissionError | undefined {
  const code = 'InvalidFilter';
  for (const [field, arn] of Object.entries(people)) {
    if (arn === undefined || ['user', 'bot'].includes(parseArn(arn)?.kind ?? '')) continue;
    return { code, field, message: 'this is no ARN of a user or bot', accepted: arnShape('user|bot') };
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    return { code, field: 'limit', message: `${limit} is no limit`, accepted: 'a whole number from 1 to 1000' };
  }
  return undefined;
}

/** A line of a list: what can be read of a request without a worker. */
export interface RequestSummary {
  readonly id: string;
  readonly runId: string;
  readonly state: State;
  /** What a request waits for, while it waits. */
  readonly waitsFor: 'input' | 'time' | 'people' | null;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly channelArn: string | null;
  /** `null` for HIDDEN requests, and where ADMISSION_ID_KEY keeps lists from naming members. */
  readonly memberArn: string | null;
  readonly type: string | null;
  readonly requestedAt: string;
  readonly dueAt: string | null;
}
