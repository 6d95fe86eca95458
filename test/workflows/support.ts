import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { afterAll, expect, vi } from 'vitest';
import type { RequestView } from '../../src/domain/view.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { clientsOf } from '../emulator/support.ts';
import { startAdmission, startTestWorker, valueOf } from '../support/admission.ts';

/** What a history tells of one ordinary activity. */
export interface Performed {
  readonly activity: string;
  readonly attempts: number;
  /** Type of the failure that the last attempt was a retry of. */
  readonly retriedAfter: string | undefined;
  /** Type of the failure that it ended with. */
  readonly failure: string | undefined;
}

/** A fault for the next calls, `times` in a row. */
export interface Ordered {
  readonly kind: string;
  readonly times?: number;
  readonly [field: string]: unknown;
}

export const exception = (name: string, more: object = {}): Ordered => ({ kind: 'exception', name, ...more });
export const UNAVAILABLE = exception('ServiceUnavailableException');
export const CREATE = 'CreateChannelMembership';
/** What no message accepts. */
export const ANYTHING = ['nonsense', '', null, 0, true, [], [[]], {}, new Uint8Array([1, 2, 3])];

/** An admission system of a test file, with raw SDK clients that do things behind its back; ended after the file's tests. */
export async function startScene(settings: Record<string, string> = {}, policySet?: PolicySet) {
  const admission = await startAdmission(settings, policySet ? { policySet } : {});
  const { client, emulator } = admission;
  const chime = clientsOf(emulator.url);
  const workers: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await Promise.all(workers.map((stop) => stop()));
    chime.messaging.destroy();
    chime.identity.destroy();
    await admission.close();
  });
  const about = (channelArn: string, MemberArn: string) => ({
    ChannelArn: channelArn,
    MemberArn,
    ChimeBearer: emulator.user('ada'),
  });
  return {
    ...admission,
    chime,

    /** A user whom no other test knows. */
    async newcomer(): Promise<string> {
      const AppInstanceUserId = `user-${randomUUID().slice(0, 8)}`;
      const { appInstanceArn: AppInstanceArn } = emulator;
      await chime.identity.createAppInstanceUser({
        AppInstanceArn,
        AppInstanceUserId,
        Name: 'New',
        ClientRequestToken: randomUUID(),
      });
      return emulator.user(AppInstanceUserId);
    },

    /** A channel of a test's own, moderated by whom it says and by nobody else. */
    async newChannel(Privacy: 'PUBLIC' | 'PRIVATE', moderators: string[]): Promise<string> {
      const ChimeBearer = emulator.bearer;
      const { ChannelArn = '' } = await chime.messaging.createChannel({
        AppInstanceArn: emulator.appInstanceArn,
        Name: 'own',
        Mode: 'RESTRICTED',
        Privacy,
        ClientRequestToken: randomUUID(),
        ...(moderators.length > 0 ? { ModeratorArns: moderators.map((name) => emulator.user(name)) } : {}),
        ChimeBearer,
      });
      await chime.messaging.deleteChannelModerator({
        ChannelArn,
        ChannelModeratorArn: ChimeBearer,
        ChimeBearer,
      });
      return ChannelArn;
    },

    /** Another worker on the same emulator, with settings of its own. */
    async otherSystem(own: Record<string, string>, { worker = true, policies = policySet } = {}) {
      const taskQueue = `test-${randomUUID()}`;
      const queues = { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_CHIME_TASK_QUEUE: `${taskQueue}-chime` };
      const start = async () =>
        void workers.push(await startTestWorker({ ...admission.env, ...queues, ...own }, policies));
      if (worker) await start();
      return { taskQueue, start, service: createAdmissionService({ client, taskQueue, bearers: [emulator.bearer] }) };
    },

    /** Asks, and waits until the request is closed. */
    async joined(request: object, service = admission.service): Promise<RequestView> {
      const { id } = valueOf(await service.join(request));
      return valueOf(await service.wait(id));
    },

    /** Asks, and expects that people have to decide; the id. */
    async pending(request: object): Promise<string> {
      const answer = valueOf(await admission.service.join(request));
      expect(answer).toMatchObject({ state: 'pending', outcome: null });
      return answer.id;
    },

    /** The membership that stands, as an admin sees it. */
    async membership(channelArn: string, memberArn: string) {
      const { ChannelMembership } = await chime.messaging.describeChannelMembership(about(channelArn, memberArn));
      return { type: ChannelMembership?.Type, invitedBy: ChannelMembership?.InvitedBy?.Arn };
    },

    /** Adds a member behind our back, by a call that no ordered fault waits for. */
    async addByHand(
      channelArn: string,
      memberArn: string,
      ChimeBearer: string,
      Type: 'DEFAULT' | 'HIDDEN' = 'DEFAULT',
    ) {
      const ChannelArn = channelArn;
      await chime.messaging.batchCreateChannelMembership({ ChannelArn, MemberArns: [memberArn], Type, ChimeBearer });
    },

    /** Orders what the next calls that add this member meet, one after the other. */
    async orderFaults(memberArn: string, faults: readonly Ordered[]): Promise<void> {
      for (const { times = 1, ...fault } of faults) await emulator.fault(CREATE, fault, { count: times, memberArn });
    },

    async clearFaults(): Promise<void> {
      await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
    },

    /** Waits until the emulator has got at least so many calls: on a busy machine more may have come between two looks. */
    async called(operation: string, times: number, memberArn?: string): Promise<void> {
      const count = async () => (await emulator.calls(operation, memberArn)).length;
      await vi.waitFor(async () => expect(await count()).toBeGreaterThanOrEqual(times), PATIENCE);
    },

    async history(id: string): Promise<temporal.api.history.v1.IHistoryEvent[]> {
      return (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
    },

    async status(id: string): Promise<string> {
      return (await client.workflow.getHandle(id).describe()).status.name;
    },
  };
}

export const PATIENCE = { timeout: 60_000, interval: 20 };

type Events = readonly temporal.api.history.v1.IHistoryEvent[];
type Failure = temporal.api.failure.v1.IFailure | null | undefined;

const typeOf = (failure: Failure) =>
  failure?.applicationFailureInfo?.type ?? (failure?.timeoutFailureInfo ? 'Timeout' : undefined);

/** The ordinary activities of a history, in the order in which they were scheduled. */
export function performed(events: Events): Performed[] {
  return events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => {
    if (!scheduled) return [];
    const mine = (attributes: { scheduledEventId?: unknown } | null | undefined) =>
      String(attributes?.scheduledEventId) === String(eventId);
    const started = events.findLast((event) => mine(event.activityTaskStartedEventAttributes));
    const failed = events.find((event) => mine(event.activityTaskFailedEventAttributes));
    const { attempt = 0, lastFailure } = started?.activityTaskStartedEventAttributes ?? {};
    return [
      {
        activity: scheduled.activityType?.name ?? '',
        attempts: attempt ?? 0,
        retriedAfter: typeOf(lastFailure),
        failure: typeOf(failed?.activityTaskFailedEventAttributes?.failure),
      },
    ];
  });
}

/** How often a workflow task failed: each one is a request that hangs until somebody mends the code. */
export function failedTasks(events: Events): number {
  return events.filter((event) => event.workflowTaskFailedEventAttributes).length;
}

/** Type of the failure that a workflow ended with. */
export function endedWith(events: Events): string | undefined {
  return typeOf(events.at(-1)?.workflowExecutionFailedEventAttributes?.failure);
}

/** The failure that a rejected update or a failed workflow is about. */
export async function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await promise;
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof ApplicationFailure) return cause;
    throw error;
  }
  throw new Error('it succeeded');
}
