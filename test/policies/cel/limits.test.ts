import { expect, test } from 'vitest';
import { user } from '../fixtures.ts';
import { valueOf } from './cel.ts';
import { cpuTimeOf } from '../../support/cpu-time.ts';

const numbers = (length: number) => Array.from({ length }, (_, index) => index);

test('a list has at most 1,000 elements, wherever it stands', () => {
  const long = 'at most 1000 are allowed';
  expect(valueOf('size(facts.moderators)', { facts: { moderators: numbers(1_000) } })).toBe(1_000);
  expect(valueOf('size(facts.moderators)', { facts: { moderators: numbers(1_001) } })).toContain(long);
  expect(valueOf('size(params.a.b[0])', { params: { a: { b: [numbers(1_001)] } } })).toContain(long);
  const params = { list: numbers(600) };
  expect(valueOf('(params.list + params.list).all(x, x >= 0)', { params })).toContain(long);
  expect(
    valueOf('params.all(k, k != "")', { params: Object.fromEntries(numbers(1_001).map((n) => [n, n])) }),
  ).toContain(long);
});

const chain = (times: number) => `["${'a'.repeat(100)}"]${'.map(x, x + x)'.repeat(times)}`;
const many = '.map(x, [x, x, x, x, x, x, x, x, x, x])';

test.each<[what: string, source: string]>([
  ['texts that double', `${chain(22)}.exists(x, x.size() > 5)`],
  ['their search', `${chain(20)}.exists(x, x.contains("b"))`],
  ['patterns over them', `${chain(18)}.exists(x, x.matches("^(a+)+$"))`],
  ['bytes that double', `[b"aaaa"]${'.map(x, x + x)'.repeat(26)}.exists(x, x.size() > 5)`],
  ['their making', `${chain(19)}.exists(x, bytes(x).size() > 5)`],
  ['a list in a list that is compared', `[1]${many.repeat(9)}.exists(x, x == [x])`],
  ['a list in a list that is searched', `[1]${many.repeat(9)}.exists(x, 7 in x)`],
  [
    'maps in maps',
    `[1]${'.map(x, {"a": x, "b": x, "c": x})'.repeat(16)}.map(x, [x, x]).exists(x, x[0] == x[1] && x == [1])`,
  ],
  ['a big number', 'int(params.digits) > 1'],
  ['loops', 'params.list.all(x, params.list.all(y, x + y >= 0))'],
  ['what no other part makes up for', 'params.list.all(x, params.list.all(y, x + y >= 0)) || true'],
])('%s: counted before it is done', (_what, source) => {
  const params = { list: numbers(400), digits: '9'.repeat(20_000) };
  const before = process.memoryUsage().rss;
  expect(valueOf(source, { params })).toContain('it costs more than 1000000');
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
});

test('what people write costs far less', () => {
  const params = { list: numbers(250) };
  expect(valueOf('params.list.all(x, params.list.all(y, x + y >= 0))', { params })).toBe(true);
  const moderators = numbers(1_000).map((n) => user(`m${n}`));
  expect(valueOf('facts.moderators.filter(m, m.matches(".*/user/m9+$")).size()', { facts: { moderators } })).toBe(3);
  expect(valueOf('facts.moderators.all(m, now.getHours("Europe/Berlin") < 24)', { facts: { moderators } })).toBe(true);
});

test('a pattern that takes other engines for ever is quick', () => {
  const reason = `${'a'.repeat(1_000)}!`;
  const spent = cpuTimeOf(() => {
    for (const pattern of ['^(a+)+$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
      expect(valueOf(`params.reason.matches('${pattern}')`, { params: { reason } })).toBe(false);
    }
  });
  expect(spent).toBeLessThan(2_000);
});

test('what is nested too deep is an error', () => {
  let deep: unknown = 1;
  for (let index = 0; index < 60; index += 1) deep = [deep];
  expect(valueOf('size(params) > 0', { params: deep })).toContain('nested deeper than 50');
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(valueOf('has(params.self)', { params: circle })).toContain('nested deeper than 50');
});
