import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { DAY, MINUTE, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();

function asking(requirement: RequirementInput): PolicySet {
  return createPolicySet([
    bind(
      definePolicy({
        id: 'ladder',
        version: '1.0.0',
        title: 'a ladder',
        params: z.unknown(),
        facts: [],
        kind: 'pure',
        evaluate: () => ({ verdict: 'requireApproval', requirement }),
      }),
    ),
  ]);
}

/** mona alone is asked; then she is reminded, max may review too, then the admins, and then it is denied. */
const ladder = (mona: string, max: string) =>
  asking({
    stages: [
      {
        approvers: { users: [mona] },
        anyOf: [{ approve: 1 }],
        timedActions: [
          { at: '1d', do: 'remind' },
          { at: '2d', do: 'escalate', to: { users: [max] } },
          { at: '3d', do: 'escalate', to: { roles: ['app_instance_admin'] } },
          { at: '5d', do: 'deny' },
        ],
      },
    ],
  });

async function start() {
  const { emulator } = time.admission;
  const user = (name: string) => emulator.user(name);
  const service = await time.otherSystem({}, ladder(user('mona'), user('max')));
  const memberArn = await emulator.newUser(`user-${randomUUID().slice(0, 8)}`);
  const { id } = valueOf(await service.join({ channelArn: emulator.channel('lobby'), memberArn }));
  const stage = async () => valueOf(await service.show(id)).panel?.requirements[0]?.stages[0];
  const approve = async (name: string) =>
    service.review(id, { actor: { principal: user(name) }, decision: 'approve' as const });
  return { service, id, memberArn, stage, approve, user };
}

test('a ladder: remind after 1 d, escalate after 2 d, to the admins after 3 d, deny after 5 d', async () => {
  const { service, id, memberArn, stage, approve, user } = await start();
  expect(await stage()).toMatchObject({ status: 'open', actionsDone: 0, approvers: [{ users: [user('mona')] }] });
  await time.sleep(DAY + MINUTE);
  expect(await stage()).toMatchObject({ status: 'open', actionsDone: 1 });
  expect(errorOf(await approve('max')).code).toBe('NotAnApprover');
  await time.sleep(DAY);
  expect(await stage()).toMatchObject({
    actionsDone: 2,
    approvers: [{ users: [user('mona')] }, { users: [user('max')] }],
  });
  expect(errorOf(await approve('ada')).code).toBe('NotAnApprover');
  await time.sleep(DAY);
  expect((await stage())?.approvers).toContainEqual({ roles: ['app_instance_admin'] });
  await time.sleep(2 * DAY);
  const { outcome, reason, requestedAt, closedAt = '' } = valueOf(await service.wait(id));
  expect([outcome, reason?.code, reason?.binding]).toEqual(['denied', 'DENIED_BY_TIME', 'ladder']);
  const days = (Date.parse(closedAt) - Date.parse(requestedAt)) / DAY;
  expect(days).toBeGreaterThanOrEqual(5);
  expect(days).toBeLessThan(5.01);
  expect(await time.admission.emulator.calls('CreateChannelMembership', memberArn)).toEqual([]);
});

test.each([
  ['max', 2],
  ['ada', 3],
] as const)('on the ladder %s may approve after %i d', async (name, days) => {
  const { service, id, memberArn, approve } = await start();
  await time.sleep(days * DAY - MINUTE);
  expect(errorOf(await approve(name)).code).toBe('NotAnApprover');
  await time.sleep(2 * MINUTE);
  valueOf(await approve(name));
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  expect(await time.admission.emulator.calls('CreateChannelMembership', memberArn)).toHaveLength(1);
});
