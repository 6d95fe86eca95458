import { expect, test } from 'vitest';
import { concludeFrom } from '../../src/domain/conclusion.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { term } from '../../src/policies/term.ts';
import { evaluateOn, factsOf, requestOf } from './fixtures.ts';

const MAX = { max: '90d' };

async function said(params: object, asked?: string, purpose: 'join' | 'extend' = 'join') {
  const request = requestOf(asked === undefined ? {} : { term: asked });
  const set = createPolicySet([bind(term, params)]);
  const [decision] = await evaluateOn(set, request, factsOf(), () => undefined, { purpose });
  return decision;
}

test.each([undefined, '1s', '90d', '2160h'])(
  'a term of %s is within the limit, which goes with the verdict',
  async (asked) => {
    const limit = { max: '90d', remind: ['7d', '1d'] };
    expect(await said(MAX, asked)).toMatchObject({ evaluation: 'notApplicable', action: 'none', term: limit });
  },
);

test.each(['91d', '2161h', '999999999d'])('a term of %s is too long', async (asked) => {
  const message = 'A membership may last at most 90d here.';
  expect(await said(MAX, asked)).toMatchObject({ action: 'deny', code: 'TERM_TOO_LONG', field: 'term', message });
});

test('where a term has to be named, none is refused', async () => {
  const required = { ...MAX, required: true };
  expect(await said(required)).toMatchObject({ action: 'deny', code: 'TERM_REQUIRED', field: 'term' });
  expect(await said(required, '30d')).toMatchObject({ evaluation: 'notApplicable' });
});

test('extensions have the same limit', async () => {
  expect(await said(MAX, '100d', 'extend')).toMatchObject({ code: 'TERM_TOO_LONG' });
  expect(await said(MAX, '80d', 'extend')).toMatchObject({ evaluation: 'notApplicable' });
});

test('of several limits the shortest counts, with the reminders of all that are enforced', async () => {
  const day = 86_400_000;
  const bindings = [
    bind(term, { max: '90d', remind: ['7d'] }, { name: 'long' }),
    bind(term, { max: '30d', remind: ['1d'] }, { name: 'short' }),
    bind(term, { max: '1d' }, { name: 'tried', enforcement: 'Audit' }),
  ];
  const decisions = await evaluateOn(createPolicySet(bindings), requestOf(), factsOf());
  const answered = { request: requestOf(), purpose: 'join' as const, decisions, facts: factsOf() };
  const { term: limit } = concludeFrom({ ...answered, defaultVerdict: 'deny' });
  expect(limit).toEqual({ limitMs: 30 * day, remindMs: [7 * day, day] });
});

test.each<[object, RegExp]>([
  [{}, /expected string/],
  [{ max: 'long' }, /a duration such as/],
  [{ max: '0d' }, /no time at all/],
  [{ max: '1d', remind: ['1 day'] }, /a duration such as/],
])('%j is refused', (params, message) => {
  expect(() => bind(term, params)).toThrow(message);
});
