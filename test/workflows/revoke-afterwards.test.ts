import { afterAll, describe, expect, test } from 'vitest';
import { createChimeClients } from '../../src/chime/client.ts';
import { createChimeReads } from '../../src/chime/reads.ts';
import { leftBehind } from '../../src/service/doctor.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { exception, failureOf, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

// Whatever this system granted can be ended, also after the request closed; nothing else can.

const scene = await startScene({ ADMISSION_RETRY_INITIAL: '50ms' });
const { client, emulator, service, taskQueue } = scene;
const clients = createChimeClients({ callTimeoutMs: 2_000 });
const reader = { client, reads: createChimeReads(clients), taskQueue, bearers: [emulator.bearer] };
afterAll(() => clients.destroy());
const lobby = emulator.channel('lobby');
const board = emulator.channel('board');
const [ada, mona, bob] = [emulator.user('ada'), emulator.user('mona'), emulator.user('bob')];
const DELETE = 'DeleteChannelMembership';
const by = (principal: string, reason = 'left the team') => ({ actor: { principal }, reason });
const revoke = (id: string, principal: string) => service.give(id, 'revoke', by(principal));
const isMember = async (memberArn: string, channelArn = lobby) =>
  scene.membership(channelArn, memberArn).then(
    () => true,
    () => false,
  );

/** A member whose request is closed. */
async function joined(more: object = {}) {
  const memberArn = await scene.newcomer();
  const { id, runId, outcome } = valueOf(await service.join({ channelArn: lobby, memberArn, ...more }));
  expect(outcome).toBe('joined');
  return { id, runId, memberArn };
}

describe('a membership without a term', () => {
  test('is ended by who has it, once, without a second look at who made it', async () => {
    const { id, memberArn } = await joined();
    expect(await emulator.calls('DescribeChannelMembership', memberArn)).toHaveLength(1);
    const answers = await Promise.all([1, 2, 3].map(async () => valueOf(await revoke(id, memberArn))));
    expect(answers[0]).toMatchObject({ id, state: 'closed', outcome: 'joined', revocation: { by: memberArn } });
    await expect.poll(async () => isMember(memberArn), PATIENCE).toBe(false);
    expect((await emulator.calls(DELETE, memberArn)).map(({ status }) => status)).toEqual([204]);
    expect(valueOf(await service.show(id))).toMatchObject({
      outcome: 'joined',
      revocation: { state: expect.stringMatching(/removed|gone/), by: memberArn, reason: 'left the team' },
    });
  });

  test('is ended by an office of the channel, and by nobody from outside', async () => {
    const { id, memberArn } = await joined();
    expect(errorOf(await revoke(id, bob)).code).toBe('NotYours');
    expect(valueOf(await service.show(id)).revocation).toBeUndefined();
    expect(await isMember(memberArn)).toBe(true);
    expect(valueOf(await revoke(id, mona)).revocation).toMatchObject({ state: 'removed', by: mona, verified: false });
    expect(await isMember(memberArn)).toBe(false);
  });

  test('is left alone where it is another by now', async () => {
    const { id, memberArn } = await joined();
    const leave = { ChannelArn: lobby, MemberArn: memberArn, ChimeBearer: memberArn };
    await scene.chime.messaging.deleteChannelMembership(leave);
    await scene.addByHand(lobby, memberArn, ada);
    expect(valueOf(await revoke(id, mona)).revocation?.state).toBe('notOurs');
    expect(await isMember(memberArn)).toBe(true);
  });

  test('and an outage: the removal is tried again', async () => {
    const { id, memberArn } = await joined();
    await emulator.fault(DELETE, UNAVAILABLE, { count: 2, memberArn });
    const { revocation } = valueOf(await revoke(id, mona));
    const ended = valueOf(await service.waitUntilRevoked(id, revocation));
    expect([ended.revocation?.state, await isMember(memberArn)]).toEqual(['removed', false]);
  });

  test('that Chime refuses to remove: shown, and given again', async () => {
    const { id, memberArn } = await joined();
    await emulator.fault(DELETE, exception('ForbiddenException'), { count: 1, memberArn });
    expect(valueOf(await revoke(id, mona)).revocation).toMatchObject({ state: 'failed' });
    expect(valueOf(await service.show(id)).revocation?.error?.type).toBe('ForbiddenException');
    expect(valueOf(await revoke(id, mona)).revocation?.state).toBe('removed');
    expect(await isMember(memberArn)).toBe(false);
  });
});

test('a membership whose request was terminated is ended', async () => {
  const memberArn = await scene.newcomer();
  const { id, state } = valueOf(await service.join({ channelArn: lobby, memberArn, term: '1h' }));
  expect(state).toBe('active');
  await client.workflow.getHandle(id).terminate('test');
  const mine = async () => (await leftBehind(reader)).filter(({ message }) => message.includes(id));
  await expect
    .poll(mine, PATIENCE)
    .toMatchObject([{ name: 'membership', ok: false, mend: expect.stringContaining(`admit revoke ${id}`) }]);
  expect(valueOf(await service.show(id))).toMatchObject({ outcome: 'failed', request: { memberArn, term: '1h' } });
  // Who asks again in vain does not hide it.
  expect(valueOf(await service.join({ channelArn: lobby, memberArn })).outcome).toBe('alreadyMember');
  expect(await mine()).toHaveLength(1);
  expect(valueOf(await revoke(id, mona)).revocation?.state).toBe('removed');
  expect([await isMember(memberArn), await leftBehind(reader)]).toEqual([
    false,
    [expect.objectContaining({ ok: true })],
  ]);
});

test('a membership whose request cannot be read is reported', async () => {
  const memberArn = await scene.newcomer();
  const { id } = valueOf(await service.join({ channelArn: lobby, memberArn, term: '1h' }));
  await client.workflow.getHandle(id).terminate('test');
  await emulator.fault('DescribeChannelMembership', exception('ForbiddenException'), { count: 1_000, memberArn });
  await expect
    .poll(async () => leftBehind(reader), PATIENCE)
    .toMatchObject([{ ok: false, message: expect.stringContaining(id), mend: expect.any(String) }]);
  await scene.clearFaults();
  expect(valueOf(await revoke(id, memberArn)).revocation?.state).toBe('removed');
});

test('a membership that was granted while the request was terminated is ended', async () => {
  const memberArn = await scene.newcomer();
  await scene.orderFaults(memberArn, [{ kind: 'delay', ms: 700 }]);
  const { workflowId: id } = await client.workflow.start('joinChannel', {
    workflowId: `by-hand-${memberArn.slice(-8)}`,
    taskQueue,
    args: [{ channelArn: lobby, memberArn }],
  });
  await scene.called('CreateChannelMembership', 1, memberArn);
  await client.workflow.getHandle(id).terminate('test');
  await expect.poll(async () => isMember(memberArn), PATIENCE).toBe(true);
  expect(valueOf(await revoke(id, memberArn)).revocation?.state).toBe('removed');
});

test('what this system did not grant is not its to end', async () => {
  const memberArn = await scene.newcomer();
  await scene.addByHand(lobby, memberArn, ada);
  const { id } = valueOf(await service.join({ channelArn: lobby, memberArn }));
  expect(errorOf(await revoke(id, mona))).toMatchObject({
    code: 'AlreadyResolved',
    message: expect.stringContaining('not one that this system made'),
  });
  const pending = await scene.pending({ channelArn: board, memberArn });
  valueOf(await service.withdraw(pending, { actor: { principal: memberArn } }));
  expect(errorOf(await revoke(pending, mona))).toMatchObject({
    code: 'AlreadyResolved',
    message: expect.stringContaining('withdrawn and made no membership'),
  });
  expect(await isMember(memberArn)).toBe(true);
});

const start = async (input: unknown) => {
  const workflowId = `by-hand-${Math.random()}`;
  return client.workflow.execute('revokeMembership', { workflowId, taskQueue, args: [input] });
};

describe('started by hand', () => {
  test('it believes nothing that is brought along', async () => {
    const { id, runId, memberArn } = await joined();
    const target = { id, runId };
    const grant = { type: 'DEFAULT', invitedBy: memberArn, since: new Date(0).toISOString() };
    expect((await failureOf(start({ target, ...by(mona), grant }))).type).toBe('InvalidCommand');
    expect((await failureOf(start({ target, ...by(bob) }))).type).toBe('NotYours');
    expect((await failureOf(start(null))).type).toBe('InvalidCommand');
    expect((await failureOf(start({ target: { id, runId: 'none' }, ...by(mona) }))).type).toBe('UnknownRequest');
    expect(await isMember(memberArn)).toBe(true);
    expect(await start({ target, ...by(mona) })).toMatchObject({ state: 'removed' });
  });

  test('it ends nothing of another queue, and no request that is open', async () => {
    const { taskQueue: other } = await scene.otherSystem({});
    const memberArn = await scene.newcomer();
    const elsewhere = { workflowId: `by-hand-${memberArn.slice(-8)}`, taskQueue: other };
    const forged = await client.workflow.start('joinChannel', {
      ...elsewhere,
      args: [{ channelArn: lobby, memberArn }],
    });
    await forged.result();
    const target = { id: forged.workflowId, runId: forged.firstExecutionRunId };
    expect((await failureOf(start({ target, ...by(mona) }))).type).toBe('UnknownRequest');
    const open = valueOf(await service.join({ channelArn: lobby, memberArn: await scene.newcomer(), term: '1h' }));
    expect((await failureOf(start({ target: { id: open.id, runId: open.runId }, ...by(mona) }))).type).toBe(
      'NotActive',
    );
    expect(await isMember(memberArn)).toBe(true);
  });
});
