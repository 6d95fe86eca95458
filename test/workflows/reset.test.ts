import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { valueOf } from '../support/admission.ts';
import { PATIENCE, startScene } from './support.ts';

// Temporal's Reset begins a new run in the middle of a request: what it had granted before is known as its own.

const scene = await startScene();
const { client, emulator, service } = scene;
const lobby = emulator.channel('lobby');
const board = emulator.channel('board');
const mona = emulator.user('mona');

/** Resets a run to before one of its workflow tasks: by default the first. */
async function reset(id: string, runId: string, toBefore: 'everything' | 'the call' = 'everything'): Promise<string> {
  const handle = client.workflow.getHandle(id, runId);
  const events = (await handle.fetchHistory()).events ?? [];
  const completed = events.filter((event) => event.workflowTaskCompletedEventAttributes);
  const call = events.find((event) => event.activityTaskScheduledEventAttributes);
  const at =
    toBefore === 'everything'
      ? completed[0]
      : completed.findLast(({ eventId }) => Number(eventId) < Number(call?.eventId));
  const { runId: next } = await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: id, runId },
    reason: 'a test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: at?.eventId ?? null,
  });
  return next;
}

const settled = async (id: string, runId: string) => {
  const view = async () => valueOf(await service.show(id));
  await expect
    .poll(async () => [(await view()).runId, (await view()).state], PATIENCE)
    .toEqual([runId, expect.stringMatching(/active|closed/)]);
  return view();
};

async function joined(more: object = {}) {
  const memberArn = await scene.newcomer();
  const { id, runId } = valueOf(await service.join({ channelArn: lobby, memberArn, ...more }));
  return { id, runId, memberArn, before: valueOf(await service.show(id)) };
}

describe('a membership with a term keeps it', () => {
  test.each(['everything', 'the call'] as const)('reset to before %s', async (to) => {
    const { id, runId, memberArn, before } = await joined({ term: '1h' });
    const after = await settled(id, await reset(id, runId, to));
    expect(after).toMatchObject({ state: 'active', grant: before.grant, term: { ...before.term, decided: true } });
    expect((await emulator.calls('DeleteChannelMembership', memberArn)).length).toBe(0);
    valueOf(await service.give(id, 'revoke', { actor: { principal: memberArn }, reason: 'a test' }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'revoked', reason: { code: 'REVOKED' } });
  });

  test('also as it was extended, and when it is reset twice', async () => {
    const { id, runId, memberArn } = await joined({ term: '1h' });
    valueOf(await service.give(id, 'extend', { actor: { principal: memberArn }, by: '1h' }));
    const { term } = valueOf(await service.show(id));
    const second = await reset(id, runId);
    await settled(id, second);
    expect(await settled(id, await reset(id, second))).toMatchObject({ state: 'active', term });
  });
});

test('a membership without a term is joined again', async () => {
  const { id, runId, memberArn } = await joined();
  expect(await settled(id, await reset(id, runId))).toMatchObject({ outcome: 'joined', invitedBy: memberArn });
});

describe('what somebody else made stays theirs', () => {
  test('before the request, with the same bearer', async () => {
    const memberArn = await scene.newcomer();
    await scene.addByHand(lobby, memberArn, memberArn);
    const { id, runId } = valueOf(await service.join({ channelArn: lobby, memberArn, term: '1h' }));
    expect(await settled(id, await reset(id, runId))).toMatchObject({ outcome: 'alreadyMember' });
  });

  test('while the request waited, with the same bearer', async () => {
    const memberArn = await scene.newcomer();
    const id = await scene.pending({ channelArn: board, memberArn, term: '1h' });
    const { runId } = valueOf(await service.show(id));
    await scene.addByHand(board, memberArn, mona);
    valueOf(await service.review(id, { actor: { principal: mona }, decision: 'approve' }));
    expect(valueOf(await service.wait(id)).outcome).toBe('alreadyMember');
    expect(await settled(id, await reset(id, runId))).toMatchObject({ outcome: 'alreadyMember' });
  });

  test('after ours had gone', async () => {
    const { id, runId, memberArn } = await joined({ term: '1h' });
    const about = { ChannelArn: lobby, MemberArn: memberArn, ChimeBearer: memberArn };
    await scene.chime.messaging.deleteChannelMembership(about);
    await scene.addByHand(lobby, memberArn, memberArn);
    expect(await settled(id, await reset(id, runId))).toMatchObject({ outcome: 'alreadyMember' });
  });

  test('and an earlier request of the same asker is another one', async () => {
    const { id, memberArn } = await joined();
    const again = valueOf(await service.join({ channelArn: lobby, memberArn, term: '1h' }));
    expect(again).toMatchObject({ id, outcome: 'alreadyMember' });
    expect(await settled(id, await reset(id, again.runId))).toMatchObject({ outcome: 'alreadyMember' });
  });
});
