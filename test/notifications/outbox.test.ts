import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { createReceiver } from '../../examples/notifications/receiver.ts';
import { createNotifyActivities } from '../../src/activities/notify.ts';
import { subjectOf } from '../../src/domain/notification.ts';
import type { NotificationEvent, NotificationReport } from '../../src/domain/notification.ts';
import type { WebhookBody } from '../../src/kit/webhook.ts';
import { installTestRuntime } from '../support/admission.ts';
import { asChild, registerNamespace, strangerDoes } from '../support/stranger.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import type { TestSmtpServer } from '../support/smtp-server.ts';
import { chat, notificationsOf, SECRET } from './config-folder.ts';
import { deliveryTo, eventOf, hiddenEvent, user } from './events.ts';
import type { notifyPeople, teller } from './teller-workflows.ts';

const taskQueue = `test-${randomUUID()}`;

let client: Client;
/** A namespace of somebody else. */
let elsewhere: string;
let web: Server;
let smtp: TestSmtpServer;
let bundle: Awaited<ReturnType<typeof bundleWorkflowCode>>;
let taken: WebhookBody[] = [];
/** Whether the chat cannot be reached now, and how often that was found out. */
let down = false;
let failures = 0;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  installTestRuntime();
  const address = inject('temporalAddress');
  const [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  client = new Client({ connection });
  elsewhere = await registerNamespace(connection);
  web = createReceiver(SECRET, async (message) => {
    if (down) failures += 1;
    if (down) throw new Error('not now');
    taken.push(message);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  smtp = await startSmtpServer({
    refuse: (_, email) => (email.startsWith('max@') ? '550 no such user' : undefined),
  });
  bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('teller-workflows.ts', import.meta.url)),
    logger: quiet,
  });
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: bundle,
    activities: createNotifyActivities({ notifications: await notificationsOf(config()), taskQueue }),
  });
  const running = worker.run();
  closing.push(async () => {
    worker.shutdown();
    await running;
    await Promise.all([connection.close(), native.close(), smtp.close()]);
    web.closeAllConnections();
    web.close();
  });
});
afterAll(() => Promise.all(closing.map((close) => close())));
afterEach(() => {
  [taken, down, failures] = [[], false, 0];
});

function config() {
  const addresses = Object.fromEntries(['bob', 'max'].map((name) => [user(name), `${name}@example.com`]));
  const mail = { smtp: smtp.url, from: 'admission@example.com', addresses };
  const kinds = ['pending', 'joined'];
  return {
    apiVersion: 'admission/v1',
    channels: [
      chat(`http://127.0.0.1:${(web.address() as AddressInfo).port}`),
      { name: 'mail', use: 'email', params: mail },
    ],
    rules: [
      { when: kinds, to: [{ users: [user('max')] }, 'requester'], by: 'mail' },
      { when: kinds, to: ['approvers', 'requester'], by: 'chat' },
    ],
    retry: { initialInterval: '50ms', maximumInterval: '200ms', scheduleToClose: '30m' },
  };
}

const ignore = () => undefined;
const failAtLength = () => Promise.reject(new Error('x'.repeat(3_000_000)));
const quiet = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: console.error };

const fresh = (event: NotificationEvent): NotificationEvent => ({
  ...event,
  id: `${event.workflowId}/${randomUUID()}/1`,
});

const outboxOf = ({ id }: NotificationEvent) => `notify:${id.replaceAll('/', ':')}`;

/** A workflow that tells these events and ends; what it returned. */
async function tellAll(events: readonly NotificationEvent[]): Promise<string> {
  const options = { taskQueue, workflowId: `teller-${randomUUID()}`, args: [events] as [typeof events] };
  return client.workflow.execute<typeof teller>('teller', options);
}

const reportOf = (event: NotificationEvent): Promise<NotificationReport> =>
  client.workflow.getHandle<typeof notifyPeople>(outboxOf(event)).result();

const names = (people: readonly { to: string | { arn: string } }[]) =>
  people.map(({ to }) => (typeof to === 'string' ? to : to.arn).split('/').at(-1) ?? '').toSorted();

test('each is told once by the channel of the first rule, and who is refused for good keeps nobody', async () => {
  const event = fresh(eventOf({ requester: user('bob') }));
  expect(await tellAll([event])).toBe('ended');
  const { told, failed } = await reportOf(event);
  expect(names(told)).toEqual(['ada', 'bob', 'mona']);
  expect(failed).toMatchObject([{ to: user('max'), channel: 'mail', because: expect.stringContaining('550 no such') }]);
  expect(names(taken)).toEqual(['ada', 'mona']);
  expect(smtp.mails.at(-1)?.to).toEqual(['bob@example.com']);
});

test('while a channel is down nobody else waits: not who tells, not who is reached otherwise; later all arrive once', async () => {
  down = true;
  const event = fresh(eventOf({ requester: user('bob') }));
  const mails = smtp.mails.length;
  expect(await tellAll([event])).toBe('ended');
  await expect.poll(() => smtp.mails.length).toBe(mails + 1);
  await expect.poll(() => failures).toBeGreaterThan(4);
  expect(taken).toEqual([]);
  const { pendingActivities } = (await client.workflow.getHandle(outboxOf(event)).describe()).raw;
  expect(pendingActivities?.map(({ lastFailure }) => lastFailure?.message)).toEqual(
    Array.from({ length: 2 }, () => expect.stringContaining('the receiver answered 503')),
  );
  down = false;
  const { told } = await reportOf(event);
  expect(names(told)).toEqual(['ada', 'bob', 'mona']);
  expect(names(taken)).toEqual(['ada', 'mona']);
  expect(new Set(taken.map(({ id }) => id)).size).toBe(2);
  expect(smtp.mails).toHaveLength(mails + 1);
});

test('an event that is told again, while it is under way or long after, is told once', async () => {
  down = true;
  const event = fresh(eventOf());
  await tellAll([event, event]);
  await tellAll([event]);
  down = false;
  await reportOf(event);
  const runOf = async () => (await client.workflow.getHandle(outboxOf(event)).describe()).runId;
  const first = await runOf();
  expect(await tellAll([event, fresh(eventOf({ kind: 'withdrawn' }))])).toBe('ended');
  // The receiver would not act on it again: that nothing is sent shows here.
  expect(await runOf()).toBe(first);
  expect(names(taken)).toEqual(['ada', 'mona']);
});

test('what cannot be told does not touch who tells', async () => {
  const bad = { ...fresh(eventOf()), kind: 'party' as 'pending' };
  expect(await tellAll([bad])).toBe('ended');
  const error = await reportOf(bad).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidEvent',
    message: expect.stringContaining('kind'),
  });
});

test('an event that no request tells is told to nobody: anybody could have it signed and mailed', async () => {
  const event = fresh(eventOf({ kind: 'joined', requester: user('bob') }));
  const [workflowId, mails] = [outboxOf(event), smtp.mails.length];
  const byHand = client.workflow.execute<typeof notifyPeople>('notifyPeople', { taskQueue, workflowId, args: [event] });
  await expect(byHand).rejects.toMatchObject({ cause: { type: 'InvalidStart' } });
  expect([taken, smtp.mails.length]).toEqual([[], mails]);
});

test.each(['default', 'another'])(
  'nor is one that a workflow of somebody else tells, in %s namespace',
  async (where) => {
    const connection = client.connection as Connection;
    const event = fresh(eventOf({ kind: 'joined', requester: user('bob') }));
    const [workflowId, mails] = [outboxOf(event), smtp.mails.length];
    const stranger = { type: 'joinChannel', ...(where === 'default' ? {} : { namespace: elsewhere }) };
    await strangerDoes(connection, asChild({ type: 'notifyPeople', workflowId, taskQueue, args: [event] }), stranger);
    await vi.waitFor(() => client.workflow.getHandle(workflowId).describe(), { timeout: 60_000, interval: 50 });
    await expect(reportOf(event)).rejects.toMatchObject({ cause: { cause: { type: 'InvalidStart' } } });
    expect([taken, smtp.mails.length]).toEqual([[], mails]);
  },
);

test('an event with no rule is over at once', async () => {
  const event = fresh(eventOf({ kind: 'incident' }));
  await tellAll([event]);
  expect(await reportOf(event)).toEqual({ event: event.id, told: [], failed: [] });
});

test('a request that is cancelled, or continues elsewhere, takes no message back', async () => {
  down = true;
  const event = fresh(eventOf());
  const workflowId = `teller-${randomUUID()}`;
  const handle = await client.workflow.start<typeof teller>('teller', { taskQueue, workflowId, args: [[event], true] });
  await expect.poll(() => failures).toBeGreaterThan(0);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow('cancelled');
  down = false;
  await reportOf(event);
  expect(names(taken)).toEqual(['ada', 'mona']);
});

test('the Temporal UI says who was told; lists name nobody of a HIDDEN request', async () => {
  const [hidden, open] = [fresh(hiddenEvent({ kind: 'joined' })), fresh(eventOf())];
  await tellAll([hidden, open]);
  await Promise.all([reportOf(hidden), reportOf(open)]);
  const handle = client.workflow.getHandle(outboxOf(hidden));
  const details = await handle
    .query<string>('__temporal_workflow_metadata')
    .then((metadata) => (metadata as unknown as { currentDetails: string }).currentDetails);
  expect(details).toContain('### joined: 3 of 4 told');
  expect(details).toContain('| `mona` | approvers | `chat` | told |');
  expect(details).toMatch(/\| `max` \| approvers \| `mail` \| given up: `[^|]*550 no such user[^|]*` \|/);
  const summaries = await Promise.all(
    [hidden, open].map(async (event) => (await client.workflow.getHandle(outboxOf(event)).describe()).staticSummary()),
  );
  expect(summaries).toEqual(['Tell people: joined, about board', 'Tell people: pending, about board']);
});

test('500 people are told of one event, whatever is written in it', async () => {
  const approvers = Array.from({ length: 500 }, (_, index) => user(`reviewer-${index}`));
  const reason = '理由'.repeat(512);
  const event = fresh(eventOf({ approvers, message: '説明'.repeat(1_000) }));
  await tellAll([{ ...event, request: { ...event.request, reason } }]);
  // By e-mail, by which the first rule tells these two, they cannot be reached.
  const { told, failed } = await reportOf(event);
  expect([told.length, names(failed)]).toEqual([500, ['alice', 'max']]);
  expect(new Set(taken.map(({ id }) => id)).size).toBe(500);
});

test('a worker without notifications leaves an event to those that have some', async () => {
  const activities = createNotifyActivities({ taskQueue });
  await expect(activities.routeNotification(eventOf())).rejects.toMatchObject({
    type: 'NotConfigured',
    nonRetryable: false,
  });
});

test('what a channel says of a failure is kept short, however much it is', async () => {
  const notifications = await notificationsOf(config());
  const activities = createNotifyActivities({
    taskQueue,
    notifications: { routing: (event) => notifications.routing(event), deliver: failAtLength },
  });
  const sending = new MockActivityEnvironment().run(() =>
    activities.deliverNotification(subjectOf(eventOf()), deliveryTo('mona')),
  );
  expect(await sending.catch((error: unknown) => (error as Error).message.length)).toBeLessThan(600);
});
