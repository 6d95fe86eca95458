import { expect, test } from 'vitest';
import type { History } from '../../src/domain/facts.ts';
import { historyOf, NO_HISTORY } from '../../src/domain/history.ts';
import type { Listed } from '../../src/domain/history.ts';
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
  [{}, /nothing to do: give wait, afterDenial or oneOpenRequest/],
  [{ oneOpenRequest: false }, /nothing to do/],
  [{ afterDenial: '0d' }, /no time at all/],
  [{ wait: 'soon' }, /a duration such as/],
  [{ wait: '0d' }, /no time at all/],
  [{ wait: '30d' }, /not shorter than giveUpAfter/],
  [{ wait: '2h', giveUpAfter: '1h' }, /not shorter than giveUpAfter/],
])('%j is refused', (params, message) => {
  expect(() => bind(coolingOff, params)).toThrow(message);
});

async function saidOf(history: Partial<History>, params: object, purpose: 'join' | 'extend' = 'join') {
  const set = createPolicySet([bind(coolingOff, params)]);
  const facts = factsOf({ history: { ...NO_HISTORY, ...history } });
  const asking = { purpose, requestedAt: REQUESTED, now: REQUESTED };
  const [decision] = await evaluateOn(set, requestOf(), facts, () => undefined, asking);
  return decision;
}

const at = (hours: number) => later(hours * 3_600_000).toISOString();
const AN_HOUR_AGO = at(-1);
const AFTER = { evaluation: 'deny', code: 'COOLING_OFF_AFTER_DENIAL' };

test('after a denial nobody is asked again for a while; whose it was is told to nobody else', async () => {
  const mine = await saidOf({ lastDeniedAt: AN_HOUR_AGO, lastOwnDeniedAt: AN_HOUR_AGO }, { afterDenial: '7d' });
  expect(mine).toMatchObject(AFTER);
  expect(mine?.visibility ?? 'full').toBe('full');
  expect(JSON.stringify(mine)).toContain(new Date(Date.parse(AN_HOUR_AGO) + 7 * DAY_MS).toISOString());
  expect(await saidOf({ lastDeniedAt: AN_HOUR_AGO }, { afterDenial: '7d' })).toMatchObject({
    ...AFTER,
    visibility: 'opaque',
  });
  expect(await saidOf({ lastDeniedAt: AN_HOUR_AGO }, { afterDenial: '1h' })).toMatchObject({
    evaluation: 'notApplicable',
  });
  expect(await saidOf({}, { afterDenial: '7d' })).toMatchObject({ evaluation: 'notApplicable' });
  expect(await saidOf({ lastDeniedAt: AN_HOUR_AGO }, { afterDenial: '7d' }, 'extend')).toMatchObject({
    evaluation: 'notApplicable',
  });
});

test('of open requests for one member, those after the first are denied', async () => {
  const lost = { evaluation: 'deny', code: 'OTHER_REQUEST_OPEN', visibility: 'opaque' };
  expect(await saidOf({ open: 2, openBefore: 1 }, { oneOpenRequest: true })).toMatchObject(lost);
  expect(await saidOf({ open: 2 }, { oneOpenRequest: true })).toMatchObject({ evaluation: 'notApplicable' });
  expect(await saidOf({ open: 2, openBefore: 1 }, { wait: '1d' })).toMatchObject({ evaluation: 'defer' });
});

test('what is listed comes to counts and times: every request but the own, and no denial for being asked again', () => {
  const open = { state: 'pending', outcome: null, code: null, closedAt: null };
  const denied = { state: 'closed', outcome: 'denied', code: 'REVIEW_DENIED' };
  const listed: Listed[] = [
    { ...open, id: 'b', runId: '1', requestedAt: at(0) },
    { ...open, id: 'a', runId: '2', requestedAt: at(0) },
    { ...open, id: 'c', runId: '3', requestedAt: at(0) },
    { ...open, id: 'd', runId: '4', requestedAt: at(-1), state: 'active' },
    { ...denied, id: 'b', runId: '5', requestedAt: at(-9), closedAt: at(-8) },
    { ...denied, id: 'e', runId: '6', requestedAt: at(-9), closedAt: at(-7) },
    { ...denied, id: 'f', runId: '8', requestedAt: at(-2), closedAt: at(-2), code: 'OUTSIDER_INVITES' },
    { ...denied, id: 'e', runId: '7', requestedAt: at(-2), closedAt: at(-2), code: 'OTHER_REQUEST_OPEN' },
  ];
  const history = historyOf(listed, { id: 'b', runId: '1', requestedAt: at(0) });
  expect(history).toMatchObject({ open: 2, openBefore: 1, denied: 2, isListed: true });
  expect(history).toMatchObject({ lastDeniedAt: at(-7), lastOwnDeniedAt: at(-8) });
  expect(historyOf(listed.slice(1), { id: 'b', runId: '1', requestedAt: at(0) }).isListed).toBe(false);
});
