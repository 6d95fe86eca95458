import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { describe, expect, test, vi } from 'vitest';
import type { RequestView } from '../../src/domain/view.ts';
import { valueOf } from '../support/admission.ts';
import { CREATE, endedWith, failedTasks, failureOf, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

const scene = await startScene();
const { client, emulator, service, taskQueue } = scene;
const lobby = emulator.channel('lobby');
const board = emulator.channel('board');
const alice = emulator.user('alice');
const elsewhere = (arn: string) => arn.replace(/app-instance.[^/]+/, 'app-instance/elsewhere');

const start = (args: unknown[], type = 'joinChannel', queue = taskQueue) =>
  client.workflow.start(type, { workflowId: `by-hand-${randomUUID()}`, taskQueue: queue, args });

describe('nonsense fails the workflow at once as InvalidRequest, and no task of it', () => {
  test.each([
    ['no argument', [], /object/],
    ['null', [null], /object/],
    ['a text', ['let me in'], /object/],
    ['a number', [42], /object/],
    ['a list', [[lobby, alice]], /object/],
    ['bytes', [new Uint8Array([1, 2])], /channelArn/],
    ['an empty object', [{}], /channelArn is missing; memberArn is missing/],
    ['a user as channel', [{ channelArn: alice, memberArn: alice }], /channelArn is the ARN of a user/],
    ['a channel as member', [{ channelArn: lobby, memberArn: lobby }], /memberArn is the ARN of a channel/],
    ['a member of another app instance', [{ channelArn: lobby, memberArn: elsewhere(alice) }], /another app instance/],
    ['a channel without a bearer', [{ channelArn: elsewhere(lobby), memberArn: elsewhere(alice) }], /service bearer/],
    ['somebody else as bearer', [{ channelArn: lobby, memberArn: alice, chimeBearer: emulator.user('ada') }], /ada/],
    ['approvals as input', [{ channelArn: board, memberArn: alice, approvals: [{}] }], /unknown field approvals/],
  ])('%s', async (_title, args, message) => {
    const handle = await start(args);
    const failure = await failureOf(handle.result());
    expect(failure.type).toBe('InvalidRequest');
    expect(failure.message).toMatch(message);
    const events = await scene.history(handle.workflowId);
    expect([endedWith(events), failedTasks(events)]).toEqual(['InvalidRequest', 0]);
    expect(valueOf(await service.show(handle.workflowId))).toMatchObject({ state: 'closed', outcome: 'failed' });
  });

  test('the update that started it hears the reason', async () => {
    const startWorkflowOperation = new WithStartWorkflowOperation('joinChannel', {
      workflowId: `by-hand-${randomUUID()}`,
      taskQueue,
      args: [null],
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    const update = client.workflow.executeUpdateWithStart('requestJoin', { startWorkflowOperation, args: [null] });
    expect((await failureOf(update)).type).toBe('InvalidRequest');
  });
});

test('a workflow type that nobody knows fails at once', async () => {
  const handle = await start([{}], 'joinChanel');
  expect(await failureOf(handle.result())).toMatchObject({
    type: 'UnknownWorkflowType',
    message: 'There is no workflow of type "joinChanel"; start joinChannel.',
  });
  expect(failedTasks(await scene.history(handle.workflowId))).toBe(0);
});

test('a good start by hand does the whole job', async () => {
  const memberArn = await scene.newcomer();
  const handle = await start([{ channelArn: lobby, memberArn }]);
  expect(await handle.result()).toMatchObject({ outcome: 'joined', invitedBy: memberArn, id: handle.workflowId });
  expect(await scene.membership(lobby, memberArn)).toEqual({ type: 'DEFAULT', invitedBy: memberArn });
});

test('a start by hand that needs people waits for them', async () => {
  const { workflowId: id } = await start([{ channelArn: board, memberArn: await scene.newcomer() }]);
  await reaches(id, 'pending');
  const mona = emulator.user('mona');
  valueOf(await service.review(id, { actor: { principal: mona }, decision: 'approve' }));
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: mona });
});

describe('cancelling in Temporal', () => {
  test('withdraws a pending request', async () => {
    const memberArn = await scene.newcomer();
    const handle = await start([{ channelArn: board, memberArn }]);
    await reaches(handle.workflowId, 'pending');
    await handle.cancel();
    expect(await ending(handle.workflowId, memberArn)).toEqual(WITHDRAWN);
  });

  test('withdraws a request that is held up by an outage', async () => {
    const memberArn = await scene.newcomer();
    await emulator.fault('DescribeChannelBan', UNAVAILABLE, { count: 1_000, memberArn });
    const handle = await start([{ channelArn: lobby, memberArn }]);
    await vi.waitFor(async () => expect((await handle.describe()).raw.pendingActivities).toHaveLength(1), PATIENCE);
    await handle.cancel();
    expect(await ending(handle.workflowId, memberArn)).toEqual(WITHDRAWN);
  });

  test('withdraws a request that no worker has seen yet', async () => {
    const memberArn = await scene.newcomer();
    const other = await scene.otherSystem({}, { worker: false });
    const handle = await start([{ channelArn: lobby, memberArn }], 'joinChannel', other.taskQueue);
    await handle.cancel();
    await other.start();
    expect(await ending(handle.workflowId, memberArn)).toEqual(WITHDRAWN);
  });

  test('comes too late while Chime is called: the membership stands, and is told', async () => {
    const memberArn = await scene.newcomer();
    await scene.orderFaults(memberArn, [{ kind: 'delay', ms: 700 }]);
    const handle = await start([{ channelArn: lobby, memberArn }]);
    await scene.called(CREATE, 1, memberArn);
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ outcome: 'joined' });
    expect(await scene.status(handle.workflowId)).toBe('COMPLETED');
    expect(await scene.membership(lobby, memberArn)).toEqual({ type: 'DEFAULT', invitedBy: memberArn });
  });

  test('comes too late between two attempts as well', async () => {
    const memberArn = await scene.newcomer();
    await scene.orderFaults(memberArn, [{ kind: 'exception', name: 'ThrottledClientException', retryAfter: 1 }]);
    const handle = await start([{ channelArn: lobby, memberArn }]);
    await scene.called(CREATE, 1, memberArn);
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ outcome: 'joined' });
  });
});

test('a terminated request counts as failed', async () => {
  const handle = await start([{ channelArn: board, memberArn: await scene.newcomer() }]);
  await reaches(handle.workflowId, 'pending');
  await handle.terminate('test');
  const view = valueOf(await service.show(handle.workflowId));
  expect(view).toMatchObject({ state: 'closed', outcome: 'failed', error: { type: 'WorkflowTERMINATED' } });
});

async function reaches(id: string, state: RequestView['state']): Promise<void> {
  await vi.waitFor(async () => expect(valueOf(await service.show(id)).state).toBe(state), PATIENCE);
}

const WITHDRAWN = { state: 'closed', outcome: 'withdrawn', status: 'COMPLETED', calls: [] };

async function ending(id: string, memberArn: string) {
  const { state, outcome } = valueOf(await service.wait(id));
  return { state, outcome, status: await scene.status(id), calls: await emulator.calls(CREATE, memberArn) };
}
