import type { Client } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../../src/domain/commands.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { requestId } from '../../src/service/request-id.ts';
import type { TestEmulator } from '../support/emulator.ts';

/** What a scene plays on. The worker runs when it begins. */
export interface Stage {
  readonly emulator: TestEmulator;
  readonly client: Client;
  readonly service: AdmissionService;
  readonly taskQueue: string;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
}

export interface Scene {
  /** Environment variables of the worker. */
  readonly settings?: Record<string, string>;
  /** Brings a request into the state that is recorded; its id. */
  play(stage: Stage): Promise<string>;
}

const OUTAGE = { kind: 'status', status: 503 };

/** Every state, every outcome, and every way in which commands, timers and activities can meet. The names are file names. */
export const scenes: Record<string, Scene> = {
  'evaluating-in-an-outage': {
    async play(stage) {
      await stage.emulator.fault('DescribeChannel', OUTAGE, { count: 1_000 });
      return untilAttempt(2, ask(stage, 'lobby'), stage);
    },
  },
  pending: { play: pending },
  'pending-two-reviews-in-one-task': {
    async play(stage) {
      const id = await pending(stage);
      await inOneTask(stage, () => [review(stage, id, 'bob', 'approve'), review(stage, id, 'carol', 'deny')]);
      return id;
    },
  },
  'granting-between-attempts': {
    async play(stage) {
      const throttled = { kind: 'exception', name: 'ThrottledClientException', retryAfter: 60 };
      await stage.emulator.fault('CreateChannelMembership', throttled);
      return untilAttempt(2, ask(stage, 'lobby'), stage);
    },
  },
  joined: { play: async (stage) => ended(stage, ask(stage, 'lobby')) },
  'joined-after-an-outage': {
    async play(stage) {
      await stage.emulator.fault('DescribeChannel', OUTAGE, { count: 3 });
      return ended(stage, ask(stage, 'lobby'));
    },
  },
  'joined-after-retries': {
    async play(stage) {
      await stage.emulator.fault('CreateChannelMembership', OUTAGE, { count: 2 });
      return ended(stage, ask(stage, 'lobby'));
    },
  },
  'joined-found-afterwards': {
    settings: { ADMISSION_RETRY_FOR: '1s' },
    async play(stage) {
      await stage.emulator.fault('CreateChannelMembership', { kind: 'dropAfter' });
      await stage.emulator.fault('CreateChannelMembership', OUTAGE, { count: 1_000 });
      return ended(stage, ask(stage, 'lobby'));
    },
  },
  'joined-by-a-review': { play: async (stage) => reviewed(stage, 'approve') },
  'already-member': { play: async (stage) => ended(stage, ask(stage, 'square', 'bob')) },
  'denied-by-a-policy': { play: async (stage) => ended(stage, ask(stage, 'lobby', 'alice', 'carol')) },
  'denied-by-a-review': { play: async (stage) => reviewed(stage, 'deny') },
  'denied-two-reviews-in-one-task': {
    async play(stage) {
      const id = await pending(stage);
      await inOneTask(stage, () => [review(stage, id, 'mona', 'approve'), review(stage, id, 'max', 'deny')]);
      return ended(stage, id);
    },
  },
  expired: { settings: { ADMISSION_EXPIRE_AFTER: '500ms' }, play: async (stage) => ended(stage, ask(stage, 'board')) },
  withdrawn: {
    async play(stage) {
      const id = await pending(stage);
      await withdraw(stage, id);
      return ended(stage, id);
    },
  },
  'withdrawn-in-an-outage': {
    async play(stage) {
      await stage.emulator.fault('DescribeChannel', OUTAGE, { count: 1_000 });
      const id = await untilAttempt(2, ask(stage, 'lobby'), stage);
      await withdraw(stage, id);
      return ended(stage, id);
    },
  },
  'withdrawn-by-cancelling': {
    async play(stage) {
      const id = await pending(stage);
      await stage.client.workflow.getHandle(id).cancel();
      return ended(stage, id);
    },
  },
  'failed-reading-facts': {
    async play(stage) {
      await stage.emulator.fault('DescribeChannel', { kind: 'exception', name: 'ForbiddenException' });
      return ended(stage, ask(stage, 'lobby'));
    },
  },
  'failed-granting': {
    async play(stage) {
      const exceeded = { kind: 'exception', name: 'ResourceLimitExceededException' };
      await stage.emulator.fault('CreateChannelMembership', exceeded);
      return ended(stage, ask(stage, 'lobby'));
    },
  },
  'failed-invalid-input': {
    async play(stage) {
      const options = { workflowId: 'invalid', taskQueue: stage.taskQueue, args: [{ channelArn: 7 }] };
      await stage.client.workflow.start(WORKFLOW_TYPE, options);
      return ended(stage, 'invalid');
    },
  },
};

/** Asks, and does not wait for the answer: only a state that was looked for is recorded. */
function ask({ emulator, service }: Stage, channel: string, requester = 'alice', member = requester): string {
  const request = {
    channelArn: emulator.channel(channel),
    memberArn: emulator.user(member),
    requestedBy: emulator.user(requester),
  };
  void service.join(request);
  return requestId({ ...request, type: 'DEFAULT' });
}

async function pending(stage: Stage): Promise<string> {
  const id = ask(stage, 'board');
  await until(async () => {
    const view = await stage.service.show(id);
    return view.ok && view.value.state === 'pending';
  });
  return id;
}

async function reviewed(stage: Stage, decision: 'approve' | 'deny'): Promise<string> {
  const id = await pending(stage);
  await review(stage, id, 'mona', decision);
  return ended(stage, id);
}

/** Waits as long as it takes until a worker answers; being refused is an answer. */
async function review({ emulator, client }: Stage, id: string, by: string, decision: 'approve' | 'deny') {
  const command = { actor: { principal: emulator.user(by) }, decision };
  const given = client.workflow.getHandle(id).executeUpdate('review', { args: [command] });
  await given.catch(() => undefined);
}

async function withdraw({ emulator, service }: Stage, id: string) {
  return service.withdraw(id, { actor: { principal: emulator.user('alice') } });
}

/** What is given while no worker runs comes to the next one in one task. */
async function inOneTask(stage: Stage, give: () => Promise<unknown>[]): Promise<void> {
  await stage.stopWorker();
  const given = give();
  await stage.startWorker();
  await Promise.all(given);
}

async function ended({ client }: Stage, id: string): Promise<string> {
  // The workflow may not be there yet, and it may fail: both are no end of the recording.
  await until(async () => (await describe(client, id))?.status.name !== undefined);
  const handle = client.workflow.getHandle(id);
  await handle.result().catch(() => undefined);
  return id;
}

async function describe(client: Client, id: string) {
  return client.workflow
    .getHandle(id)
    .describe()
    .catch(() => undefined);
}

async function untilAttempt(attempt: number, id: string, { client }: Stage): Promise<string> {
  await until(async () => {
    const description = await describe(client, id);
    return (description?.raw.pendingActivities ?? []).some((one) => (one.attempt ?? 0) >= attempt);
  });
  return id;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error('the scene did not come to its state within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
