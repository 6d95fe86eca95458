import { expect, test } from 'vitest';
import { ZodError } from 'zod';
import type { JoinRequest } from '../../src/domain/request.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import { Verdict } from '../../src/schemas/verdict.ts';
import { askedNow, runPolicy } from '../../src/policies/run-policy.ts';
import { bind, factsOf as factsOfBinding } from '../../src/policies/binding.ts';
import { expression } from '../../src/policies/expression.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { NOW } from './cel/cel.ts';
import { evaluateOn, factsOf, requestOf, user } from './fixtures.ts';

async function answerTo(params: object, request: JoinRequest = requestOf(), facts = factsOf()) {
  const lines: string[] = [];
  const log = (_binding: string, message: string) => void lines.push(message);
  const answer = await runPolicy(bind(expression, params), { request, facts, now: NOW, log, ...askedNow(NOW) });
  return { answer, lines };
}

const T = 'request.type == "DEFAULT"';
const F = 'request.type == "HIDDEN"';

test.for([
  [{ denyWhen: T, requireApprovalWhen: T, allowWhen: T }, 'deny'],
  [{ denyWhen: F, requireApprovalWhen: T, allowWhen: T }, 'requireApproval'],
  [{ denyWhen: F, requireApprovalWhen: F, allowWhen: T }, 'allow'],
  [{ denyWhen: F, requireApprovalWhen: F, allowWhen: F }, 'notApplicable'],
  [{ allowWhen: T }, 'allow'],
  [{ denyWhen: F }, 'notApplicable'],
  // An error that comes after the deciding condition is not met.
  [{ denyWhen: T, allowWhen: 'request.reason == "x"' }, 'deny'],
] as const)('%j gives %s', async ([params, verdict]) => {
  const { answer } = await answerTo(params);
  expect(answer).toMatchObject({ verdict });
  expect(Verdict.safeParse(answer).success).toBe(true);
});

test.for([
  ['1'],
  ['"true"'],
  ['null'],
  ['[]'],
  ['[true]'],
  ['request.type'],
  ['facts.bearer.role'],
  ['true == 1 ? 1 : 1.0'],
])('%s counts neither as true nor as false', async ([source]) => {
  for (const condition of ['denyWhen', 'requireApprovalWhen', 'allowWhen']) {
    const { answer } = await answerTo({ [condition]: source });
    expect(answer).toEqual(new Error(`${condition} gives no boolean`));
  }
});

test('an error is an error of the policy, in each place, and never an allow', async () => {
  for (const condition of ['denyWhen', 'requireApprovalWhen', 'allowWhen']) {
    const params = { [condition]: 'request.reason == "x"' };
    const { answer } = await answerTo(params);
    expect(answer).toEqual(new Error(`${condition}: field not found: reason`));
    expect(await evaluateOn(createPolicySet([bind(expression, params)]), requestOf(), factsOf())).toMatchObject([
      { evaluation: 'error', action: 'deny', code: 'POLICY_ERROR' },
    ]);
  }
});

test('the parts of a denial and of a requirement', async () => {
  const deny = { denyWhen: T, code: 'NO_DEFAULT', message: 'Ask for HIDDEN.', visibility: 'opaque' };
  expect((await answerTo(deny)).answer).toMatchObject({
    code: 'NO_DEFAULT',
    message: 'Ask for HIDDEN.',
    visibility: 'opaque',
  });
  expect((await answerTo({ denyWhen: `request.type\n   ==  "DEFAULT"` })).answer).toMatchObject({
    code: 'EXPRESSION',
    message: 'failed: request.type == "DEFAULT"',
    visibility: 'full',
  });
  const two = { requireApprovalWhen: T, approve: 2, approvers: { roles: ['app_instance_admin'] } };
  expect((await answerTo(two)).answer).toMatchObject({
    requirement: Requirement.parse({ approve: 2, approvers: { roles: ['app_instance_admin'] } }),
  });
  expect((await answerTo({ requireApprovalWhen: T })).answer).toMatchObject({
    requirement: Requirement.parse({ approve: 1, approvers: { roles: ['channel_moderator', 'app_instance_admin'] } }),
  });
});

test('a message may be made for the request', async () => {
  const messageExpression = '"the channel is " + facts.channel.privacy + " for a " + facts.requester.role';
  const { answer, lines } = await answerTo({ denyWhen: T, messageExpression });
  expect(answer).toMatchObject({ message: 'the channel is PRIVATE for a outsider' });
  expect(lines).toEqual([]);
});

test.for([
  ['""', 'no text of one line'],
  ['"  "', 'no text of one line'],
  ['1', 'no text of one line'],
  ['"a\\nb"', 'no text of one line'],
  [`"${'x'.repeat(1_025)}"`, 'no text of one line'],
  ['request.reason', 'field not found: reason'],
])(
  'a message that cannot be made (%s) gives way to the fixed one, and to the expression',
  async ([source = '', why]) => {
    const fixed = await answerTo({ denyWhen: T, messageExpression: source, message: 'No.' });
    expect(fixed.answer).toMatchObject({ verdict: 'deny', message: 'No.' });
    expect(fixed.lines).toEqual([expect.stringContaining(why ?? '')]);
    const { answer } = await answerTo({ denyWhen: T, messageExpression: source });
    expect(answer).toMatchObject({ message: `failed: ${T}` });
  },
);

test('a long expression as the message is cut', async () => {
  const { answer } = await answerTo({ denyWhen: `"${'x'.repeat(2_000)}" != ""` });
  expect(answer).toMatchObject({ verdict: 'deny' });
});

test('the tree of each condition that was looked at is in the verdict', async () => {
  const { answer } = await answerTo({ denyWhen: F, allowWhen: 'facts.requester.role == "outsider"' });
  expect(answer).toMatchObject({
    explain: {
      text: 'expression',
      value: 'allowWhen',
      children: [
        { text: 'denyWhen', value: false, children: [{ text: F, value: false }] },
        {
          text: 'allowWhen',
          value: true,
          children: [{ children: [{ text: 'facts.requester.role', value: 'outsider' }] }],
        },
      ],
    },
  });
});

test('it reads just the facts of its expressions, the message included', () => {
  const binding = bind(expression, {
    denyWhen: 'facts.channel.elastic && facts.on.call.names == []',
    allowWhen: 'facts.channel.privacy == "PUBLIC"',
    messageExpression: 'facts.requester.role',
    facts: ['on.call', 'not.used'],
  });
  expect(factsOfBinding(binding).toSorted()).toEqual(['channel', 'on.call', 'requester.role']);
});

test('facts of other policies are read by the names given', async () => {
  const fact = { value: { names: [user('alice')] }, source: 'test', readAt: NOW.toISOString() };
  const params = { allowWhen: 'request.memberArn in facts.onCall.names', facts: ['onCall'] };
  const { answer } = await answerTo(params, requestOf(), { ...factsOf(), onCall: fact });
  expect(answer).toMatchObject({ verdict: 'allow' });
});

test.for([
  [{}, [], 'one of denyWhen, requireApprovalWhen, allowWhen is needed'],
  [{ allowWhen: T, code: 'NO' }, ['code'], 'code does nothing without denyWhen'],
  [{ allowWhen: T, visibility: 'full' }, ['visibility'], 'visibility does nothing without denyWhen'],
  [{ denyWhen: T, approve: 2 }, ['approve'], 'approve does nothing without requireApprovalWhen'],
  [{ denyWhen: 'request.typ == "x"' }, ['denyWhen'], 'did you mean request.type?'],
  [{ denyWhen: T, messageExpression: 'nobody' }, ['messageExpression'], 'unknown name nobody'],
  [{ allowWhen: 'facts.onCall' }, ['allowWhen'], 'unknown fact onCall'],
  [{ allowWhen: 'params.x' }, ['allowWhen'], 'unknown name params.x'],
  [{ allowWhen: '' }, ['allowWhen'], 'syntax error'],
  [{ denyWhen: T, code: 'no' }, ['code'], 'such as NOT_ON_CALL'],
  [{ denyWhen: T, message: 'a\nb' }, ['message'], 'one line'],
  [{ denyWhen: T, facts: ['On Call'] }, ['facts', 0], 'the name of a fact'],
] as const)('%j is refused, with its place', ([params, path, message]) => {
  let thrown: unknown;
  try {
    bind(expression, params);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof ZodError)) throw new Error('it is accepted');
  expect(thrown.issues).toMatchObject([{ path, message: expect.stringContaining(message) as string }]);
});
