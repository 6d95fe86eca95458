import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { approval } from '../../../src/policies/approval.ts';
import { bind } from '../../../src/policies/binding.ts';
import { coolingOff } from '../../../src/policies/cooling-off.ts';
import { definePolicy } from '../../../src/policies/policy.ts';
import { createPolicySet } from '../../../src/policies/policy-set.ts';
import { screening } from '../../../src/policies/screening.ts';
import { allow } from '../../../src/policies/verdicts.ts';
import { programOf } from '../cel/cel.ts';
import { errorOf, startAdmission, valueOf } from '../../support/admission.ts';
import type { TestAdmission } from '../../support/admission.ts';

/** Who is on call, as long as it can be read. */
let onCall: readonly string[] | Error = [];
const rota = definePolicy({
  id: 'rota',
  version: '1.0.0',
  title: 'Rota',
  params: z.strictObject({}),
  facts: [],
  provides: {
    'oncall.people': {
      source: 'the rota',
      ttlMs: 60_000,
      read: () => {
        if (onCall instanceof Error) throw onCall;
        return onCall;
      },
    },
  },
  kind: 'pure',
  evaluate: () => allow(),
});

/** Whoever is on call and has an id that is not "frank"; with more to do first for those whose reason says so. */
const approvers = { roles: ['oncall.people'], expression: "reviewer.id != 'frank'" };
const only = (reason: string) => {
  const program = programOf(`has(request.reason) && request.reason == '${reason}'`);
  return { matchConditions: [{ name: 'the reason', program }] };
};

let admission: TestAdmission;
beforeAll(async () => {
  const policySet = createPolicySet([
    bind(rota),
    bind(approval, { approvers }),
    bind(screening, { rules: ['Be kind.'] }, only('rules')),
    bind(coolingOff, { wait: '2s', giveUpAfter: '1m' }, only('no hurry')),
  ]);
  admission = await startAdmission({}, { policySet });
  onCall = ['erin', 'frank'].map((name) => admission.emulator.user(name));
});
afterAll(() => admission.close());

const by = (name: string) => ({ actor: { principal: admission.emulator.user(name) } });

async function asked(member: string, reason?: string) {
  const { emulator, service } = admission;
  const request = {
    channelArn: emulator.channel('lobby'),
    memberArn: emulator.user(member),
    ...(reason ? { reason } : {}),
  };
  return valueOf(await service.join(request));
}

test('who is on call approves, and nobody else: not by office, not against the expression', async () => {
  const { service } = admission;
  const { id } = await asked('alice');
  for (const name of ['mona', 'ada', 'frank', 'dave']) {
    expect(errorOf(await service.review(id, { ...by(name), decision: 'approve' })).code).toBe('NotAnApprover');
  }
  valueOf(await service.review(id, { ...by('erin'), decision: 'approve' }));
  const view = valueOf(await service.wait(id));
  // Who approves without an office of Chime does not make the call.
  expect(view).toMatchObject({ outcome: 'joined', invitedBy: admission.emulator.user('alice') });
  expect(view.approvals).toMatchObject([{ roles: ['oncall.people'], matched: ["reviewer.id != 'frank'"] }]);
});

test('who is no longer on call may not approve any more, and an outage of the rota is no answer', async () => {
  const { service, emulator } = admission;
  const { id } = await asked('carol');
  const before = onCall;
  try {
    onCall = [emulator.user('frank'), emulator.user('dave')];
    expect(errorOf(await service.review(id, { ...by('erin'), decision: 'approve' })).code).toBe('NotAnApprover');
    onCall = new Error('the rota is down');
    const unavailable = errorOf(await service.review(id, { ...by('dave'), decision: 'approve' }));
    expect(unavailable).toMatchObject({ code: 'Unavailable', message: expect.stringContaining('the rota is down') });
    onCall = [emulator.user('dave')];
    valueOf(await service.review(id, { ...by('dave'), decision: 'approve' }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  } finally {
    onCall = before;
  }
});

test('whom an operator named may review, also after the policies were asked again and nobody is on call', async () => {
  const { service, emulator } = admission;
  const { id } = await asked('frank');
  const before = onCall;
  try {
    onCall = [emulator.user('erin')];
    const reason = 'erin is away';
    const to = { users: [emulator.user('dave')] };
    valueOf(await service.give(id, 'reassign', { ...by('ada'), binding: 'approval', to, reason }));
    onCall = [];
    valueOf(await service.give(id, 'reevaluate', { changed: ['roster'] }));
    valueOf(await service.review(id, { ...by('dave'), decision: 'approve' }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  } finally {
    onCall = before;
  }
});

test('who approved in a role of our own that they lost since does not count when it is tried again', async () => {
  const { service, emulator } = admission;
  const memberArn = await emulator.newUser('gina');
  const { id } = await asked('gina');
  const before = onCall;
  try {
    onCall = ['dave', 'frank'].map((name) => emulator.user(name));
    const to = { roles: ['oncall.people'] };
    valueOf(await service.give(id, 'reassign', { ...by('ada'), binding: 'approval', to, reason: 'frank may, too' }));
    const fault = { kind: 'exception', name: 'ForbiddenException' };
    await emulator.fault('CreateChannelMembership', fault, { count: 1, memberArn });
    valueOf(await service.review(id, { ...by('frank'), decision: 'approve' }));
    const state = async () => valueOf(await service.show(id)).state;
    await expect.poll(state).toBe('incident');
    onCall = [emulator.user('dave')];
    valueOf(await service.give(id, 'retry', { ...by('ada'), reason: 'mended' }));
    await expect.poll(state).toBe('pending');
    valueOf(await service.review(id, { ...by('dave'), decision: 'approve' }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  } finally {
    onCall = before;
  }
});

test('rules are accepted first; then people are asked', async () => {
  const { service } = admission;
  const answer = await asked('dave', 'rules');
  expect(answer).toMatchObject({ state: 'pending', waitsFor: 'input', inputs: [{ binding: 'screening' }] });
  const submit = async (answers: Record<string, unknown>) =>
    service.give(answer.id, 'submitInput', { ...by('dave'), binding: 'screening', answers });
  expect(errorOf(await submit({ rules: false }))).toMatchObject({ code: 'InvalidInput', field: 'answers.rules' });
  valueOf(await submit({ rules: true }));
  await expect
    .poll(async () => valueOf(await service.show(answer.id)))
    .toMatchObject({
      state: 'pending',
      waitsFor: 'people',
      answers: [{ binding: 'screening', answers: { rules: true } }],
    });
  valueOf(await service.withdraw(answer.id, by('dave')));
});

test('a request that must not hurry is asked about again when its time has come', async () => {
  const { service } = admission;
  const answer = await asked('bob', 'no hurry');
  expect(answer).toMatchObject({ state: 'pending', waitsFor: 'time', deferredUntil: expect.any(String) });
  await expect
    .poll(async () => valueOf(await service.show(answer.id)))
    .toMatchObject({ state: 'pending', waitsFor: 'people' });
  valueOf(await service.withdraw(answer.id, by('bob')));
});
