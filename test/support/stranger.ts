import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { vi } from 'vitest';

const { CommandType } = temporal.api.enums.v1;
type Command = temporal.api.command.v1.ICommand;

/** A namespace of somebody else on the same server; it takes some seconds until the server knows it. */
export async function registerNamespace({ workflowService }: Connection): Promise<string> {
  const namespace = `other-${randomUUID()}`;
  await workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  return namespace;
}

const payloads = (args: readonly unknown[]) => ({
  payloads: args.map((arg) => defaultPayloadConverter.toPayload(arg)),
});
/** The memo by which an onboarding once told that it had proved who asks. */
const memo = { fields: { requesterVerified: defaultPayloadConverter.toPayload(true) } };

/** What is to be started, where the product's own workers do it. */
export interface Target {
  readonly type: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: readonly unknown[];
}

/** Starts one of our workflows as its child. */
export const asChild = ({ type, workflowId, taskQueue, args }: Target): Command => ({
  commandType: CommandType.COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION,
  startChildWorkflowExecutionCommandAttributes: {
    namespace: 'default',
    workflowId,
    workflowType: { name: type },
    taskQueue: { name: taskQueue },
    input: payloads(args),
    parentClosePolicy: temporal.api.enums.v1.ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON,
    memo,
  },
});

/** Goes on as one of our workflows, with any state. */
export const asNextRun = ({ type, taskQueue, args }: Omit<Target, 'workflowId'>): Command => ({
  commandType: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
  continueAsNewWorkflowExecutionCommandAttributes: {
    workflowType: { name: type },
    taskQueue: { name: taskQueue },
    input: payloads(args),
  },
});

/** Has one of our activities do something. */
export const asActivity = ({ type, taskQueue, args }: Omit<Target, 'workflowId'>): Command => ({
  commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
  scheduleActivityTaskCommandAttributes: {
    activityId: '1',
    activityType: { name: type },
    taskQueue: { name: taskQueue },
    input: payloads(args),
    scheduleToCloseTimeout: { seconds: 60 as never },
    startToCloseTimeout: { seconds: 10 as never },
  },
});

/** A workflow that somebody runs by hand, with no code of ours, on a queue of their own: what it commands is done. */
export async function strangerDoes(
  connection: Connection,
  command: Command,
  { namespace = 'default', type = 'evil' }: { readonly namespace?: string; readonly type?: string } = {},
): Promise<string> {
  const { workflowService } = connection;
  const workflowId = `stranger-${randomUUID()}`;
  const mine = { namespace, taskQueue: { name: `queue-of-${workflowId}` }, identity: 'stranger' };
  const start = () =>
    workflowService.startWorkflowExecution({
      ...mine,
      workflowId,
      workflowType: { name: type },
      requestId: workflowId,
    });
  await vi.waitFor(start, { timeout: 60_000, interval: 250 });
  const { taskToken } = await connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollWorkflowTaskQueue(mine),
  );
  await workflowService.respondWorkflowTaskCompleted({ ...mine, taskToken, commands: [command] });
  return workflowId;
}
