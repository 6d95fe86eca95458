import { activityInfo, getClient } from '@temporalio/activity';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import type { GrantRecord } from '../domain/ownership.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Settings } from '../domain/settings.ts';
import { findRun, grantedBy } from '../request-runs.ts';
import { requiredBearer } from './bearers.ts';

/** A membership that a closed request made, as the server has it. */
export interface Granted {
  readonly request: JoinRequest;
  readonly requestedAt: string;
  readonly grant: GrantRecord;
  readonly serviceBearer: string;
  readonly settings: Settings;
}

export interface GrantedDependencies {
  readonly bearers: readonly string[];
  readonly settings: Settings;
}

export function createGrantedActivities({ bearers, settings }: GrantedDependencies) {
  return {
    /** What a closed request granted, from its own run: nothing that somebody brings along is believed. */
    async readGranted({ id, runId }: { readonly id: string; readonly runId: string }): Promise<Granted | Refusal> {
      const client = getClient();
      const run = await findRun(client, id, runId);
      // A request of another queue is one of other workers, which may record what they like.
      if (run?.type !== WORKFLOW_TYPE || run.taskQueue !== activityInfo().taskQueue) return UNKNOWN;
      if (run.status === 'RUNNING' || run.status === 'CONTINUED_AS_NEW') return OPEN;
      const granted = await grantedBy(client, run);
      if (!granted) return NOT_GRANTED;
      const { grant, view } = granted;
      const { request, requestedAt } = view;
      return { request, requestedAt, grant, serviceBearer: requiredBearer(request.channelArn, bearers), settings };
    },
  };
}

const UNKNOWN: Refusal = {
  code: 'UnknownRequest',
  message: 'There is no such run of a request on this task queue.',
  field: 'target',
  accepted: 'id and run id of a closed request of these workers',
};

const OPEN: Refusal = {
  code: 'NotActive',
  message: 'The request goes on: give the command to itself.',
  field: 'target',
  accepted: 'the last run of a closed request',
};

const NOT_GRANTED: Refusal = {
  code: 'AlreadyResolved',
  message: 'This request made no membership: there is nothing of ours to end.',
};
