import { WithStartWorkflowOperation } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { PATIENCE, startScene, UNAVAILABLE } from './support.ts';

// What was recorded once is not the present: members leave, and others remove them or add them anew.

const scene = await startScene();
const { client, emulator, service, taskQueue } = scene;
const ada = emulator.user('ada');
const DESCRIBE = 'DescribeChannelMembership';
const LOOKS = async (memberArn: string) => (await emulator.calls(DESCRIBE, memberArn)).length;

/** A member of a channel of their own, for an hour. */
async function member() {
  const channelArn = await scene.newChannel('PUBLIC', ['mona']);
  const memberArn = await scene.newcomer();
  const request = { channelArn, memberArn, term: '1h' };
  const { id, runId, state } = valueOf(await service.join(request));
  expect(state).toBe('active');
  const leave = async () =>
    void (await scene.chime.messaging.deleteChannelMembership({
      ChannelArn: channelArn,
      MemberArn: memberArn,
      ChimeBearer: memberArn,
    }));
  const former = async () => (await client.workflow.getHandle(id, runId).result()) as unknown;
  return { id, runId, channelArn, memberArn, request, leave, former };
}

const LEFT = { outcome: 'revoked', reason: { code: 'LEFT' } };

describe('who asks again', () => {
  test('and is still there is told so, after one look, however many ask at once', async () => {
    const { runId, memberArn, request } = await member();
    const before = await LOOKS(memberArn);
    const answers = await Promise.all([1, 2, 3].map(async () => valueOf(await service.join(request))));
    expect(answers.map((one) => [one.state, one.runId])).toEqual([1, 2, 3].map(() => ['active', runId]));
    const after = await LOOKS(memberArn);
    expect([after - before > 0, after - before <= 3]).toEqual([true, true]);
    expect(valueOf(await service.join(request)).runId).toBe(runId);
    expect((await LOOKS(memberArn)) - after).toBe(1);
  });

  test('and has left is judged anew: the old request ends, and nothing is removed', async () => {
    const { runId, memberArn, channelArn, request, leave, former } = await member();
    await leave();
    const again = valueOf(await service.join(request));
    expect([again.state, again.runId === runId]).toEqual(['active', false]);
    expect(await former()).toMatchObject(LEFT);
    expect(await scene.membership(channelArn, memberArn)).toMatchObject({ invitedBy: memberArn });
    const removals = await emulator.calls('DeleteChannelMembership', memberArn);
    expect(removals.map(({ bearer }) => bearer)).toEqual([memberArn]);
  });

  test('and was banned meanwhile is not told that they are in', async () => {
    const { memberArn, channelArn, request, former } = await member();
    await scene.chime.messaging.createChannelBan({ ChannelArn: channelArn, MemberArn: memberArn, ChimeBearer: ada });
    expect(valueOf(await service.join(request))).toMatchObject({
      outcome: 'denied',
      reason: { code: 'NOT_ADMITTED' },
    });
    expect(await former()).toMatchObject(LEFT);
  });

  test('and was added anew by somebody else: that membership is none of ours', async () => {
    const { memberArn, channelArn, request, leave, former } = await member();
    await leave();
    await scene.addByHand(channelArn, memberArn, ada);
    expect(valueOf(await service.join(request))).toMatchObject({ outcome: 'alreadyMember', invitedBy: ada });
    expect(await former()).toMatchObject({ ...LEFT, reason: { message: expect.stringContaining('not the one') } });
  });

  test('while Chime says nothing is told just that, and nothing ends', async () => {
    const { id, runId, memberArn, request } = await member();
    await emulator.fault(DESCRIBE, UNAVAILABLE, { count: 1_000, memberArn });
    expect(errorOf(await service.join(request))).toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('is not known'),
    });
    expect(valueOf(await service.show(id))).toMatchObject({ state: 'active', runId });
    await scene.clearFaults();
    expect(valueOf(await service.join(request))).toMatchObject({ state: 'active', runId });
    expect(valueOf(await service.show(id)).seenAt).toEqual(expect.any(String));
  });

  test('with a client of their own gets the same answer', async () => {
    const { id, runId, request, leave, former } = await member();
    await leave();
    const input = { ...request, requestedBy: request.memberArn };
    const ask = async () =>
      client.workflow.executeUpdateWithStart('requestJoin', {
        startWorkflowOperation: new WithStartWorkflowOperation('joinChannel', {
          workflowId: id,
          taskQueue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
        args: [input],
      });
    expect(await ask()).toMatchObject({ ...LEFT, runId });
    expect(await former()).toMatchObject(LEFT);
    expect(await ask()).toMatchObject({ state: 'active' });
  });
});

test('the first to ask costs no look of its own', async () => {
  const channelArn = await scene.newChannel('PUBLIC', ['mona']);
  const memberArn = await scene.newcomer();
  valueOf(await service.join({ channelArn, memberArn }));
  const plain = await LOOKS(memberArn);
  const { memberArn: guest } = await member();
  expect((await LOOKS(guest)) - plain).toBe(1);
});

describe('a longer term', () => {
  test('is nothing for who has left, and nobody is asked', async () => {
    const { id, memberArn, leave, former } = await member();
    await leave();
    const command = { actor: { principal: memberArn }, by: '1d' } as const;
    expect(errorOf(await service.give(id, 'extend', command)).code).toBe('NotActive');
    expect(await former()).toMatchObject(LEFT);
    expect(errorOf(await service.give(id, 'extend', command)).code).toBe('AlreadyResolved');
  });

  test('is not given while nobody knows whether the member is there', async () => {
    const { id, memberArn } = await member();
    await emulator.fault(DESCRIBE, UNAVAILABLE, { count: 1_000, memberArn });
    const command = { actor: { principal: memberArn }, by: '1d' } as const;
    expect(errorOf(await service.give(id, 'extend', command)).code).toBe('Unavailable');
    await scene.clearFaults();
    await expect.poll(async () => (await service.give(id, 'extend', command)).ok, PATIENCE).toBe(true);
  });
});
