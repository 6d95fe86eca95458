import { expect, test } from 'vitest';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { policySet } from './support-policies.ts';
import { CREATE, exception, PATIENCE, startScene } from './support.ts';

const approvers = { roles: ['channel_moderator'] };
const REQUIRED: { readonly [reason: string]: RequirementInput } = {
  one: { stages: [{ approvers, anyOf: [{ approve: 1 }] }] },
  silence: { stages: [{ approvers, anyOf: [{ approve: 2 }], timedActions: [{ at: '1s', do: 'approve' }] }] },
  reminded: { stages: [{ approvers, anyOf: [{ approve: 1 }], timedActions: [{ at: '2s', do: 'remind' }] }] },
  denials: { stages: [{ approvers, anyOf: [{ approve: 3, deny: 2 }] }] },
};
const policies = policySet([
  'people',
  ({ reason = '' }) => ({ verdict: 'requireApproval', requirement: REQUIRED[reason] ?? { approvers, approve: 1 } }),
]);
/** What was found is always too old: before each call the policies are asked again. */
const scene = await startScene({ ADMISSION_VALID_FOR: '1ms' }, policies);
const { emulator, service } = scene;
const by = (name: string) => ({ actor: { principal: emulator.user(name) } });
const review = (name: string, decision: 'approve' | 'deny', more: object = {}) => ({ ...by(name), decision, ...more });
const forbidden = (operation: string, memberArn?: string) =>
  emulator.fault(operation, exception('ForbiddenException'), { count: 1, ...(memberArn ? { memberArn } : {}) });

async function pending(reason: string, moderators = ['mona', 'max']) {
  const channelArn = await scene.newChannel('PUBLIC', moderators);
  const memberArn = await scene.newcomer();
  const { id } = valueOf(await service.join({ channelArn, memberArn, reason }));
  const view = async () => valueOf(await service.show(id));
  const becomes = (state: string) => expect.poll(async () => (await view()).state, PATIENCE).toBe(state);
  return { id, channelArn, memberArn, view, becomes };
}

test('policies that cannot be asked again after people approved are an incident, as often as it takes', async () => {
  const { id, memberArn, view, becomes } = await pending('one');
  await forbidden('DescribeChannelMembership', memberArn);
  valueOf(await service.review(id, review('mona', 'approve')));
  await becomes('incident');
  const { incident, approvals } = await view();
  expect([incident?.during, incident?.error.type, approvals.length]).toEqual(['grant', 'ForbiddenException', 1]);

  await forbidden('DescribeChannelMembership', memberArn);
  const again = { ...by('ada'), reason: 'the bearer is an admin again' };
  valueOf(await service.give(id, 'retry', again));
  await expect.poll(async () => (await view()).incident?.at, PATIENCE).not.toBe(incident?.at);
  await becomes('incident');

  valueOf(await service.give(id, 'retry', again));
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  expect(await emulator.calls(CREATE, memberArn)).toHaveLength(1);
});

test('until the policies have allowed it again, what is tried again can be withdrawn', async () => {
  const { id, memberArn, becomes } = await pending('one');
  await forbidden('DescribeChannelMembership', memberArn);
  valueOf(await service.review(id, review('mona', 'approve')));
  await becomes('incident');
  await emulator.fault('DescribeChannelMembership', exception('ServiceUnavailableException'), {
    count: 1_000,
    memberArn,
  });
  valueOf(await service.give(id, 'retry', { ...by('ada'), reason: 'mended' }));
  await becomes('evaluating');
  valueOf(await service.withdraw(id, { actor: { principal: memberArn } }));
  expect(valueOf(await service.wait(id)).outcome).toBe('withdrawn');
  expect(await emulator.calls(CREATE, memberArn)).toHaveLength(0);
  await scene.clearFaults();
});

test('reviewers who cannot be looked up when silence approves are an incident, and then counted', async () => {
  const { id, memberArn, becomes } = await pending('silence');
  valueOf(await service.review(id, review('mona', 'approve')));
  // Once when it is looked who could review by now, and once when it is looked what mona is.
  await forbidden('ListChannelModerators');
  await forbidden('ListChannelModerators');
  await becomes('incident');
  valueOf(await service.give(id, 'retry', { ...by('ada'), reason: 'mended' }));
  expect(valueOf(await service.wait(id)).outcome).toBe('joined');
  expect(await emulator.calls(CREATE, memberArn)).toHaveLength(1);
  await scene.clearFaults();
});

test('where nobody had decided anything, a failure loses nothing and fails the request', async () => {
  const channelArn = await scene.newChannel('PUBLIC', ['mona']);
  const memberArn = await scene.newcomer();
  await forbidden('DescribeChannelMembership', memberArn);
  const { id, outcome } = valueOf(await service.join({ channelArn, memberArn, reason: 'one' }));
  expect([outcome, valueOf(await service.show(id)).incident]).toEqual(['failed', undefined]);
});

test('a denial by somebody who lost their office does not count when the request is resolved', async () => {
  const { id, channelArn, view } = await pending('denials', ['mona', 'max', 'bob', 'carol', 'dave']);
  valueOf(await service.review(id, review('mona', 'deny')));
  await scene.chime.messaging.deleteChannelModerator({
    ChannelArn: channelArn,
    ChannelModeratorArn: emulator.user('mona'),
    ChimeBearer: emulator.bearer,
  });
  valueOf(await service.review(id, review('max', 'deny')));
  expect((await view()).state).toBe('pending');
  valueOf(await service.review(id, review('bob', 'deny')));
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'denied', reason: { code: 'REVIEW_DENIED' } });
});

test('a review with the id of an earlier one is the same, or is refused', async () => {
  const { id, memberArn, view } = await pending('denials', ['mona', 'max', 'bob']);
  const reviewId = 'one-click';
  valueOf(await service.review(id, review('mona', 'approve', { reviewId })));
  valueOf(await service.review(id, review('mona', 'approve', { reviewId })));
  const { code, field } = errorOf(await service.review(id, review('mona', 'deny', { reviewId })));
  expect([code, field]).toEqual(['ReviewIdUsed', 'reviewId']);
  // Somebody else's id is their own.
  valueOf(await service.review(id, review('max', 'deny', { reviewId })));
  expect((await view()).approvals.map(({ decision }) => decision)).toEqual(['approve', 'deny']);
  // What was said of another request counts no more, and is not said of this one.
  const changes = { reason: 'one' };
  valueOf(await service.give(id, 'amend', { actor: { principal: memberArn }, changes }));
  expect(errorOf(await service.review(id, review('mona', 'approve', { reviewId }))).code).toBe('ReviewIdUsed');
});

test('who could review is read again before time does anything: nobody waits for moderators who are gone', async () => {
  const { id, channelArn } = await pending('reminded', ['mona']);
  await scene.chime.messaging.deleteChannelModerator({
    ChannelArn: channelArn,
    ChannelModeratorArn: emulator.user('mona'),
    ChimeBearer: emulator.bearer,
  });
  expect(valueOf(await service.wait(id))).toMatchObject({
    outcome: 'denied',
    reason: { code: 'NO_ELIGIBLE_APPROVER' },
  });
});

test('where that cannot be read, what is due is done with those of before', async () => {
  const { id, view } = await pending('reminded', ['mona']);
  await forbidden('ListChannelModerators');
  await expect.poll(async () => (await view()).panel?.requirements[0]?.stages[0]?.actionsDone, PATIENCE).toBe(1);
  valueOf(await service.review(id, review('mona', 'approve')));
  expect(valueOf(await service.wait(id)).outcome).toBe('joined');
  await scene.clearFaults();
});
