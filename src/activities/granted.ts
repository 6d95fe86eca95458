import { activityInfo, getClient } from '@temporalio/activity';
import { WORKFLOW_TYPE } from '../domain/commands.ts';
import { isOurs, type GrantRecord } from '../domain/ownership.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Settings } from '../domain/settings.ts';
import type { Term } from '../domain/view.ts';
import { describeRun, findRun, grantedBy, runsOf } from '../request-runs.ts';
import { requiredBearer } from './chime-failure.ts';
import { describeMembership, type DescribeDependencies, type Grant } from './settle.ts';

/** A membership that a closed request made, as the server has it. */
export interface Granted {
  readonly request: JoinRequest;
  readonly requestedAt: string;
  readonly grant: GrantRecord;
  readonly serviceBearer: string;
  readonly settings: Settings;
}

/** The term is the one that had come to count, extensions and all. */
export type EarlierGrant = Omit<Grant, 'outcome'> & { readonly term?: Term };

export interface GrantedDependencies extends DescribeDependencies {
  readonly settings: Settings;
}

export function createGrantedActivities({ reads, bearers, settings }: GrantedDependencies) {
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

    /**
     * What earlier runs of the workflow that asks had granted and is still there: a reset in Temporal begins a new run in the
     * middle, which knows nothing of it. Another asking of the same id is none of these runs.
     */
    async findEarlierGrant(): Promise<EarlierGrant | null> {
      const client = getClient();
      const { workflowId: id, runId } = activityInfo().workflowExecution ?? { workflowId: '', runId: '' };
      const self = await describeRun(client, id, runId);
      for (const run of await runsOf(client, id, activityInfo().taskQueue)) {
        if (run.runId === runId || run.status === 'RUNNING' || run.firstRunId !== self.firstRunId) continue;
        // What nobody can read any more is no grant.
        const granted = await grantedBy(client, run).catch(() => undefined);
        const found = granted && (await describeMembership(granted.view.request, { reads, bearers }));
        if (!granted || !found || !isOurs(found, granted.grant)) continue;
        const { type, name, invitedBy, createdAt, subChannelId } = found;
        return {
          grant: { type, invitedBy, createdAt },
          member: { arn: granted.view.request.memberArn, ...(name === undefined ? {} : { name }) },
          invitedBy,
          ...(subChannelId === undefined ? {} : { subChannelId }),
          ...(granted.view.term ? { term: granted.view.term } : {}),
        };
      }
      return null;
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
