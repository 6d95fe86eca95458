import { activityInfo, getClient } from '@temporalio/activity';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { LRUCache } from 'lru-cache';
import type { Proof } from '../domain/actor.ts';
import { STATE_QUERY } from '../domain/commands.ts';
import { hasMade } from '../domain/onboarding/children.ts';
import { ONBOARDING_TYPE } from '../domain/onboarding/commands.ts';
import type { OnboardingView } from '../domain/onboarding/view.ts';
import type { JoinRequest } from '../domain/request.ts';

/**
 * Where a run comes from, as the server has it. That it has a parent, or goes on from an earlier run, proves nothing:
 * anybody with a worker of their own can start our workflows as children, or continue as one of them, with any input.
 * What our own workers run, on our own task queue, is what is believed.
 */
interface Known extends Run {
  readonly firstRunId: string;
  readonly type: string;
  readonly isOpen: boolean;
  readonly taskQueue: string;
  readonly parent: Run | undefined;
}

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** In our own namespace; `undefined` where there is no such run. Throws when that cannot be found out now. */
async function lookUp({ workflowId, runId }: Pick<Run, 'workflowId'> & Partial<Run>): Promise<Known | undefined> {
  try {
    const found = await getClient().workflow.getHandle(workflowId, runId).describe();
    const { executionConfig, workflowExecutionInfo } = found.raw;
    return {
      workflowId,
      runId: found.runId,
      firstRunId: workflowExecutionInfo?.firstRunId || found.runId,
      type: found.type,
      isOpen: found.status.name === 'RUNNING',
      taskQueue: executionConfig?.taskQueue?.name ?? '',
      parent: found.parentExecution && {
        workflowId: found.parentExecution.workflowId ?? '',
        runId: found.parentExecution.runId ?? '',
      },
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Of the workflow that asks for the activity; an activity may also be started by itself. */
async function ownRun(): Promise<Known | undefined> {
  const { workflowExecution } = activityInfo();
  return workflowExecution && lookUp(workflowExecution);
}

/**
 * Proof of who asks for the request that this activity is done for: an onboarding of ours that is taking the step which
 * makes it. `undefined` where there is none, whatever parent there is.
 */
export async function vouchedFor(request: JoinRequest, taskQueue: string): Promise<Proof | undefined> {
  const self = await ownRun();
  const parent = self?.parent && (await lookUp(self.parent));
  if (!parent || !isOnboarding(parent, taskQueue)) return undefined;
  // It may have gone on as a new run since, or have been reset.
  const latest = await lookUp({ workflowId: parent.workflowId });
  if (!latest?.isOpen || latest.firstRunId !== parent.firstRunId || !isOnboarding(latest, taskQueue)) return undefined;
  const handle = getClient().workflow.getHandle(latest.workflowId, latest.runId);
  const view = await handle.query<OnboardingView>(STATE_QUERY);
  if (!hasMade(view, { id: self.workflowId, firstRunId: self.firstRunId }, request)) return undefined;
  return { verified: view.requesterVerified === true };
}

function isOnboarding({ type, taskQueue }: Known, ours: string): boolean {
  return type === ONBOARDING_TYPE && taskQueue === ours;
}

/** Whether a workflow of ours started the one that this activity is done for; it may have ended since. */
export async function hasParentOfOurs(taskQueue: string): Promise<boolean> {
  const parent = (await ownRun())?.parent;
  return parent !== undefined && (await lookUp(parent))?.taskQueue === taskQueue;
}

export function createOriginActivities({ taskQueue }: { readonly taskQueue: string }) {
  return {
    /** Whether an earlier run of this workflow was one of ours: then what it leaves can be gone on from. */
    async isRunOfOurs(runId: string): Promise<boolean> {
      const { workflowId = '' } = activityInfo().workflowExecution ?? {};
      return (await lookUp({ workflowId, runId }))?.taskQueue === taskQueue;
    },
  };
}

/**
 * Anybody can have a workflow of their own ask for any activity, by its name. Those here work for workflows of ours alone.
 */
export function servingOnly(taskQueue: string): ActivityInboundCallsInterceptor {
  const served = new LRUCache<string, true>({ max: 10_000 });
  return {
    async execute(input, next) {
      const { workflowExecution: { runId } = { runId: '' }, isLocal } = activityInfo();
      // A local one runs where its workflow runs.
      if (isLocal || served.has(runId)) return next(input);
      if ((await ownRun())?.taskQueue !== taskQueue) throw NOT_OURS(taskQueue);
      served.set(runId, true);
      return next(input);
    },
  };
}

/** It may pass: where deployments share a queue for Chime by mistake, a worker of the right one takes it some time. */
const NOT_OURS = (taskQueue: string) =>
  ApplicationFailure.retryable(`only workflows of the task queue ${taskQueue} are served here`, 'NotOurs');
