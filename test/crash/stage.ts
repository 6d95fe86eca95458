import { defineSearchAttributeKey } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { CommandName, CommandOf, CommandResult } from '../../src/domain/commands.ts';
import type { RequestView } from '../../src/domain/view.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { requestId } from '../../src/workflow-id.ts';
import type { Result } from '../../src/service/result.ts';
import type { TestEmulator } from '../support/emulator.ts';
import type { OnCall } from './on-call.ts';

/** What all requests share. */
export interface Theatre {
  readonly emulator: TestEmulator;
  readonly client: Client;
  readonly onCall: OnCall;
}

/** Where one request plays: who asks is known to no other. */
export type Stage = Awaited<ReturnType<typeof createStage>>;

export interface Asked {
  readonly channel?: string;
  /** Its words say what is asked: see policies/admission.yaml. */
  readonly reason?: string;
  readonly term?: string;
  readonly type?: 'DEFAULT' | 'HIDDEN';
  readonly requestedBy?: string;
}

/** Of a command, what is not its actor. */
type Given<N extends CommandName> = Omit<CommandOf<N>, 'actor'>;

export async function createStage(theatre: Theatre, service: AdmissionService, taskQueue: string) {
  const { emulator, client } = theatre;
  const member = await emulator.newUser(`user-${randomUUID().slice(0, 8)}`);
  const stage = {
    ...theatre,
    service,
    taskQueue,
    member,
    id: '',
    channelArn: '',

    /** Asks, and does not wait for the answer: what is waited for is a state. */
    ask({ channel = 'lobby', ...more }: Asked = {}): void {
      stage.channelArn = emulator.channel(channel);
      const request = { channelArn: stage.channelArn, memberArn: member, requestedBy: member, ...more };
      stage.id = requestId({ type: 'DEFAULT', ...request });
      void service.join(request);
    },

    /** What Temporal itself knows of the request: needs no worker, and is undefined before its first task. */
    async described() {
      return client.workflow
        .getHandle(stage.id)
        .describe()
        .catch(() => undefined);
    },

    /** `state`, or `state/what it waits for`, as lists show it. */
    async where(): Promise<string> {
      const shown = (await stage.described())?.typedSearchAttributes;
      const read = (name: string) => shown?.get(defineSearchAttributeKey(name, 'KEYWORD'));
      const [state = 'evaluating', waitsFor] = [read('AdmissionState'), read('AdmissionWaitsOn')];
      return waitsFor ? `${state}/${waitsFor}` : state;
    },

    async reaches(where: string): Promise<void> {
      await until(`it is ${where}`, async () => (await stage.where()) === where);
    },

    /** Waits until an ordinary activity has failed so often that this attempt is the next or under way. */
    async reachesAttempt(attempt: number): Promise<void> {
      await until(`attempt ${attempt}`, async () => {
        const { raw } = (await stage.described()) ?? {};
        return (raw?.pendingActivities ?? []).some((one) => (one.attempt ?? 0) >= attempt);
      });
    },

    /** Waits until the request goes on as another run than the one that it began as. */
    async reachesNextRun(): Promise<void> {
      await until('another run', async () => {
        const { firstRunId, execution } = (await stage.described())?.raw.workflowExecutionInfo ?? {};
        return firstRunId !== execution?.runId;
      });
    },

    /** Waits until a call about a member has come that nobody has answered yet. */
    async isAnswering(operation: string, memberArn = member): Promise<void> {
      await until(`${operation} is under way`, async () => {
        const calls = await emulator.calls(operation, memberArn);
        return calls.at(-1)?.status === 0;
      });
    },

    /** Orders what the next calls about a member meet. */
    async fault(operation: string, fault: object, { count = 1, memberArn = member } = {}): Promise<void> {
      await emulator.fault(operation, fault, { count, memberArn });
    },

    /** Gives a command, and expects that it is taken; `by`: whose name or ARN the actor has, or null for a command without one. */
    async give<N extends CommandName>(name: N, by: string | null, command: Given<N>): Promise<CommandResult> {
      const actor = by === null ? {} : { actor: { principal: by.startsWith('arn:') ? by : emulator.user(by) } };
      return must(await service.give(stage.id, name, { ...actor, ...command } as CommandOf<N>));
    },

    async approve(by: string, reviewId?: string): Promise<void> {
      await stage.give('review', by, { decision: 'approve', ...(reviewId === undefined ? {} : { reviewId }) });
    },

    async view(): Promise<RequestView> {
      return must(await service.show(stage.id));
    },

    /** Waits until the request is closed. */
    async end(): Promise<RequestView> {
      await until('it is there', async () => (await stage.described()) !== undefined);
      return must(await service.wait(stage.id));
    },

    /** Behind our back: a moderator who gives no last approval here adds somebody, or takes them out. */
    async byHand(what: 'add' | 'remove'): Promise<void> {
      const path = `${emulator.url}/channels/${encodeURIComponent(stage.channelArn)}/memberships`;
      const headers = { 'x-amz-chime-bearer': emulator.user(BY_HAND) };
      const answer =
        what === 'add'
          ? await fetch(path, { method: 'POST', headers, body: JSON.stringify({ MemberArn: member, Type: 'DEFAULT' }) })
          : await fetch(`${path}/${encodeURIComponent(member)}`, { method: 'DELETE', headers });
      if (!answer.ok) throw new Error(await answer.text());
    },

    /** One more moderator of the channel. */
    async newModerator(): Promise<string> {
      const arn = await emulator.newUser(`moderator-${randomUUID().slice(0, 8)}`);
      const path = `${emulator.url}/channels/${encodeURIComponent(stage.channelArn)}/moderators`;
      const headers = { 'x-amz-chime-bearer': emulator.bearer };
      const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify({ ChannelModeratorArn: arn }) });
      if (!answer.ok) throw new Error(await answer.text());
      return arn;
    },
  };
  return stage;
}

/** Whose calls are none of ours. */
export const BY_HAND = 'max';

/** Waits for a state, never for a time; says what did not come. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`within ${withinMs} ms this did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The value of a good result; throws what a bad one says. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
