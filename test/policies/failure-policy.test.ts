import { describe, expect, test } from 'vitest';
import { Requirement } from '../../src/schemas/requirement.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { bindingThat, decide, factsOf, requestOf, evaluateOn } from './fixtures.ts';

const throwing = () => {
  throw new Error('broken');
};

describe('what an error does', () => {
  const actions = { Fail: 'deny', Ignore: 'none', Escalate: 'pend' } as const;
  const table = (['Fail', 'Ignore', 'Escalate'] as const).flatMap((failurePolicy) =>
    (['Enforce', 'Warn', 'Audit'] as const).map((enforcement) => ({
      failurePolicy,
      enforcement,
      action: enforcement === 'Enforce' ? actions[failurePolicy] : 'none',
    })),
  );

  test.each(table)('$enforcement, $failurePolicy: $action', async ({ failurePolicy, enforcement, action }) => {
    const set = createPolicySet([bindingThat(throwing, { failurePolicy, enforcement })], 'deny');
    const { decisions, composition } = await decide(set, requestOf(), factsOf());
    expect(decisions).toMatchObject([{ evaluation: 'error', enforcement, action }]);
    expect(composition.action).toBe(action === 'pend' ? 'pend' : 'deny');
  });

  test('Escalate asks for one approval by a moderator or an admin', async () => {
    const set = createPolicySet([bindingThat(throwing, { failurePolicy: 'Escalate' })], 'deny');
    const { composition } = await decide(set, requestOf(), factsOf());
    const approvers = { roles: ['channel_moderator', 'app_instance_admin'] };
    expect(composition).toEqual({
      action: 'pend',
      requirements: [{ binding: 'odd', ...Requirement.parse({ approvers, approve: 1 }) }],
    });
  });

  test('Off is not even asked', async () => {
    let asked = false;
    const off = bindingThat(() => (asked = true), { enforcement: 'Off' });
    expect(await evaluateOn(createPolicySet([off], 'deny'), requestOf(), factsOf())).toEqual([]);
    expect(asked).toBe(false);
  });
});
