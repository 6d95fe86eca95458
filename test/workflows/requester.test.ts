import { describe, expect, test } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { policySet } from './support-policies.ts';
import { CREATE, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

const SCHEMA = {
  type: 'object',
  properties: { accept: { const: true }, team: { type: 'string', minLength: 2 } },
  required: ['accept'],
  additionalProperties: false,
};

/** What is asked depends on the reason, so that one worker serves all tests. */
const policies = policySet(
  [
    'rules',
    ({ reason = '' }, { answers }) => {
      if (!reason.includes('ask')) return { verdict: 'notApplicable', because: 'nothing to ask' };
      if (!answers)
        return {
          verdict: 'requireInput',
          schema: SCHEMA,
          prompt: 'Do you accept?',
          expiresIn: reason.includes('late') ? '1s' : '7d',
        };
      return answers['team'] === 'evil' ? { verdict: 'deny', code: 'EVIL', message: 'No.' } : { verdict: 'allow' };
    },
  ],
  [
    'later',
    ({ reason = '' }, { now, requestedAt }) => {
      const isNever = reason.includes('never');
      const until = new Date(requestedAt.getTime() + (isNever ? 86_400_000 : 4_000));
      const give = { giveUpAfter: isNever ? '1s' : '1d', because: 'cooling off' };
      if (reason.includes('wait') && now < until) return { verdict: 'defer', until: until.toISOString(), ...give };
      return { verdict: 'notApplicable', because: 'no need to wait' };
    },
  ],
  [
    'people',
    ({ reason = '', type }) => {
      if (reason.includes('people') || type === 'HIDDEN') {
        return { verdict: 'requireApproval', requirement: { approvers: { roles: ['channel_moderator'] }, approve: 1 } };
      }
      return reason.includes('secret')
        ? { verdict: 'deny', code: 'SECRET', message: 'No secrets.' }
        : { verdict: 'allow' };
    },
  ],
);
const scene = await startScene({}, policies);
const { emulator, service } = scene;
const lobby = emulator.channel('lobby');
const user = (name: string) => emulator.user(name);
const by = (name: string) => ({ actor: { principal: name.startsWith('arn:') ? name : user(name) } });

async function ask(reason: string, more: object = {}) {
  const memberArn = await scene.newcomer();
  const answer = valueOf(await service.join({ channelArn: lobby, memberArn, reason, ...more }));
  return { ...answer, memberArn, view: async () => valueOf(await service.show(answer.id)) };
}

describe('a policy that asks the requester', () => {
  test('gets its answers, and is asked again with them', async () => {
    const { id, state, waitsFor, inputs, memberArn, view } = await ask('ask');
    expect([state, waitsFor, inputs]).toMatchObject([
      'pending',
      'input',
      [{ binding: 'rules', prompt: 'Do you accept?', schema: SCHEMA }],
    ]);
    valueOf(
      await service.give(id, 'submitInput', {
        ...by(memberArn),
        binding: 'rules',
        answers: { accept: true, team: 'red' },
      }),
    );
    expect(valueOf(await service.wait(id))).toMatchObject({
      outcome: 'joined',
      inputs: [],
      answers: [{ binding: 'rules', by: memberArn, verified: false, answers: { accept: true, team: 'red' } }],
    });
    expect((await view()).decisions.find(({ binding }) => binding === 'rules')?.evaluation).toBe('allow');
  });

  test('refuses what does not fit, who is not asked, and what nobody asks, and changes nothing', async () => {
    const { id, memberArn, view } = await ask('ask');
    const before = await view();
    const give = async (who: string, answers: Record<string, unknown>, binding = 'rules') =>
      errorOf(await service.give(id, 'submitInput', { ...by(who), binding, answers }));
    expect(await give(memberArn, { accept: false })).toMatchObject({ code: 'InvalidInput', field: 'answers.accept' });
    expect(await give(memberArn, { accept: true, team: 'x' })).toMatchObject({
      code: 'InvalidInput',
      field: 'answers.team',
    });
    expect(await give(memberArn, { accept: true, more: 1 })).toMatchObject({
      code: 'InvalidInput',
      accepted: expect.stringContaining('accept'),
    });
    expect(await give('mona', { accept: true })).toMatchObject({ code: 'NotYours' });
    expect(await give(memberArn, { accept: true }, 'other')).toMatchObject({
      code: 'NoInputAsked',
      field: 'binding',
      accepted: 'rules',
    });
    expect(errorOf(await service.review(id, { ...by('mona'), decision: 'approve' })).code).toBe('NotPending');
    expect(await view()).toEqual(before);
  });

  test('may deny for an answer', async () => {
    const { id, memberArn } = await ask('ask');
    valueOf(
      await service.give(id, 'submitInput', {
        ...by(memberArn),
        binding: 'rules',
        answers: { accept: true, team: 'evil' },
      }),
    );
    expect(valueOf(await service.wait(id))).toMatchObject({
      outcome: 'denied',
      reason: { code: 'EVIL', binding: 'rules' },
    });
  });

  test('keeps the answers out when the policies cannot be asked, and takes them later', async () => {
    const { id, memberArn, view } = await ask('ask');
    const answers = { ...by(memberArn), binding: 'rules', answers: { accept: true } };
    await emulator.fault(
      'DescribeChannelMembership',
      { kind: 'exception', name: 'ForbiddenException' },
      { count: 1, memberArn },
    );
    expect(errorOf(await service.give(id, 'submitInput', answers))).toMatchObject({ code: 'Unavailable' });
    expect(await view()).toMatchObject({ state: 'pending', answers: [] });
    await scene.clearFaults();
    valueOf(await service.give(id, 'submitInput', answers));
    expect(valueOf(await service.wait(id)).outcome).toBe('joined');
  });

  test('does not wait for ever', async () => {
    const { id } = await ask('ask late');
    expect(valueOf(await service.wait(id))).toMatchObject({
      outcome: 'expired',
      reason: { message: expect.stringContaining('rules') },
    });
  });
});

describe('a policy that wants to wait', () => {
  test('is asked again when its time has come', async () => {
    const { id, state, waitsFor, deferredUntil = '' } = await ask('wait');
    expect([state, waitsFor]).toEqual(['pending', 'time']);
    const view = valueOf(await service.wait(id));
    expect(view.outcome).toBe('joined');
    expect(Date.parse(view.closedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(deferredUntil));
  });

  test('is given up on in the end', async () => {
    const { id } = await ask('wait never');
    expect(valueOf(await service.wait(id))).toMatchObject({
      outcome: 'expired',
      reason: { message: expect.stringContaining('later') },
    });
  });

  test('can be withdrawn meanwhile', async () => {
    const { id, memberArn } = await ask('wait');
    valueOf(await service.withdraw(id, by(memberArn)));
    expect(valueOf(await service.wait(id)).outcome).toBe('withdrawn');
    expect(await emulator.calls(CREATE, memberArn)).toEqual([]);
  });
});

describe('a request that is amended', () => {
  test('is asked anew: earlier reviews stay on record and do not count', async () => {
    const { id, memberArn, view } = await ask('two people');
    valueOf(await service.review(id, { ...by('mona'), decision: 'abstain' }));
    const before = await view();
    valueOf(await service.give(id, 'amend', { ...by(memberArn), changes: { reason: 'other people', term: '30d' } }));
    const after = await view();
    expect(after.request).toMatchObject({ reason: 'other people', term: '30d' });
    expect(after.requestDigest).not.toBe(before.requestDigest);
    expect([after.state, after.approvals.length, after.notes]).toMatchObject([
      'pending',
      1,
      [{ by: memberArn, what: 'amended reason, term' }],
    ]);
    const stale = { ...by('mona'), decision: 'approve' as const, requestDigest: before.requestDigest ?? '' };
    expect(errorOf(await service.review(id, stale))).toMatchObject({ code: 'RequestChanged', field: 'requestDigest' });
    valueOf(await service.review(id, { ...by('max'), decision: 'approve', requestDigest: after.requestDigest ?? '' }));
    await expect.poll(async () => (await view()).state, PATIENCE).toBe('active');
  });

  test('may come to another end at once', async () => {
    const { id, memberArn } = await ask('two people');
    valueOf(await service.give(id, 'amend', { ...by(memberArn), changes: { reason: null } }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', request: { memberArn } });
  });

  test('is amended by who asked alone, and only into something valid', async () => {
    const { id, memberArn, view } = await ask('two people');
    const before = await view();
    const amend = async (who: string, changes: object) =>
      errorOf(await service.give(id, 'amend', { ...by(who), changes }));
    expect(await amend('mona', { reason: 'x' })).toMatchObject({ code: 'NotYours' });
    expect(await amend(memberArn, { reason: 'two people' })).toMatchObject({ code: 'NothingChanges' });
    expect(await amend(memberArn, { term: 'for ever' })).toMatchObject({ code: 'InvalidRequest', field: 'term' });
    expect(await amend(memberArn, { chimeBearer: user('mona') })).toMatchObject({
      code: 'InvalidRequest',
      field: 'chimeBearer',
    });
    expect(await amend(memberArn, { memberArn: user('bob') })).toMatchObject({ code: 'InvalidCommand' });
    expect(await amend(memberArn, {})).toMatchObject({ code: 'InvalidCommand' });
    expect(await view()).toEqual(before);
  });

  test('while the policies are asked about it in an outage, it can be withdrawn', async () => {
    const { id, memberArn } = await ask('two people');
    await emulator.fault('DescribeChannelMembership', UNAVAILABLE, { count: 1_000, memberArn });
    const amended = service.give(id, 'amend', { ...by(memberArn), changes: { reason: 'other people' } });
    await scene.called('DescribeChannelMembership', 3, memberArn);
    valueOf(await service.withdraw(id, by(memberArn)));
    expect(errorOf(await amended).code).toBe('AlreadyResolved');
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'withdrawn', request: { reason: 'two people' } });
    await scene.clearFaults();
  });
});
