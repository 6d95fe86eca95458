import { describe, expect, test } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { approvalBy, policySet } from './support-policies.ts';
import { CREATE, exception, PATIENCE, startScene } from './support.ts';

let asked = 0;
const denied = new Set<string>();
const stricter = new Set<string>();
/** Everybody needs the approval of mona or max, unless they were denied meanwhile; some come to need an admin's too. */
const policies = policySet(
  [
    'people',
    ({ memberArn, channelArn }) => {
      asked += 1;
      if (denied.has(memberArn)) return { verdict: 'deny', code: 'CHANGED', message: 'Things have changed.' };
      return approvalBy(channelArn.replace(/channel.*/, 'user/mona'), channelArn.replace(/channel.*/, 'user/max'));
    },
  ],
  [
    'admins',
    ({ memberArn, channelArn }) => {
      if (stricter.has(memberArn)) return approvalBy(channelArn.replace(/channel.*/, 'user/ada'));
      return { verdict: 'notApplicable', because: 'two eyes are enough' };
    },
  ],
);
const scene = await startScene({ ADMISSION_VALID_FOR: '1d' }, policies);
const { emulator, service } = scene;
const board = emulator.channel('board');
const user = (name: string) => emulator.user(name);
const by = (name: string) => ({ actor: { principal: name.startsWith('arn:') ? name : user(name) } });
const approve = (name: string) => ({ ...by(name), decision: 'approve' as const });

async function pending(more: object = {}) {
  const memberArn = await scene.newcomer();
  const id = await scene.pending({ channelArn: board, memberArn, ...more });
  return { id, memberArn, view: async () => valueOf(await service.show(id)) };
}

const writes = async (memberArn: string) => (await emulator.calls(CREATE, memberArn)).map(({ status }) => status);

describe('an override', () => {
  const why = { reason: 'the pager rings', ticket: 'INC-7' };

  test('lets somebody in; what the policies said, and who overrode it, stay in sight', async () => {
    const { id, memberArn } = await pending();
    valueOf(await service.give(id, 'override', { ...by('ada'), ...why }));
    const view = valueOf(await service.wait(id));
    expect(view).toMatchObject({
      outcome: 'joined',
      invitedBy: user('ada'),
      override: { by: user('ada'), verified: false, ...why },
      composition: { action: 'pend' },
      decisions: [{ binding: 'people', evaluation: 'requireApproval' }, { binding: 'admins' }],
    });
    expect(await writes(memberArn)).toEqual([201]);
  });

  test('is for admins, never about their own request, and needs reason and ticket', async () => {
    const { id, view } = await pending();
    expect(errorOf(await service.give(id, 'override', { ...by('mona'), ...why })).code).toBe('NotAnAdmin');
    const { ticket: _, ...unticketed } = { ...by('ada'), ...why };
    expect(errorOf(await service.give(id, 'override', unticketed as never))).toMatchObject({
      code: 'InvalidCommand',
      field: 'ticket',
    });
    const own = await pending({ requestedBy: user('ada') });
    expect(errorOf(await service.give(own.id, 'override', { ...by('ada'), ...why })).code).toBe('OwnRequest');
    expect(await view()).toMatchObject({ state: 'pending', notes: [] });
  });
});

async function incident() {
  const one = await pending();
  await scene.orderFaults(one.memberArn, [exception('ForbiddenException')]);
  valueOf(await service.review(one.id, approve('mona')));
  await expect.poll(async () => (await one.view()).state, PATIENCE).toBe('incident');
  return one;
}

describe('a call that Chime refuses for good after people approved', () => {
  test('is an incident that an admin has tried again', async () => {
    const { id, memberArn, view } = await incident();
    expect(await view()).toMatchObject({
      outcome: null,
      incident: { during: 'grant', error: { type: 'ForbiddenException' }, dueAt: expect.any(String) },
    });
    expect(errorOf(await service.review(id, approve('max'))).code).toBe('AlreadyResolved');
    expect(errorOf(await service.give(id, 'retry', { ...by('mona'), reason: 'please' })).code).toBe('NotAnAdmin');
    valueOf(await service.give(id, 'retry', { ...by('ada'), reason: 'the right is back' }));
    const { outcome, invitedBy, notes } = valueOf(await service.wait(id));
    expect([outcome, invitedBy]).toEqual(['joined', user('mona')]);
    expect(notes).toMatchObject([{ by: user('ada'), what: 'had it tried again', reason: 'the right is back' }]);
    expect(await writes(memberArn)).toEqual([403, 201]);
  });

  test('fails when an admin gives up', async () => {
    const { id, memberArn } = await incident();
    expect(valueOf(await service.give(id, 'abandon', { ...by('ada'), reason: 'no use' }))).toMatchObject({
      state: 'closed',
      outcome: 'failed',
    });
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'failed', error: { type: 'ForbiddenException' } });
    expect(await writes(memberArn)).toEqual([403]);
  });

  test('can be withdrawn', async () => {
    const { id, memberArn } = await incident();
    valueOf(await service.withdraw(id, by(memberArn)));
    expect(valueOf(await service.wait(id)).outcome).toBe('withdrawn');
  });

  test('is no incident where nobody had approved, and there is nothing to mend elsewhere', async () => {
    const { id, view } = await pending();
    expect(errorOf(await service.give(id, 'retry', { ...by('ada'), reason: 'x' })).code).toBe('NoIncident');
    expect(errorOf(await service.give(id, 'extend', { ...by('ada'), by: '1d' })).code).toBe('NotActive');
    expect((await view()).state).toBe('pending');
  });
});

describe('a requirement that is reassigned', () => {
  test('asks others, and no longer those of before', async () => {
    const { id, view } = await pending();
    const to = { users: [user('bob')] };
    expect(
      errorOf(await service.give(id, 'reassign', { ...by('mona'), binding: 'people', to, reason: 'away' })).code,
    ).toBe('NotAnAdmin');
    expect(
      errorOf(await service.give(id, 'reassign', { ...by('ada'), binding: 'other', to, reason: 'away' })).code,
    ).toBe('UnknownRequirement');
    valueOf(await service.give(id, 'reassign', { ...by('ada'), binding: 'people', to, reason: 'mona is away' }));
    expect(errorOf(await service.review(id, approve('mona'))).code).toBe('NotAnApprover');
    valueOf(await service.review(id, approve('bob')));
    // bob holds no office: the service bearer makes the call.
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: emulator.bearer });
    expect((await view()).notes).toMatchObject([{ by: user('ada'), reason: 'mona is away' }]);
  });

  test('is nothing for an admin who asks, or who joins: they would choose who decides about themselves', async () => {
    const asking = await pending({ requestedBy: user('ada') });
    const joining = await scene.pending({ channelArn: board, memberArn: user('ada'), requestedBy: user('max') });
    for (const id of [asking.id, joining]) {
      const command = { ...by('ada'), binding: 'people', to: { users: [user('bob')] }, reason: 'bob knows me' };
      expect(errorOf(await service.give(id, 'reassign', command)).code).toBe('OwnRequest');
      expect(errorOf(await service.review(id, approve('bob'))).code).toBe('NotAnApprover');
    }
    valueOf(await service.withdraw(joining, by('max')));
  });

  test('cannot be given to nobody', async () => {
    const { id, memberArn, view } = await pending();
    const to = { users: [memberArn] };
    expect(errorOf(await service.give(id, 'reassign', { ...by('ada'), binding: 'people', to, reason: 'x' })).code).toBe(
      'NotAnApprover',
    );
    expect((await view()).notes).toEqual([]);
  });
});

describe('policies are asked again', () => {
  test('when told that something changed; what they say then counts', async () => {
    const { id, memberArn, view } = await pending();
    const before = asked;
    valueOf(await service.give(id, 'reevaluate', { changed: ['ban'] }));
    expect([asked, (await view()).state]).toEqual([before + 1, 'pending']);
    denied.add(memberArn);
    valueOf(await service.give(id, 'reevaluate', { changed: ['channel', 'roster'] }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'denied', reason: { code: 'CHANGED' } });
  });

  test('before the call, when what they found is older than ADMISSION_VALID_FOR: a denial stops it', async () => {
    const { service: hasty } = await scene.otherSystem({ ADMISSION_VALID_FOR: '1ms' });
    const memberArn = await scene.newcomer();
    const { id } = valueOf(await hasty.join({ channelArn: board, memberArn }));
    denied.add(memberArn);
    valueOf(await hasty.review(id, approve('mona')));
    expect(valueOf(await hasty.wait(id))).toMatchObject({
      outcome: 'denied',
      reason: { code: 'CHANGED' },
      approvals: [{ reviewer: user('mona') }],
    });
    expect(await writes(memberArn)).toEqual([]);
  });

  test('and if they say the same, what people said counts', async () => {
    const { service: hasty } = await scene.otherSystem({ ADMISSION_VALID_FOR: '1ms' });
    const memberArn = await scene.newcomer();
    const { id } = valueOf(await hasty.join({ channelArn: board, memberArn }));
    const before = asked;
    valueOf(await hasty.review(id, approve('max')));
    expect(valueOf(await hasty.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: user('max') });
    expect([asked, await writes(memberArn)]).toEqual([before + 1, [201]]);
  });

  test('and if they ask more people by then, those are waited for', async () => {
    const { service: hasty } = await scene.otherSystem({ ADMISSION_VALID_FOR: '1ms' });
    const memberArn = await scene.newcomer();
    const { id } = valueOf(await hasty.join({ channelArn: board, memberArn }));
    stricter.add(memberArn);
    valueOf(await hasty.review(id, approve('mona')));
    const progress = async () => valueOf(await hasty.show(id)).progress.map(({ binding, status }) => [binding, status]);
    await expect.poll(progress, PATIENCE).toEqual([
      ['admins', 'open'],
      ['people', 'approved'],
    ]);
    expect([valueOf(await hasty.show(id)).state, await writes(memberArn)]).toEqual(['pending', []]);
    valueOf(await hasty.review(id, approve('ada')));
    expect(valueOf(await hasty.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: user('ada') });
    expect(await writes(memberArn)).toEqual([201]);
  });
});
