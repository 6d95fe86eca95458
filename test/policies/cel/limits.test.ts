import { expect, test } from 'vitest';
import { valueOf } from './cel.ts';

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

test('all loops together take at most 100,000 steps', () => {
  const steps = 'more than 100000 steps';
  const pairs = 'params.list.all(x, params.list.all(y, x + y >= 0))';
  expect(valueOf(pairs, { params: { list: numbers(315) } })).toBe(true);
  expect(valueOf(pairs, { params: { list: numbers(316) } })).toContain(steps);
  const twice = `${pairs} && ${pairs}`;
  expect(valueOf(twice, { params: { list: numbers(250) } })).toContain(steps);
});

test('a pattern that takes other engines for ever is quick', () => {
  const reason = `${'a'.repeat(1_000)}!`;
  const startedAt = performance.now();
  for (const pattern of ['^(a+)+$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
    expect(valueOf(`params.reason.matches('${pattern}')`, { params: { reason } })).toBe(false);
  }
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('what is nested too deep is an error', () => {
  let deep: unknown = 1;
  for (let index = 0; index < 60; index += 1) deep = [deep];
  expect(valueOf('size(params) > 0', { params: deep })).toContain('nested deeper than 50');
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(valueOf('has(params.self)', { params: circle })).toContain('nested deeper than 50');
});
