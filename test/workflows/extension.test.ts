import { describe, expect, test } from 'vitest';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { policySet } from './support-policies.ts';
import { CREATE, exception, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

const approvers = { roles: ['channel_moderator'] };
const stage = (approve: number) => ({ approvers, anyOf: [{ approve }] });
const REQUIRED: { readonly [reason: string]: RequirementInput } = {
  one: { stages: [stage(1)] },
  two: { stages: [stage(2)] },
  silence: { stages: [{ ...stage(2), timedActions: [{ at: '1s', do: 'approve' }] }] },
  away: {
    stages: [{ ...stage(2), approvers: { roles: ['app_instance_admin'] }, outcomeIfNoApprovers: 'approve' }],
  },
};
/** Who asked, as the policy was told. */
const told: unknown[] = [];
/** Who joins may, or needs a moderator: more than that needs moderators, as the reason says. */
const denied = new Set<string>();
const stricter = new Set<string>();
const requireOne = { verdict: 'requireApproval', requirement: REQUIRED['one']! } as const;
const policies = policySet([
  'people',
  ({ memberArn, reason = '' }, { purpose, askedBy, facts }) => {
    told.push([purpose, askedBy, facts['requester.role']]);
    if (purpose !== 'extend') return reason.startsWith('approved') ? requireOne : { verdict: 'allow' };
    if (denied.has(memberArn)) return { verdict: 'deny', code: 'CHANGED', message: 'Things have changed.' };
    const requirement = REQUIRED[stricter.has(memberArn) ? 'two' : reason.replace('approved ', '')];
    return requirement ? { verdict: 'requireApproval', requirement } : { verdict: 'allow' };
  },
]);
const scene = await startScene({ ADMISSION_VALID_FOR: '1ms' }, policies);
const { emulator, service } = scene;
const by = (name: string) => ({ actor: { principal: name.startsWith('arn:') ? name : emulator.user(name) } });
const approve = (name: string) => ({ ...by(name), decision: 'approve' as const });

/** A membership of an hour, for which a day more is asked. */
async function extending(reason: string, asker?: string, moderators = ['mona', 'max'], more: object = {}) {
  const channelArn = await scene.newChannel('PUBLIC', moderators);
  const memberArn = await scene.newcomer();
  const { id } = valueOf(await service.join({ channelArn, memberArn, reason, term: '1h', ...more }));
  const view = async () => valueOf(await service.show(id));
  if (reason.startsWith('approved')) valueOf(await service.review(id, approve('max')));
  await expect.poll(async () => (await view()).state, PATIENCE).toBe('active');
  const answer = await service.give(id, 'extend', { ...by(asker ?? memberArn), by: '1d' });
  const hours = async () => {
    const { term } = await view();
    return (Date.parse(term?.endsAt ?? '') - Date.parse(term?.startedAt ?? '')) / 3_600_000;
  };
  /** Once it is settled: nobody waits for that. */
  const settled = async (...expected: unknown[]) =>
    expect
      .poll(async () => [await hours(), (await view()).extension?.panel.reviews.length], PATIENCE)
      .toEqual(expected);
  return { id, channelArn, memberArn, view, answer, hours, settled };
}

test('who asks for a longer term is no judge of it', async () => {
  const { id, view, hours, settled } = await extending('one', 'mona');
  expect(errorOf(await service.review(id, approve('mona'))).code).toBe('OwnRequest');
  expect([await hours(), (await view()).extension?.by]).toEqual([1, emulator.user('mona')]);
  valueOf(await service.review(id, approve('max')));
  await settled(25, undefined);
});

describe('a term that people approved, or that an office holder set', () => {
  test('is not made longer by the member alone, though every policy allows it', async () => {
    const { id, memberArn, view, hours, settled } = await extending('approved nothing');
    expect(told.at(-1)).toEqual(['extend', memberArn, 'member']);
    const { extension, reviewDigest, requestDigest } = await view();
    expect([await hours(), extension?.panel.requirements.map(({ requirement }) => requirement.binding)]).toEqual([
      1,
      ['host'],
    ]);
    // Of the digest of what was approved before, it is refused; of that which is shown, it is taken.
    const stale = { ...approve('mona'), requestDigest: requestDigest ?? '' };
    expect(errorOf(await service.review(id, stale))).toMatchObject({ code: 'RequestChanged', accepted: reviewDigest });
    valueOf(await service.review(id, { ...approve('mona'), requestDigest: reviewDigest ?? '' }));
    await settled(25, undefined);
    expect(await view()).toMatchObject({ term: { decided: true } });
    valueOf(await service.give(id, 'extend', { ...by(memberArn), by: '1m' }));
    expect([await hours(), (await view()).extension?.by]).toEqual([25, memberArn]);
  });

  test('nor by who approved it', async () => {
    const { id, view } = await extending('approved nothing', 'max');
    expect(told.at(-1)).toEqual(['extend', emulator.user('max'), 'moderator']);
    expect(errorOf(await service.review(id, approve('max'))).code).toBe('OwnRequest');
    expect((await view()).extension?.panel.people.map(({ arn }) => arn)).not.toContain(emulator.user('max'));
  });

  test('a guest does not borrow the office of who brought them in', async () => {
    const guest = { requestedBy: emulator.user('mona') };
    const { id, memberArn, hours, settled } = await extending('nothing', undefined, undefined, guest);
    expect(told.at(-1)).toEqual(['extend', memberArn, 'member']);
    expect([await hours(), errorOf(await service.review(id, approve('mona'))).code]).toEqual([1, 'OwnRequest']);
    valueOf(await service.review(id, approve('max')));
    await settled(25, undefined);
  });

  test('what an office holder made longer, at first alone, is theirs', async () => {
    const { id, memberArn, hours, view } = await extending('nothing', 'mona');
    expect([await hours(), (await view()).extension]).toEqual([25, undefined]);
    valueOf(await service.give(id, 'extend', { ...by(memberArn), by: '1d' }));
    expect([await hours(), (await view()).extension?.by]).toEqual([25, memberArn]);
  });

  test('no silence makes it longer', async () => {
    const { view, hours } = await extending('approved silence');
    const [asked] = (await view()).extension?.panel.requirements ?? [];
    expect([await hours(), asked?.requirement.stages[0]?.timedActions]).toEqual([1, []]);
  });

  test('nor that nobody could agree', async () => {
    const { answer, view, hours } = await extending('approved away');
    // How many moderators there are is nothing for a member.
    expect(errorOf(answer).message).toBe('The term is not extended.');
    expect([await hours(), (await view()).extension]).toEqual([1, undefined]);
  });
});

test('where nobody else could agree, that is said at once, and nothing waits', async () => {
  const { answer, view } = await extending('one', 'mona', ['mona']);
  expect(errorOf(answer)).toMatchObject({ code: 'Denied', message: expect.stringContaining('NO_ELIGIBLE_APPROVER') });
  expect((await view()).extension).toBeUndefined();
});

test('a second one has to wait until the first is decided, which loses no review', async () => {
  const { id, memberArn, view } = await extending('two');
  valueOf(await service.review(id, approve('mona')));
  const { code, message } = errorOf(await service.give(id, 'extend', { ...by(memberArn), by: '2d' }));
  // Nobody has proved yet who they are, and nobody is named to them.
  expect([code, message]).toEqual(['ExtensionOpen', expect.not.stringContaining('arn:')]);
  expect((await view()).extension?.panel.reviews).toHaveLength(1);
});

test('policies that say no by now are heard before the term gets longer', async () => {
  const { id, memberArn, view, settled } = await extending('one');
  denied.add(memberArn);
  valueOf(await service.review(id, approve('mona')));
  await settled(1, undefined);
  const { state, notes } = await view();
  expect([state, notes.at(-1)?.what]).toEqual(['active', expect.stringContaining('in vain')]);
});

test('policies that ask for more people by now are asked, and what was said counts', async () => {
  const { id, memberArn, settled, view } = await extending('one');
  stricter.add(memberArn);
  valueOf(await service.review(id, approve('mona')));
  await expect.poll(async () => (await view()).extension?.panel.result.result, PATIENCE).toBe('open');
  await settled(1, 1);
  valueOf(await service.review(id, approve('max')));
  await settled(25, undefined);
});

test('who agrees is answered at once, and a revocation by somebody who may not takes nothing away', async () => {
  const { id, memberArn, settled } = await extending('one');
  await emulator.fault('DescribeChannelMembership', UNAVAILABLE, { count: 1_000, memberArn });
  expect(valueOf(await service.review(id, approve('mona'))).state).toBe('active');
  await scene.called('DescribeChannelMembership', 6, memberArn);
  const revoked = service.give(id, 'revoke', { ...by('carol'), reason: 'out' });
  expect(errorOf(await revoked).code).toBe('NotYours');
  await scene.clearFaults();
  await settled(25, undefined);
});

test('one that cannot be decided leaves the term as it was, and the membership is not forgotten', async () => {
  const { id, channelArn, memberArn, view, hours } = await extending('silence');
  await emulator.fault('ListChannelModerators', exception('ForbiddenException'), { count: 2 });
  valueOf(await service.review(id, approve('mona')));
  await expect.poll(async () => (await view()).extension, PATIENCE).toBeUndefined();
  expect([await hours(), (await view()).state]).toEqual([1, 'active']);
  expect((await view()).notes.at(-1)?.what).toContain('in vain');
  valueOf(await service.give(id, 'revoke', { ...by(memberArn), reason: 'leaving' }));
  expect(valueOf(await service.wait(id)).outcome).toBe('revoked');
  await expect(scene.membership(channelArn, memberArn)).rejects.toThrow('not a member');
  await scene.clearFaults();
});

test('a member who has joined is told how to leave', async () => {
  const { id, memberArn } = await extending('nothing');
  const { code, message } = errorOf(await service.withdraw(id, by(memberArn)));
  expect([code, message]).toEqual(['AlreadyResolved', expect.stringContaining('revoke')]);
  expect(await emulator.calls(CREATE, memberArn)).toHaveLength(1);
});
