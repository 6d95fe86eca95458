import { expect, test } from 'vitest';
import { approval } from '../../src/policies/approval.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { programOf } from './cel/cel.ts';
import { decide, evaluateOn, factsOf, requestOf } from './fixtures.ts';

const BOTH = ['channel_moderator', 'app_instance_admin'];

test.for([
  [{}, { approve: 1, approvers: { roles: BOTH } }],
  [{ approve: 2 }, { approve: 2, approvers: { roles: BOTH } }],
  [{ approvers: { roles: ['app_instance_admin'] } }, { approve: 1, approvers: { roles: ['app_instance_admin'] } }],
] as const)('with %j it asks for %j', async ([params, requirement]) => {
  const { composition } = await decide(createPolicySet([bind(approval, params)]), requestOf(), factsOf());
  expect(composition).toEqual({ action: 'pend', requirements: [{ binding: 'approval', ...requirement }] });
});

test('the conditions of its binding say of which requests', async () => {
  const matchConditions = [{ name: 'hidden', program: programOf("request.type == 'HIDDEN'") }];
  const set = createPolicySet([bind(approval, { approve: 2 }, { matchConditions })]);
  expect(await evaluateOn(set, requestOf({ type: 'HIDDEN' }), factsOf())).toMatchObject([{ action: 'pend' }]);
  expect(await evaluateOn(set, requestOf(), factsOf())).toMatchObject([
    { evaluation: 'notApplicable', action: 'none', conditions: [{ name: 'hidden', value: false }] },
  ]);
});

test.for([
  [{ approve: 0 }, 'expected number to be >=1'],
  [{ approve: 101 }, 'expected number to be <=100'],
  [{ approve: 1.5 }, 'expected int'],
  [{ approvers: { roles: [] } }, 'expected array to have >=1'],
  [{ approvers: { roles: ['moderator'] } }, 'channel_moderator'],
  [{ approvers: { roles: ['app_instance_admin', 'app_instance_admin'] } }, 'each role once'],
  [{ approvals: 1 }, 'approvals'],
] as const)('%j is refused: %s', ([params, message]) => {
  expect(() => bind(approval, params)).toThrow(message);
});
