import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReceiver } from '../../examples/notifications/receiver.ts';
import type { WebhookBody } from '../../src/kit/webhook.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { chat, configFolder, SECRET } from './config-folder.ts';

let admission: TestAdmission;
let web: Server;
let down = false;
let refused = 0;
const taken: WebhookBody[] = [];

beforeAll(async () => {
  web = createReceiver(SECRET, async (message) => {
    if (down) refused += 1;
    if (down) throw new Error('not now');
    taken.push(message);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const retry = { initialInterval: '50ms', maximumInterval: '200ms', scheduleToClose: '60s' };
  const file = await configFolder({
    apiVersion: 'admission/v1',
    link: 'https://admit.example.com/{id}',
    channels: [chat(`http://127.0.0.1:${(web.address() as AddressInfo).port}`)],
    retry,
  });
  admission = await startAdmission({ ADMISSION_NOTIFICATIONS: file, CHAT_SECRET: SECRET });
});
afterAll(async () => {
  await admission?.close();
  web?.closeAllConnections();
  web?.close();
});

const name = ({ to }: WebhookBody) => to.name;
const about = (id: string) => taken.filter(({ about: subject }) => subject?.workflowId === id);
const told = (id: string, kind: string) =>
  about(id)
    .filter((message) => message.kind === kind)
    .map(name)
    .toSorted();

async function ask(member: string) {
  const { emulator, service } = admission;
  const request = { channelArn: emulator.channel('board'), memberArn: emulator.user(member), reason: 'I work here' };
  return valueOf(await service.join(request));
}

const approve = (by = 'mona') => ({ actor: { principal: admission.emulator.user(by) }, decision: 'approve' as const });

test('whoever may review hears of a request, and of its outcome everybody who had part in it', async () => {
  const { id } = await ask('alice');
  await expect.poll(() => told(id, 'pending')).toEqual(['ada', 'max', 'mona']);
  const [first] = about(id);
  expect(first).toMatchObject({
    subject: 'alice asks to join board',
    link: `https://admit.example.com/${encodeURIComponent(id)}`,
    text: expect.stringContaining('“I work here”'),
  });
  valueOf(await admission.service.review(id, approve()));
  expect(valueOf(await admission.service.wait(id)).outcome).toBe('joined');
  await expect.poll(() => told(id, 'joined')).toEqual(['ada', 'alice', 'max', 'mona']);
  const outcome = about(id).find((message) => message.kind === 'joined' && name(message) === 'alice');
  expect(outcome?.subject).toBe('Your request to join board was approved: you are a member now');
});

test('while nobody can be reached a request is decided and ends; then each is told once of each event', async () => {
  down = true;
  const { id, state, runId } = await ask('carol');
  expect(state).toBe('pending');
  await expect.poll(() => refused).toBeGreaterThan(3);
  valueOf(await admission.service.review(id, approve('max')));
  expect(valueOf(await admission.service.wait(id)).outcome).toBe('joined');
  expect(about(id)).toEqual([]);
  down = false;
  await expect.poll(() => told(id, 'joined')).toEqual(['ada', 'carol', 'max', 'mona']);
  await expect.poll(() => told(id, 'pending')).toEqual(['ada', 'max', 'mona']);
  expect(new Set(about(id).map((message) => message.id)).size).toBe(about(id).length);
  expect(await replayFailures(admission.client, [{ id, runId }])).toEqual({});
});

test('who was asked hears of a membership with a term, too: that it began, was to last longer, and whether it does', async () => {
  const { emulator, service } = admission;
  const [channelArn, memberArn] = [emulator.channel('board'), emulator.user('erin')];
  const everybody = ['ada', 'bob', 'erin', 'max', 'mona'];
  // A member who asks for somebody else: people have to agree to a longer term, too.
  const requestedBy = emulator.user('bob');
  const { id } = valueOf(await service.join({ channelArn, memberArn, requestedBy, term: '30d' }));
  valueOf(await service.review(id, approve()));
  await expect.poll(() => told(id, 'joined')).toEqual(everybody);
  const longer = { actor: { principal: memberArn }, by: '30d', reason: 'More to do' };
  valueOf(await service.give(id, 'extend', longer));
  await expect.poll(() => about(id).filter(({ kind }) => kind === 'pending').length).toBe(6);
  expect(about(id).findLast(({ kind }) => kind === 'pending')).toMatchObject({
    subject: 'The request to extend the membership of erin in board waits for your review',
    text: expect.stringContaining('“More to do”'),
  });
  valueOf(await service.review(id, { ...approve(), decision: 'deny' }));
  await expect.poll(() => told(id, 'notExtended')).toEqual(everybody);
  expect(about(id).find((message) => message.kind === 'notExtended' && name(message) === 'erin')?.subject).toBe(
    'Your membership of board was not extended',
  );
  valueOf(await service.give(id, 'extend', longer));
  valueOf(await service.review(id, approve('max')));
  await expect.poll(() => told(id, 'extended')).toEqual(everybody);
});

test('without notifications nothing is started for them', async () => {
  const own = await startAdmission();
  try {
    const request = { channelArn: own.emulator.channel('board'), memberArn: own.emulator.user('alice') };
    const { id, runId } = valueOf(await own.service.join(request));
    valueOf(await own.service.withdraw(id, { actor: { principal: own.emulator.user('alice') } }));
    const { events } = await own.client.workflow.getHandle(id, runId).fetchHistory();
    expect(events?.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toEqual([]);
  } finally {
    await own.close();
  }
});
