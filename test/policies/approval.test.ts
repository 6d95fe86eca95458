import { expect, test } from 'vitest';
import { Requirement } from '../../src/schemas/requirement.ts';
import { approval } from '../../src/policies/approval.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { programOf } from './cel/cel.ts';
import { bot, decide, evaluateOn, factsOf, requestOf, user } from './fixtures.ts';

const BOTH = ['channel_moderator', 'app_instance_admin'];

/** Every field of a requirement. */
const LADDER = [
  {
    name: 'moderators',
    approvers: { roles: ['channel_moderator'], users: [user('olga')], exclude: [user('max')] },
    anyOf: [
      { approve: 2, deny: 2 },
      { approve: 1, approvers: { expression: "reviewer.id == 'mona'" } },
    ],
    fallback: { roles: ['app_instance_admin'] },
    outcomeIfNoApprovers: 'approve',
    dueIn: '5d',
    timedActions: [
      { at: '1d', do: 'remind' },
      { at: '2d', do: 'escalate', to: { roles: ['app_instance_admin'] }, instead: true },
      { at: '5d', do: 'deny' },
    ],
    justification: 'required',
  },
  { name: 'admins', approvers: { roles: ['app_instance_admin'] }, anyOf: [{ approve: 1 }] },
];

test.for([
  [{}, { approve: 1, approvers: { roles: BOTH } }],
  [{ approve: 2 }, { approve: 2, approvers: { roles: BOTH } }],
  [{ approvers: { roles: ['app_instance_admin'] } }, { approve: 1, approvers: { roles: ['app_instance_admin'] } }],
  [{ stages: LADDER }, { stages: LADDER }],
] as const)('with %j it asks for %j', async ([params, requirement]) => {
  const { composition } = await decide(createPolicySet([bind(approval, params)]), requestOf(), factsOf());
  const asked = Requirement.parse(requirement);
  expect(composition).toEqual({ action: 'pend', requirements: [{ binding: 'approval', ...asked }] });
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
  [{ approvers: { roles: ['a role'] } }, 'channel_moderator'],
  [{ approvers: {} }, 'users, roles or an expression'],
  [{ approvers: { users: [bot('helper')] } }, 'the ARN of a user'],
  [{ approvers: { expression: 'reviewer.name == 1' } }, 'unknown field reviewer.name'],
  [{ approvers: { expression: 'facts.channel.elastic' } }, 'unknown name facts'],
  [{ stages: [] }, 'expected array to have >=1'],
  [{ stages: [LADDER[1]], approve: 1 }, 'approve does nothing beside stages'],
  [{ stages: [{ ...LADDER[1], timedActions: [{ at: '1d', do: 'shout' }] }] }, 'Invalid discriminator'],
  [{ approvers: { roles: ['app_instance_admin', 'app_instance_admin'] } }, 'each role once'],
  [{ approvals: 1 }, 'approvals'],
] as const)('%j is refused: %s', ([params, message]) => {
  expect(() => bind(approval, params)).toThrow(message);
});
