import { describe, expect, test } from 'vitest';
import { requestId } from '../../src/workflow-id.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { CREATE, startScene } from './support.ts';

const scene = await startScene();
const { chime, client, emulator, service } = scene;
const lobby = emulator.channel('lobby');
const board = emulator.channel('board');
const user = (name: string) => emulator.user(name);
const by = (name: string) => ({ actor: { principal: user(name) } });

async function review(id: string, name: string, decision: 'approve' | 'deny' = 'approve') {
  valueOf(await service.review(id, { ...by(name), decision }));
  return valueOf(await service.wait(id));
}

const written = async (memberArn: string) => (await emulator.calls(CREATE, memberArn)).map(({ status }) => status);

test('a private join says by role who may approve, and is made by who approved', async () => {
  const memberArn = await scene.newcomer();
  const answer = valueOf(await service.join({ channelArn: board, memberArn }));
  const text = '1 approval by channel_moderator or app_instance_admin';
  expect(answer).toMatchObject({
    state: 'pending',
    waitingFor: [{ approve: 1, approved: 0, text }],
  });
  // How many there are is the business of those in office.
  expect(answer).not.toHaveProperty('eligible');
  expect(JSON.stringify(answer)).not.toMatch(/\b(mona|max|ada)\b/);
  const view = await review(answer.id, 'max');
  expect(view).toMatchObject({ outcome: 'joined', invitedBy: user('max'), bearer: user('max') });
  expect(view.progress).toMatchObject([{ approvedBy: [user('max')] }]);
  expect(await scene.membership(board, memberArn)).toEqual({ type: 'DEFAULT', invitedBy: user('max') });
  expect(await written(memberArn)).toEqual([201]);
});

test('one deny ends it, and nothing is written', async () => {
  const memberArn = await scene.newcomer();
  const id = await scene.pending({ channelArn: board, memberArn });
  expect(await review(id, 'mona', 'deny')).toMatchObject({
    outcome: 'denied',
    reason: { code: 'REVIEW_DENIED' },
    approvals: [{ reviewer: user('mona'), decision: 'deny' }],
  });
  expect([await scene.status(id), await written(memberArn)]).toEqual(['COMPLETED', []]);
});

// prettier-ignore
describe('a HIDDEN member, approved by another moderator', () => {
  test.each([
    ['is added by the moderator who asked', 'mona', 'mona'],
    ['is added by who approved, when an outsider asked for themselves', undefined, 'max'],
  ])('%s, and stands in the HIDDEN list alone', async (_title, requester, bearer) => {
    const memberArn = await scene.newcomer();
    const requestedBy = requester ? user(requester) : memberArn;
    const id = await scene.pending({ channelArn: lobby, memberArn, requestedBy, type: 'HIDDEN' });
    expect(await review(id, 'max')).toMatchObject({ outcome: 'joined', invitedBy: user(bearer) });
    expect(await scene.membership(lobby, memberArn)).toEqual({ type: 'HIDDEN', invitedBy: user(bearer) });
    expect([await listed('HIDDEN', memberArn), await listed('DEFAULT', memberArn)]).toEqual([true, false]);
    expect(await written(memberArn)).toEqual([201]);
  });
});

async function listed(Type: 'HIDDEN' | 'DEFAULT', memberArn: string): Promise<boolean> {
  const { ChannelMemberships = [] } = await chime.messaging.listChannelMemberships({
    ChannelArn: lobby,
    Type,
    ChimeBearer: user('mona'),
  });
  return ChannelMemberships.some(({ Member }) => Member?.Arn === memberArn);
}

test('who lost their office before they reviewed is refused; who won it since may review', async () => {
  const ChannelArn = await scene.newChannel('PRIVATE', ['mona']);
  const id = await scene.pending({ channelArn: ChannelArn, memberArn: await scene.newcomer() });
  const ChimeBearer = user('ada');
  await chime.messaging.deleteChannelModerator({ ChannelArn, ChannelModeratorArn: user('mona'), ChimeBearer });
  await chime.messaging.createChannelModerator({ ChannelArn, ChannelModeratorArn: user('erin'), ChimeBearer });
  const refused = await service.review(id, { ...by('mona'), decision: 'approve' });
  expect(errorOf(refused).code).toBe('NotAnApprover');
  expect(await review(id, 'erin')).toMatchObject({ outcome: 'joined', invitedBy: user('erin') });
});

test('what nobody could approve is denied at once as NO_ELIGIBLE_APPROVER', async () => {
  const channelArn = await scene.newChannel('PRIVATE', []);
  const memberArn = await scene.newcomer();
  const request = { channelArn, memberArn, requestedBy: user('ada'), type: 'HIDDEN' };
  const answer = valueOf(await service.join(request));
  expect(answer).toMatchObject({ outcome: 'denied', reason: { code: 'NO_ELIGIBLE_APPROVER' } });
  expect(await written(memberArn)).toEqual([]);
});

describe('asking again', () => {
  test('while it is open returns the same run, and starts none', async () => {
    const request = { channelArn: board, memberArn: await scene.newcomer() };
    const first = valueOf(await service.join({ ...request, reason: 'please' }));
    const again = await Promise.all([1, 2, 3].map(() => service.join(request)));
    expect(again.map(valueOf).map(({ id, runId, state }) => ({ id, runId, state }))).toEqual(
      [1, 2, 3].map(() => ({ id: first.id, runId: first.runId, state: 'pending' })),
    );
    await expect.poll(async () => (await client.workflow.count(`WorkflowId = '${first.id}'`)).count).toBe(1);
    expect(valueOf(await service.show(first.id)).request.reason).toBe('please');
    // It goes on as it was asked, and whoever asks for something else now is told.
    expect([first.notTaken, valueOf(await service.join({ ...request, term: '1d' })).notTaken]).toEqual([
      undefined,
      ['reason', 'term'],
    ]);
  });

  test('after it was closed is a new request', async () => {
    const request = { channelArn: board, memberArn: await scene.newcomer() };
    const first = valueOf(await service.join(request));
    await review(first.id, 'mona', 'deny');
    const second = valueOf(await service.join(request));
    expect(second).toMatchObject({ id: first.id, state: 'pending' });
    expect(second.runId).not.toBe(first.runId);
    expect(await review(second.id, 'mona')).toMatchObject({ outcome: 'joined', runId: second.runId });
    expect(valueOf(await service.join(request))).toMatchObject({ outcome: 'alreadyMember', invitedBy: user('mona') });
    expect(await written(request.memberArn)).toEqual([201]);
  });

  test('at the same moment makes one request and one write', async () => {
    const request = { channelArn: lobby, memberArn: await scene.newcomer() };
    await scene.orderFaults(request.memberArn, [{ kind: 'delay', ms: 300 }]);
    const answers = (await Promise.all([1, 2, 3, 4].map(() => service.join(request)))).map(valueOf);
    expect(new Set(answers.map(({ runId, outcome }) => `${runId} ${outcome}`)).size).toBe(1);
    expect(answers[0]?.outcome).toBe('joined');
    expect(await written(request.memberArn)).toEqual([201]);
  });
});

test('of two askers for the same member, both granted by one moderator, the second ends as alreadyMember', async () => {
  const memberArn = await scene.newcomer();
  const own = await scene.pending({ channelArn: board, memberArn });
  const bobs = await scene.pending({ channelArn: board, memberArn, requestedBy: user('bob') });
  expect(own).not.toBe(bobs);
  expect(await review(own, 'mona')).toMatchObject({ outcome: 'joined' });
  expect(await review(bobs, 'mona')).toMatchObject({ outcome: 'alreadyMember', invitedBy: user('mona') });
  expect(await written(memberArn)).toEqual([201, 409]);
});

test.each(['member', 'requester'])('the %s may withdraw, and nothing is written', async (who) => {
  const memberArn = await scene.newcomer();
  const request = { channelArn: board, memberArn, requestedBy: user('bob') };
  const id = await scene.pending(request);
  expect(id).toBe(requestId({ ...request, type: 'DEFAULT' }));
  const principal = who === 'member' ? memberArn : user('bob');
  expect(valueOf(await service.withdraw(id, { actor: { principal } }))).toMatchObject({ outcome: 'withdrawn' });
  expect(valueOf(await service.wait(id))).toMatchObject({ state: 'closed', outcome: 'withdrawn', approvals: [] });
  expect([await scene.status(id), await written(memberArn)]).toEqual(['COMPLETED', []]);
});

test('of an approval and a denial at the same moment, one counts and the other is told so', async () => {
  const memberArn = await scene.newcomer();
  const id = await scene.pending({ channelArn: board, memberArn });
  const results = await Promise.all([
    service.review(id, { ...by('mona'), decision: 'approve' }),
    service.review(id, { ...by('max'), decision: 'deny' }),
  ]);
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.flatMap((result) => (result.ok ? [] : [result.error.code]))).toEqual(['AlreadyResolved']);
  const view = valueOf(await service.wait(id));
  expect(view.approvals).toHaveLength(1);
  expect(view.outcome).toBe(view.approvals[0]?.decision === 'approve' ? 'joined' : 'denied');
});
