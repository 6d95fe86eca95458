import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import { first } from './first.ts';

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
const RequestMemo = z.object({
  code: orNull(Name),
  waitsFor: orNull(z.enum(['input', 'time', 'people'])),
  requestedAt: orNull(Instant),
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

export function onboardingMemo(memo: Record<string, unknown> | undefined): z.output<typeof OnboardingMemo> {
  return OnboardingMemo.parse(objectOf(memo?.['onboarding']));
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
