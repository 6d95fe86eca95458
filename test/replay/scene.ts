import type { Lane } from '../crash/lane.ts';
import { until } from '../crash/stage.ts';
import type { Stage } from '../crash/stage.ts';

export interface Scene {
  /** Environment variables of the worker. */
  readonly settings?: Record<string, string>;
  /** Whether people are told of it. */
  readonly tells?: boolean;
  /** Brings a request into the state that is recorded; which workflow, and which run of it, if not the last one of the stage's request. */
  play(stage: Stage, lane: Lane): Promise<{ readonly id?: string; readonly runId?: string } | void>;
}

export const CREATE = 'CreateChannelMembership';
export const DELETE = 'DeleteChannelMembership';
export const DESCRIBE = 'DescribeChannelMembership';
export const OUTAGE = { kind: 'status', status: 503 };
export const FORBIDDEN = { kind: 'exception', name: 'ForbiddenException' };
export const ANSWERS = { rules: true, team: 'red' };

/** A request on the board, where a moderator has to approve. */
export async function pending(stage: Stage, reason?: string): Promise<void> {
  stage.ask({ channel: 'board', ...(reason === undefined ? {} : { reason }) });
  await stage.reaches('pending/people');
}

/** A review that has to wait until a worker answers; being refused is an answer. `about`: which step of an onboarding. */
export async function review(stage: Stage, by: string, decision: 'approve' | 'deny', about = {}): Promise<void> {
  const command = { actor: { principal: stage.emulator.user(by) }, decision, ...about };
  const given = stage.client.workflow.getHandle(stage.id).executeUpdate('review', { args: [command] });
  await given.catch(() => undefined);
}

/** What is given while no worker runs comes to the next one in one task. */
export async function inOneTask(lane: Lane, give: () => Promise<unknown>[]): Promise<void> {
  await lane.stop('SIGKILL');
  const given = give();
  await lane.start();
  await Promise.all(given);
}

/** The run that the request began as, once it goes on as another one. */
export async function firstRun(stage: Stage): Promise<{ runId: string }> {
  await stage.reachesNextRun();
  const runId = (await stage.described())?.raw.workflowExecutionInfo?.firstRunId;
  return { runId: runId ?? '' };
}

/** The run that it goes on as, once that one shows itself. */
export async function nextRun(stage: Stage): Promise<void> {
  await stage.reachesNextRun();
  await until('the next run has begun', async () => {
    const runId = (await stage.described())?.runId;
    return (await stage.view()).runId === runId;
  });
}

/** Starts a workflow by hand, which fails on what it is given. */
export async function failing({ client, taskQueue, member }: Stage, type: string, args: unknown[]) {
  const id = `by-hand-${member.split('/').at(-1)}`;
  const handle = await client.workflow.start(type, { workflowId: id, taskQueue, args });
  await handle.result().catch(() => undefined);
  return { id };
}
