import { describe, expect, test } from 'vitest';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { deny, requireApproval } from '../../src/policies/verdicts.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { bindingThat, decide, factsOf, policyThat, requestOf, RESTRICTED, evaluateOn } from './fixtures.ts';

const ignore = () => undefined;
const throwing = (thrown: unknown) => () => {
  throw thrown;
};
const unprintable = Object.assign(new Error('x'), { message: Object.create(null) as string });

const untilAborted: Parameters<typeof bindingThat>[0] = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });

/** The odd binding between two good ones, which see what they would see without it. */
async function amongOthers(odd: PolicyBinding) {
  const request = Object.freeze(requestOf());
  const facts = factsOf();
  const seen: unknown[] = [];
  const good = (name: string) =>
    bindingThat(
      async (asked, context) => {
        await new Promise(setImmediate);
        seen.push(structuredClone([asked, context.facts, context.params]));
        return { verdict: 'allow' };
      },
      { name },
    );
  const set = createPolicySet([good('first'), odd, good('last')], 'deny');
  const { decisions, composition } = await decide(set, request, facts);
  const declared = { channel: RESTRICTED, 'requester.role': 'outsider' };
  expect(seen).toEqual(Array.from({ length: 2 }, () => [requestOf(), declared, { limit: 1 }]));
  expect(decisions.map(({ binding }) => binding)).toEqual(['first', 'odd', 'last']);
  expect(decisions.filter(({ binding }) => binding !== 'odd').map(({ action }) => action)).toEqual(['admit', 'admit']);
  return { decision: decisions[1], composition };
}

describe('a policy that goes wrong is an error, denies, and troubles no other', () => {
  const wrongs: readonly (readonly [string, Parameters<typeof bindingThat>[0], RegExp])[] = [
    ['throws', throwing(new Error('broken')), /broken/],
    ['throws a text', throwing('broken'), /broken/],
    ['throws nothing', throwing(undefined), /undefined/],
    ['throws a symbol', throwing(Symbol('broken')), /broken/],
    ['throws what has no text', throwing(Object.create(null)), /could not decide/],
    ['throws an error whose message has no text', throwing(unprintable), /could not decide/],
    ['rejects', async () => throwing(new Error('later'))(), /later/],
    ['never settles', () => new Promise(ignore), /no answer within 20 ms/],
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
    ['answers what never settles', () => ({ then: ignore }), /no answer within 20 ms/],
    ['gives up when its time is up', untilAborted, /no answer within 20 ms/],
    ['answers nothing', ignore, /not a verdict/],
    ['answers true', () => true, /not a verdict/],
    ['answers "allow"', () => 'allow', /not a verdict/],
    ['promises nonsense', async () => ({ verdict: 'maybe' }), /not a verdict/],
    ['answers an error', () => new Error('allow'), /not a verdict/],
    ['says more than a verdict says', () => ({ verdict: 'allow', binding: 'privacy' }), /not a verdict/],
    [
      'asks too little',
      () => requireApproval({ approvers: { roles: ['channel_moderator'] }, approve: 0 }),
      /requirement\.approve: .*>=1/,
    ],
    [
      'misspells a field of a stage',
      () =>
        requireApproval({ stages: [{ approvers: { role: ['channel_moderator'] }, anyOf: [{ approve: 1 }] }] } as never),
      /requirement\.stages\.0\.approvers: .*"role"/,
    ],
    ['asks nothing', () => requireApproval({ stages: [] }), /requirement\.stages: .*>=1/],
    ['asks in words', () => requireApproval('two moderators' as never), /requirement: /],
    ['denies without a code', () => ({ verdict: 'deny', message: 'no' }), /not a verdict/],
    ['denies with a sentence as code', () => deny('not now', 'no'), /not a verdict/],
    ['asks for approval by nobody', () => approvals([], 1), /not a verdict/],
    ['asks for no approval', () => approvals(['channel_moderator'], 0), /not a verdict/],
    ['asks for half an approval', () => approvals(['channel_moderator'], 0.5), /not a verdict/],
    ['asks for approval by a stranger', () => approvals(['member'], 1), /the role member is unknown/],
    [
      'asks for approval by the name of a fact of the host',
      () => approvals(['moderators'], 1),
      /the role moderators is unknown/,
    ],
    ['changes the request it cannot change', (request) => Object.assign(Object.freeze(request), { type: 'X' }), /./],
  ];

  test.each(wrongs)('%s', async (_title, answer, message) => {
    const { decision, composition } = await amongOthers(bindingThat(answer, { timeoutMs: 20 }));
    expect(decision).toMatchObject({ evaluation: 'error', action: 'deny', code: 'POLICY_ERROR' });
    expect(decision?.message).toMatch(message);
    expect(composition).toMatchObject({ action: 'deny', reason: { code: 'POLICY_ERROR', binding: 'odd' } });
  });

  test('asks for a fact that was not read', async () => {
    const policy: Policy = { ...policyThat(() => ({ verdict: 'allow' })), facts: ['member.ban'] };
    const facts = factsOf();
    delete (facts as { 'member.ban'?: unknown })['member.ban'];
    const [decision] = await evaluateOn(createPolicySet([bind(policy)], 'deny'), requestOf(), facts);
    expect(decision).toMatchObject({
      evaluation: 'error',
      action: 'deny',
      message: expect.stringContaining('member.ban'),
    });
  });
});

test('a policy that scribbles over request, params and facts scribbles on its own copies', async () => {
  const scribbler = bindingThat((request, { params, facts }) => {
    Object.assign(request, { type: 'HIDDEN', memberArn: 'x' });
    Object.assign(params as object, { limit: 99 });
    Object.assign(facts.channel, { privacy: 'PUBLIC' });
    Object.assign(facts, { 'requester.role': 'admin' });
    return { verdict: 'allow' };
  });
  expect((await amongOthers(scribbler)).composition).toEqual({ action: 'admit' });
  expect(scribbler.params).toEqual({ limit: 1 });
});

test('a policy sees the facts that it declares and no others, and logs under the name of its binding', async () => {
  let names: string[] = [];
  const logged: unknown[] = [];
  const curious = bindingThat(
    (_request, { facts, log }) => {
      names = Object.keys(facts);
      log('hello');
      return { verdict: 'allow' };
    },
    { name: 'curious' },
  );
  await evaluateOn(createPolicySet([curious], 'deny'), requestOf(), factsOf(), (...line) => logged.push(line));
  expect(names).toEqual(['channel', 'requester.role']);
  expect(logged).toEqual([['curious', 'hello']]);
});

test('a policy that floods the log is cut off, and what it could not decide is logged all the same', async () => {
  const logged: unknown[][] = [];
  const flood = bindingThat((_request, { log }) => {
    for (let line = 0; line < 10_000; line += 1) log('x'.repeat(10_000));
    throw new Error('drowned');
  });
  const calm = bindingThat((_request, { log }) => log('still here'), { name: 'calm' });
  await evaluateOn(createPolicySet([flood, calm]), requestOf(), factsOf(), (...line) => logged.push(line));
  const byFlood = logged.filter(([name]) => name === 'odd');
  expect(byFlood.length).toBeLessThanOrEqual(25);
  expect(Math.max(...byFlood.map(([, text]) => String(text).length))).toBeLessThanOrEqual(500);
  expect(byFlood.at(-1)?.[1]).toContain('drowned');
  expect(logged).toContainEqual(['calm', 'still here']);
});

test('the signal of a policy is aborted when its time is up', async () => {
  let signal: AbortSignal | undefined;
  await amongOthers(
    bindingThat(
      (_request, context) => {
        signal = context.signal;
        return new Promise(ignore);
      },
      { timeoutMs: 5 },
    ),
  );
  expect(signal?.aborted).toBe(true);
});

function approvals(roles: readonly string[], approve: number) {
  return { verdict: 'requireApproval', requirement: { approvers: { roles }, approve } };
}
