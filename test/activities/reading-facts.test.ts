import { once } from 'node:events';
import { connect as connectTo, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { valueOf } from '../support/admission.ts';
import { requestId } from '../../src/workflow-id.ts';
import {
  endedWith,
  exception,
  failedTasks,
  PATIENCE,
  performed,
  startScene,
  UNAVAILABLE,
} from '../workflows/support.ts';

/** The worker reaches the emulator through this port, where nobody listens while Chime is out. */
const sockets = new Set<Socket>();
const gate = createServer((socket) => {
  sockets.add(socket);
  const chime = connectTo(Number(new URL(scene.emulator.url).port), '127.0.0.1');
  socket.pipe(chime).pipe(socket);
  socket.on('error', () => chime.destroy());
  chime.on('error', () => socket.destroy());
});
const open = async (port: number) => {
  gate.listen(port, '127.0.0.1');
  await once(gate, 'listening');
};
await open(0);
const { port } = gate.address() as AddressInfo;
const endpoint = `http://127.0.0.1:${port}`;

const scene = await startScene({
  AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: endpoint,
  AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY: endpoint,
});
const { client, emulator, service } = scene;
const lobby = emulator.channel('lobby');
const THROTTLED = exception('ThrottledClientException', { status: 429 });

afterEach(() => scene.clearFaults());
afterAll(() => void gate.close());

/** Waits until the request is held by an outage, and tells how it is seen in Temporal. */
async function heldUp(id: string) {
  return vi.waitFor(async () => {
    const { raw } = await client.workflow.getHandle(id).describe();
    const [pending] = raw.pendingActivities ?? [];
    expect(pending?.activityType?.name).toBe('admit');
    expect(pending?.lastFailure).toBeTruthy();
    return { type: pending?.lastFailure?.applicationFailureInfo?.type, attempt: pending?.attempt };
  }, PATIENCE);
}

// prettier-ignore
describe('a failure that may pass never denies: the request ends as joined', () => {
  test.each([
    ['DescribeChannel', UNAVAILABLE, 1, []],
    ['DescribeChannel', UNAVAILABLE, 2, ['admit']],
    ['DescribeChannel', { kind: 'html', status: 502 }, 2, ['admit']],
    ['DescribeChannel', { kind: 'dropBefore' }, 2, ['admit']],
    ['DescribeChannel', { kind: 'garbage' }, 2, ['admit']],
    ['DescribeChannel', { kind: 'truncate' }, 2, ['admit']],
    ['DescribeChannel', { kind: 'empty' }, 2, ['admit']],
    ['DescribeChannelMembership', { kind: 'html', status: 503 }, 4, ['admit']],
    ['DescribeChannelMembership', { kind: 'status', status: 200, body: '{}' }, 2, ['admit']],
    ['DescribeChannelModerator', { kind: 'status', status: 200 }, 2, ['admit']],
    ['DescribeChannelBan', { kind: 'status', status: 200, body: '[]' }, 2, ['admit']],
    ['DescribeChannelBan', { kind: 'truncate' }, 2, ['admit']],
    ['DescribeChannelModerator', { kind: 'garbage' }, 2, ['admit']],
    ['DescribeChannelMembership', { kind: 'empty' }, 2, ['admit']],
    ['ListAppInstanceAdmins', { kind: 'status', status: 200, body: '{}' }, 2, ['admit']],
    ['DescribeChannelModerator', { kind: 'status', status: 408 }, 2, ['admit']],
    ['DescribeChannelBan', { ...THROTTLED, retryAfter: 1 }, 2, ['admit']],
    ['ListAppInstanceAdmins', THROTTLED, 1, []],
  ])('%s answers %j %i times', async (operation, fault, count, patient) => {
    const memberArn = await scene.newcomer();
    const member = /Channel(Membership|Moderator|Ban)$/.test(operation) ? { memberArn } : {};
    const before = (await emulator.calls(operation)).length;
    await emulator.fault(operation, fault, { count, ...member });
    const view = await scene.joined({ channelArn: lobby, memberArn });
    expect(view).toMatchObject({ outcome: 'joined', facts: { 'requester.role': { value: 'outsider' } } });
    expect(view.decisions.map(({ evaluation }) => evaluation)).not.toContain('error');
    expect((await emulator.calls(operation)).length - before).toBeGreaterThanOrEqual(count);
    const activities = performed(await scene.history(view.id)).map(({ activity }) => activity);
    expect(activities).toEqual([...patient, 'createChannelMembership']);
  });
});

test('reading all facts of a self-join takes each call once', async () => {
  const memberArn = await scene.newcomer();
  await scene.joined({ channelArn: lobby, memberArn });
  const reads = ['DescribeChannelMembership', 'DescribeChannelModerator', 'DescribeChannelBan'];
  const counts = reads.map(async (read) => [read, (await emulator.calls(read, memberArn)).length]);
  expect(await Promise.all(counts)).toEqual(reads.map((read) => [read, 1]));
});

test('a throttled read waits at least a second', async () => {
  const memberArn = await scene.newcomer();
  await emulator.fault('DescribeChannelBan', THROTTLED, { memberArn });
  await scene.joined({ channelArn: lobby, memberArn });
  const [first, second] = (await emulator.calls('DescribeChannelBan', memberArn)).map(({ at }) => Date.parse(at));
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
});

// prettier-ignore
test.each([
  ['ForbiddenException', {}, /bearer may not/],
  ['UnauthorizedClientException', {}, /configuration/],
  ['BadRequestException', {}, /refuses/],
  ['AccessDeniedException', { status: 403 }, /IAM/],
  ['ExpiredTokenException', { status: 403 }, /expired/],
])('%s while reading is final: failed with hint and request id, nothing read again, nothing written', async (name, more, hint) => {
  const memberArn = await scene.newcomer();
  const before = (await emulator.calls('DescribeChannel')).length;
  await emulator.fault('DescribeChannel', exception(name, more));
  const view = await scene.joined({ channelArn: lobby, memberArn });
  expect(view).toMatchObject({
    outcome: 'failed',
    decisions: [],
    error: { type: name, hint: expect.stringMatching(hint), requestId: expect.any(String) },
  });
  expect((await emulator.calls('DescribeChannel')).length - before).toBe(1);
  expect(await emulator.calls('CreateChannelMembership', memberArn)).toEqual([]);
  const events = await scene.history(view.id);
  expect([await scene.status(view.id), endedWith(events), performed(events)]).toEqual(['FAILED', name, []]);
});

describe('a long outage', () => {
  test('of one operation shows as the pending activity admit, and the request can be withdrawn', async () => {
    const request = { channelArn: lobby, memberArn: await scene.newcomer(), type: 'DEFAULT' as const };
    await emulator.fault('DescribeChannel', UNAVAILABLE, { count: 1_000 });
    const id = requestId({ ...request, requestedBy: request.memberArn });
    const answer = service.join(request);
    expect(await heldUp(id)).toMatchObject({ type: 'ServiceUnavailableException' });
    expect(valueOf(await service.show(id))).toMatchObject({ state: 'evaluating', outcome: null });
    const actor = { principal: request.memberArn };
    expect(valueOf(await service.withdraw(id, { actor }))).toMatchObject({ state: 'closed', outcome: 'withdrawn' });
    expect(valueOf(await answer)).toMatchObject({ state: 'closed', outcome: 'withdrawn' });
    // What was still being read is given up in a task of its own.
    await expect.poll(async () => scene.status(id), PATIENCE).toBe('COMPLETED');
    expect(failedTasks(await scene.history(id))).toBe(0);
    expect(await emulator.calls('CreateChannelMembership', request.memberArn)).toEqual([]);
  });

  test('of everything holds the request until Chime is back, and then it is joined', async () => {
    const request = { channelArn: lobby, memberArn: await scene.newcomer(), type: 'DEFAULT' as const };
    await unplugged(async () => {
      const answer = valueOf(await service.join(request));
      expect(answer).toMatchObject({ state: 'evaluating', outcome: null });
      expect((await heldUp(answer.id)).attempt).toBeGreaterThan(1);
    });
    const id = requestId({ ...request, requestedBy: request.memberArn });
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: request.memberArn });
  });

  test('of everything keeps nobody from withdrawing', async () => {
    const request = { channelArn: lobby, memberArn: await scene.newcomer(), type: 'DEFAULT' as const };
    const id = requestId({ ...request, requestedBy: request.memberArn });
    await unplugged(async () => {
      const answer = service.join(request);
      await heldUp(id);
      expect(await service.withdraw(id, { actor: { principal: request.memberArn } })).toMatchObject({ ok: true });
      expect(valueOf(await answer).outcome).toBe('withdrawn');
    });
  });
});

/** Does something while connections to Chime are refused. */
async function unplugged(body: () => Promise<void>): Promise<void> {
  gate.close();
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(() => expect(gate.listening).toBe(false));
  try {
    await body();
  } finally {
    await open(port);
  }
}
