import { describe, expect, test } from 'vitest';
import type { InputSchema } from '../../src/domain/input-schema.ts';
import { checkedAnswers } from '../../src/json-schema/bounded.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { screening } from '../../src/policies/screening.ts';
import { evaluateOn, factsOf, requestOf } from './fixtures.ts';

const PARAMS = {
  rules: ['Be kind.', 'What is said here stays here.'],
  questions: [
    { id: 'why', question: 'Why do you want to join?', type: 'text', maxLength: 20 },
    { id: 'team', question: 'Which team?', type: 'choice', options: ['blue', 'green'], accept: ['blue'] },
    { id: 'adult', question: 'Are you 18 or older?', type: 'yesno', accept: ['yes'] },
    { id: 'more', question: 'Anything else?', type: 'text', required: false },
  ],
};
const GOOD = { rules: true, why: 'for the music', team: 'blue', adult: 'yes' };

async function said(params: object, answers?: Record<string, unknown>, purpose: 'join' | 'extend' = 'join') {
  const set = createPolicySet([bind(screening, params)]);
  const asking = { purpose, answers: answers ? { screening: answers } : {} };
  const [decision] = await evaluateOn(set, requestOf(), factsOf(), () => undefined, asking);
  return decision;
}

async function schemaOf(params: object): Promise<InputSchema> {
  const { schema } = (await said(params)) ?? {};
  if (!schema) throw new Error('nothing is asked');
  return schema;
}

describe('first it asks', () => {
  test('for the rules and every question, in a schema that people can be shown', async () => {
    const asked = await said(PARAMS);
    expect(asked).toMatchObject({
      evaluation: 'requireInput',
      action: 'ask',
      prompt: 'Please answer this first.',
      expiresIn: '7d',
    });
    expect(asked?.schema).toEqual({
      type: 'object',
      properties: {
        rules: {
          type: 'boolean',
          const: true,
          title: 'I accept the rules',
          description: '1. Be kind.\n2. What is said here stays here.',
        },
        why: { type: 'string', title: 'Why do you want to join?', minLength: 1, maxLength: 20 },
        team: { type: 'string', title: 'Which team?', enum: ['blue', 'green'] },
        adult: { type: 'string', title: 'Are you 18 or older?', enum: ['yes', 'no'] },
        more: { type: 'string', title: 'Anything else?', maxLength: 1_000 },
      },
      required: ['rules', 'why', 'team', 'adult'],
      additionalProperties: false,
    });
  });

  test('prompt and time are the params', async () => {
    const params = { rules: ['Be kind.'], prompt: 'Welcome!', expiresIn: '2h' };
    expect(await said(params)).toMatchObject({ prompt: 'Welcome!', expiresIn: '2h' });
  });

  test.each<[string, Record<string, unknown>, string | undefined]>([
    ['all that is needed', GOOD, undefined],
    ['also what is not', { ...GOOD, more: '' }, undefined],
    ['rules that are not accepted', { ...GOOD, rules: false }, 'answers.rules'],
    ['rules accepted in words', { ...GOOD, rules: 'yes' }, 'answers.rules'],
    ['no rules', { ...GOOD, rules: undefined }, 'answers.rules'],
    ['nothing said', { ...GOOD, why: '' }, 'answers.why'],
    ['too much said', { ...GOOD, why: 'x'.repeat(21) }, 'answers.why'],
    ['another choice', { ...GOOD, team: 'red' }, 'answers.team'],
    ['neither yes nor no', { ...GOOD, adult: true }, 'answers.adult'],
    ['what was not asked', { ...GOOD, admin: true }, 'answers.admin'],
  ])('its schema judges %s', async (_title, answers, field) => {
    const checked = await checkedAnswers(await schemaOf(PARAMS), answers);
    expect(checked.ok ? undefined : checked.field).toBe(field);
  });
});

describe('with answers', () => {
  test('that are good it has no objection', async () => {
    expect(await said(PARAMS, GOOD)).toMatchObject({ evaluation: 'notApplicable', action: 'none' });
  });

  test.each([
    ['adult', { ...GOOD, adult: 'no' }, 'Are you 18 or older?'],
    ['team', { ...GOOD, team: 'green' }, 'Which team?'],
  ])('to %s that do not let in it denies, and names the question, not the answer', async (_id, answers, question) => {
    const denied = await said(PARAMS, answers);
    expect(denied).toMatchObject({ action: 'deny', code: 'SCREENING_FAILED', visibility: 'full' });
    expect(denied?.message).toBe(`The answer to this question does not let in: ${question}`);
  });

  test('a text lets in whatever blanks are around it', async () => {
    const password = [{ id: 'word', question: 'The password?', type: 'text', accept: ['sesame'] }];
    expect(await said({ questions: password }, { word: ' sesame ' })).toMatchObject({ evaluation: 'notApplicable' });
    expect(await said({ questions: password }, { word: 'sesam' })).toMatchObject({ code: 'SCREENING_FAILED' });
  });

  test('which question failed is told to few, if the params say so', async () => {
    expect(await said({ ...PARAMS, visibility: 'opaque' }, { ...GOOD, adult: 'no' })).toMatchObject({
      visibility: 'opaque',
    });
  });

  test('an answer that may be left out cannot keep out', async () => {
    const questions = [{ id: 'why', question: 'Why?', type: 'yesno', required: false, accept: ['yes'] }];
    expect(await said({ questions }, {})).toMatchObject({ evaluation: 'notApplicable' });
  });

  test('to other questions, as before the params changed, it asks again', async () => {
    expect(await said(PARAMS, { rules: true })).toMatchObject({ action: 'ask' });
  });
});

test('who stays longer is not asked again', async () => {
  expect(await said(PARAMS, undefined, 'extend')).toMatchObject({ evaluation: 'notApplicable' });
});

const question = (more: object) => ({ questions: [{ id: 'a', question: 'What?', type: 'text', ...more }] });

test.each<[object, RegExp]>([
  [{}, /rules or questions must ask something/],
  [{ rules: ['two\nlines'] }, /one line/],
  [{ ...question({}), rules: ['Be kind.'], expiresIn: '0s' }, /no time at all/],
  [question({ id: 'First' }), /a name such as team/],
  [question({ type: 'choice' }), /is missing/],
  [question({ options: ['a', 'b'] }), /options does nothing without type: choice/],
  [question({ type: 'choice', options: ['a', 'a'] }), /there is another a/],
  [question({ type: 'choice', options: ['a', 'b'], accept: ['c'] }), /one of a, b/],
  [question({ type: 'yesno', accept: ['maybe'] }), /one of yes, no/],
  [question({ type: 'yesno', accept: [true] }), /expected string/],
  [question({ type: 'yesno', maxLength: 3 }), /maxLength does nothing without type: text/],
  [{ rules: ['Be kind.'], questions: [{ id: 'rules', question: 'What?', type: 'text' }] }, /there is another rules/],
  [{ questions: [question({}).questions[0], question({}).questions[0]] }, /there is another a/],
  [
    {
      questions: Array.from({ length: 20 }, (_, index) => ({
        id: `q${index}`,
        question: 'What?',
        type: 'choice',
        options: Array.from({ length: 50 }, (_option, at) => `${at} ${'x'.repeat(100)}`),
      })),
    },
    /it asks too much: at most 20,000 characters/,
  ],
])('%j is refused', (params, message) => {
  expect(() => bind(screening, params)).toThrow(message);
});
