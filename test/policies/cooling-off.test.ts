import { expect, test } from 'vitest';
import { bind } from '../../src/policies/binding.ts';
import { coolingOff } from '../../src/policies/cooling-off.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { evaluateOn, factsOf, requestOf } from './fixtures.ts';

const REQUESTED = new Date('2026-11-23T12:00:00.000Z');
const later = (ms: number) => new Date(REQUESTED.getTime() + ms);
const DAY_MS = 86_400_000;

async function said(now: Date, params: object = { wait: '1d' }, purpose: 'join' | 'extend' = 'join') {
  const set = createPolicySet([bind(coolingOff, params)]);
  const asking = { purpose, requestedAt: REQUESTED, now };
  const [decision] = await evaluateOn(set, requestOf(), factsOf(), () => undefined, asking);
  return decision;
}

test.each([0, 1, DAY_MS - 1])('%d ms after the request it says when to ask again', async (ms) => {
  const until = later(DAY_MS).toISOString();
  expect(await said(later(ms))).toMatchObject({ evaluation: 'defer', action: 'defer', until, giveUpAfter: '30d' });
});

test.each([DAY_MS, 2 * DAY_MS])('%d ms after it there is no objection', async (ms) => {
  expect(await said(later(ms))).toMatchObject({ evaluation: 'notApplicable', action: 'none' });
});

test('it gives up when it is told to', async () => {
  expect(await said(REQUESTED, { wait: '1h', giveUpAfter: '2h' })).toMatchObject({ giveUpAfter: '2h' });
});

test('who stays longer does not wait', async () => {
  expect(await said(REQUESTED, { wait: '1d' }, 'extend')).toMatchObject({ evaluation: 'notApplicable' });
});

test.each<[object, RegExp]>([
  [{}, /expected string/],
  [{ wait: 'soon' }, /a duration such as/],
  [{ wait: '0d' }, /no time at all/],
  [{ wait: '30d' }, /not shorter than giveUpAfter/],
  [{ wait: '2h', giveUpAfter: '1h' }, /not shorter than giveUpAfter/],
])('%j is refused', (params, message) => {
  expect(() => bind(coolingOff, params)).toThrow(message);
});
