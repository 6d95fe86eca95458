import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { bind } from '../../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet } from '../../../src/policies/policy-set.ts';
import type { PolicySet } from '../../../src/policies/policy-set.ts';
import { definePolicy } from '../../../src/policies/policy.ts';
import { allow, deny, notApplicable, requireApproval } from '../../../src/policies/verdicts.ts';
import { startAdmission, startTestWorker, valueOf } from '../../support/admission.ts';
import type { TestAdmission } from '../../support/admission.ts';
import { replayFailures } from '../../time/replay.ts';

// Twenty requests wait while the worker is restarted with other policies: none of their histories may stop to replay.
const custom = (version: string, evaluate: Parameters<typeof definePolicy>[0]['evaluate']) =>
  bind(
    definePolicy({ id: 'custom', version, title: 'a policy', params: z.unknown(), facts: [], kind: 'pure', evaluate }),
  );

const { bindings } = embeddedPolicySet();
const sets: readonly [string, PolicySet][] = [
  ['as it was', createPolicySet([...bindings, custom('1.0.0', () => requireApproval())])],
  ['changed', createPolicySet([...bindings, custom('2.0.0', () => notApplicable('changed my mind'))])],
  ['replaced', createPolicySet([bind(definePolicy({ ...custom('1.0.0', () => allow()).policy, id: 'other' }))])],
  ['removed', createPolicySet(bindings.slice(1))],
  [
    'broken',
    createPolicySet([
      custom('3.0.0', () => {
        throw new Error('broken');
      }),
    ]),
  ],
];

let admission: TestAdmission;
beforeAll(async () => {
  admission = await startAdmission({}, { worker: false });
});
afterAll(() => admission.close());

test('twenty waiting requests survive every change of the policy set', async () => {
  const { service, emulator, client, env } = admission;
  const [first] = sets;
  let stop = await startTestWorker(env, first?.[1]);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const type = index % 2 === 0 ? 'DEFAULT' : 'HIDDEN';
      // Made-up askers: each asks for another member, so that every request is one of its own.
      const memberArn = await emulator.newUser(`applicant-${index}`);
      const answer = valueOf(await service.join({ channelArn: emulator.channel('board'), memberArn, type }));
      expect(answer.state).toBe('pending');
      return answer;
    }),
  );
  const ids = answers.map(({ id }) => id);
  for (const [name, set] of sets.slice(1)) {
    await stop();
    stop = await startTestWorker(env, set);
    const states = await Promise.all(ids.map(async (id) => valueOf(await service.show(id)).state));
    expect([name, new Set(states)]).toEqual([name, new Set(['pending'])]);
  }
  // Under the broken set, what was decided before still stands: approved requests are granted.
  for (const id of ids) {
    valueOf(await service.review(id, { actor: { principal: emulator.user('mona') }, decision: 'approve' }));
  }
  const outcomes = await Promise.all(ids.map(async (id) => valueOf(await service.wait(id)).outcome));
  expect(new Set(outcomes)).toEqual(new Set(['joined']));
  await stop();
  expect(await replayFailures(client, answers)).toEqual({});
});

test('a set that says so asks the policies again, and what they say then counts', async () => {
  const { service, emulator, client, env } = admission;
  const before = createPolicySet([...bindings, custom('1.0.0', () => requireApproval(2))]);
  const stopFirst = await startTestWorker(env, before);
  const members = await Promise.all(['keep', 'drop', 'ease'].map((name) => emulator.newUser(name)));
  const ask = async (memberArn: string) =>
    valueOf(await service.join({ channelArn: emulator.channel('board'), memberArn }));
  const all = await Promise.all(members.map(ask));
  const [keep, drop, ease] = all;
  const mona = { actor: { principal: emulator.user('mona') }, decision: 'approve' as const };
  expect(valueOf(await service.review(ease?.id ?? '', mona)).state).toBe('pending');
  await stopFirst();
  const after = createPolicySet([
    ...bindings,
    custom('2.0.0', ({ memberArn }) => {
      if (memberArn.endsWith('drop')) return deny('DROPPED', 'no longer');
      return requireApproval(memberArn.endsWith('ease') ? 1 : 2);
    }),
  ]);
  const stop = await startTestWorker(env, after);
  for (const answer of [keep, drop, ease]) {
    await client.workflow
      .getHandle(answer?.id ?? '')
      .executeUpdate('reevaluate', { args: [{ policyDigest: after.digest }] });
  }
  expect(valueOf(await service.show(keep?.id ?? ''))).toMatchObject({ state: 'pending', policyDigest: after.digest });
  expect(valueOf(await service.wait(drop?.id ?? ''))).toMatchObject({ outcome: 'denied', reason: { code: 'DROPPED' } });
  // Mona's approval of before is enough for what is asked now.
  expect(valueOf(await service.wait(ease?.id ?? ''))).toMatchObject({
    outcome: 'joined',
    invitedBy: emulator.user('mona'),
  });
  expect(await replayFailures(client, all)).toEqual({});
  await stop();
});
