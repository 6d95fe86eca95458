import { describe, expect, test, vi } from 'vitest';
import { valueOf } from '../support/admission.ts';
import { CREATE, exception, PATIENCE, performed, startScene, UNAVAILABLE } from '../workflows/support.ts';
import type { Ordered } from '../workflows/support.ts';

vi.setConfig({ maxConcurrency: 8 });

const scene = await startScene();
const { emulator, service } = scene;
const lobby = emulator.channel('lobby');
const board = emulator.channel('board');
const [ada, mona] = [emulator.user('ada'), emulator.user('mona')];

const CONFLICT = exception('ConflictException');

/** Sends a self-join whose calls meet these faults, one after the other, and does something meanwhile. */
async function join(faults: readonly Ordered[], meanwhile?: (member: string) => Promise<void>) {
  const member = await scene.newcomer();
  await scene.orderFaults(member, faults);
  const [view] = await Promise.all([scene.joined({ channelArn: lobby, memberArn: member }), meanwhile?.(member)]);
  const statuses = (await emulator.calls(CREATE, member)).map(({ status }) => status);
  return { member, view, statuses, activities: performed(await scene.history(view.id)) };
}

/** Lets `mona` approve a private join after something has happened that the evaluation could not see. */
async function approvedAfter(change: (member: string) => Promise<void>, ended?: (id: string) => Promise<void>) {
  const member = await scene.newcomer();
  const id = await scene.pending({ channelArn: board, memberArn: member });
  await change(member);
  valueOf(await service.review(id, { actor: { principal: mona }, decision: 'approve' }));
  await ended?.(id);
  const view = valueOf(await service.wait(id));
  const statuses = (await emulator.calls(CREATE, member)).map(({ status }) => status);
  return { member, view, statuses, status: await scene.status(id) };
}

/** Waits for the incident, and gives up. */
async function abandoned(id: string): Promise<void> {
  await expect
    .poll(async () => valueOf(await service.show(id)), PATIENCE)
    .toMatchObject({
      state: 'incident',
      incident: { during: 'grant', error: { type: 'OtherMembershipType', hint: expect.any(String) } },
    });
  valueOf(await service.give(id, 'abandon', { actor: { principal: ada }, reason: 'they are a member already' }));
}

// prettier-ignore
describe('a change of our own whose answer is lost', () => {
  test.concurrent.each([
    ['a dropped connection: the Conflict after it is our own', [{ kind: 'dropAfter' }], [0, 409]],
    ['several failures after it', [{ kind: 'dropAfter' }, UNAVAILABLE, { kind: 'html', status: 502 }], [0, 503, 502, 409]],
    ['a body that is no JSON: no second call', [{ kind: 'garbage' }], [201]],
    ['a body that is cut: no second call', [{ kind: 'truncate' }], [201]],
  ])('ends as joined after %s', async (_title, faults, expected) => {
    const { member, view, statuses, activities } = await join(faults);
    expect(view).toMatchObject({ outcome: 'joined', invitedBy: member, member: { arn: member, name: 'New' } });
    expect(statuses).toEqual(expected);
    expect(activities).toMatchObject([{ activity: 'createChannelMembership', attempts: expected.length }]);
    expect(await scene.membership(lobby, member)).toEqual({ type: 'DEFAULT', invitedBy: member });
  });

  test.concurrent('ends as joined after a call that took longer than its time limit', async () => {
    const { service: hasty } = await scene.otherSystem({ ADMISSION_CALL_TIMEOUT: '1s' });
    const member = await scene.newcomer();
    // The second call reaches Chime only when the first has been applied.
    await scene.orderFaults(member, [{ kind: 'delay', ms: 1_300 }, { kind: 'delay', ms: 700 }]);
    const view = await scene.joined({ channelArn: lobby, memberArn: member }, hasty);
    expect(view).toMatchObject({ outcome: 'joined', invitedBy: member });
    expect((await emulator.calls(CREATE, member)).map(({ status }) => status)).toEqual([0, 409]);
    expect(performed(await scene.history(view.id))).toMatchObject([{ attempts: 2, retriedAfter: 'TimeoutError' }]);
  });

  test.concurrent('ends as joined when the look at it fails first', async () => {
    const { view, statuses } = await approvedAfter(async (memberArn) => {
      await scene.orderFaults(memberArn, [{ kind: 'garbage' }]);
      await emulator.fault('DescribeChannelMembership', UNAVAILABLE, { memberArn });
    });
    expect(view).toMatchObject({ outcome: 'joined', invitedBy: mona });
    expect(statuses).toEqual([201, 409]);
  });
});

describe('a Conflict over somebody else’s membership', () => {
  test.concurrent('of the same type ends as alreadyMember, even if our bearer made it', async () => {
    const { member, view, statuses } = await approvedAfter((arn) => scene.addByHand(board, arn, mona));
    expect(view).toMatchObject({ outcome: 'alreadyMember', invitedBy: mona, member: { arn: member, name: 'New' } });
    expect(statuses).toEqual([409]);
  });

  test.concurrent(
    'of the other type is an incident, since people had approved, and leaves the membership alone',
    async () => {
      const { member, view, statuses, status } = await approvedAfter(
        (arn) => scene.addByHand(board, arn, mona, 'HIDDEN'),
        abandoned,
      );
      expect(view).toMatchObject({
        outcome: 'failed',
        error: { type: 'OtherMembershipType', hint: expect.any(String) },
      });
      expect([statuses, status]).toEqual([[409], 'FAILED']);
      expect(await scene.membership(board, member)).toEqual({ type: 'HIDDEN', invitedBy: mona });
    },
  );

  test.concurrent('that came after an attempt of ours was lost on its way ends as alreadyMember', async () => {
    const { view, statuses } = await join([{ kind: 'dropBefore' }, { kind: 'delay', ms: 700 }], async (member) => {
      await scene.called(CREATE, 1, member);
      await scene.addByHand(lobby, member, ada);
    });
    expect(view).toMatchObject({ outcome: 'alreadyMember', invitedBy: ada });
    expect(statuses).toEqual([0, 409]);
  });
});

// prettier-ignore
describe('a Conflict, and yet no membership', () => {
  const given = expect.objectContaining({ type: 'UnresolvedConflict', hint: expect.stringMatching(/answered 6 times/) });
  test.concurrent.each([
    ['is tried again', [{ ...CONFLICT, times: 2 }], 'joined', 3, undefined],
    ['is tried again 5 times', [{ ...CONFLICT, times: 5 }], 'joined', 6, undefined],
    ['and no sixth time', [{ ...CONFLICT, times: 20 }], 'failed', 6, given],
    ['counts on over other failures', [{ ...CONFLICT, times: 3 }, UNAVAILABLE, { ...CONFLICT, times: 20 }], 'failed', 7, given],
  ])('%s', async (_title, faults, outcome, calls, error) => {
    const { view, statuses, activities } = await join(faults);
    expect([view.outcome, statuses.length]).toEqual([outcome, calls]);
    expect(view.error).toEqual(error);
    expect(activities[0]).toMatchObject({ attempts: calls, failure: view.error?.type });
  });
});

// prettier-ignore
test.concurrent.each([
  ['a page of a proxy', '<html>OK</html>'],
  ['nothing at all', ''],
  ['somebody else', JSON.stringify({ Member: { Arn: ada, Name: 'Ada' } })],
])('a 200 with %s is no membership: it is looked for, and the call made again', async (_title, body) => {
  const { member, view, statuses } = await join([{ kind: 'status', status: 200, body }]);
  expect(view.outcome).toBe('joined');
  expect(statuses).toEqual([200, 201]);
  expect(await scene.membership(lobby, member)).toEqual({ type: 'DEFAULT', invitedBy: member });
});

// prettier-ignore
describe('a removal is one that was seen', () => {
  const SAYS_NOTHING = ['', '{}', '[]', '"x"'].map((body) => ({ kind: 'status', status: 200, body }));

  test.concurrent.each([
    ['whose look says nothing', 'DescribeChannelMembership', SAYS_NOTHING, [204]],
    ['whose look does not say whose it is', 'DescribeChannelMembership', ['unowned'], [204]],
    ['whose answer is no 204, with the member still there', 'DeleteChannelMembership', SAYS_NOTHING.slice(0, 2), [200, 200, 204]],
    ['that was made, and whose answer is no 204', 'DeleteChannelMembership', [{ kind: 'garbage' }], [200]],
    ['that was refused by a proxy', 'DeleteChannelMembership', [{ kind: 'html', status: 404 }], [404, 204]],
  ])('%s is looked at again', async (_title, operation, faults, deletes) => {
    const memberArn = await scene.newcomer();
    const { id } = valueOf(await service.join({ channelArn: lobby, memberArn, term: '1h' }));
    const unowned = JSON.stringify({ ChannelMembership: { Member: { Arn: memberArn }, Type: 'DEFAULT' } });
    for (const fault of faults) {
      await emulator.fault(operation, typeof fault === 'string' ? { kind: 'status', status: 200, body: unowned } : fault, { memberArn });
    }
    valueOf(await service.give(id, 'revoke', { actor: { principal: mona }, reason: 'They left.' }));
    const view = valueOf(await service.wait(id));
    expect(view).toMatchObject({ outcome: 'revoked', reason: { message: 'Revoked: They left. The membership was removed.' } });
    expect((await emulator.calls('DeleteChannelMembership', memberArn)).map(({ status }) => status)).toEqual(deletes);
    await expect(scene.membership(lobby, memberArn)).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});
