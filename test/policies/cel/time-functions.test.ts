import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { valueOf } from './cel.ts';

const FIELDS =
  '[now.getFullYear(), now.getMonth(), now.getDate(), now.getDayOfMonth(), now.getDayOfWeek(), now.getDayOfYear(), now.getHours(), now.getMinutes(), now.getSeconds(), now.getMilliseconds()]';

test('fields of a time are those of UTC, or of the zone that is named', () => {
  const now = new Date('2026-03-29T02:30:15.250Z');
  expect(valueOf(FIELDS, { now })).toEqual([2026, 2, 29, 28, 0, 87, 2, 30, 15, 250]);
  const there = FIELDS.replaceAll('()', '("Asia/Kathmandu")');
  expect(valueOf(there, { now })).toEqual([2026, 2, 29, 28, 0, 87, 8, 15, 15, 250]);
  expect(valueOf(FIELDS.replaceAll('()', '("-12:45")'), { now })).toEqual([2026, 2, 28, 27, 6, 86, 13, 45, 15, 250]);
  expect(valueOf('now.getMilliseconds("Europe/Berlin")', { now: new Date(-750) })).toBe(250);
});

test('the summer time of the machine plays no part', () => {
  // 02:30 does not exist in Berlin on this day, and most of the summer days are one short after midnight.
  const script = `
    import { compileCel } from ${JSON.stringify(new URL('../../../src/policies/cel/compile.ts', import.meta.url).href)};
    const at = (source, now) => compileCel(source, { facts: [] }).program.evaluate({ request: {}, facts: {}, now: new Date(now) }).value;
    console.log(JSON.stringify([at('now.getHours()', '2026-03-29T02:30:00Z'), at('now.getDayOfYear()', '2026-07-01T00:30:00Z')]));
  `;
  const env = { ...process.env, TZ: 'Europe/Berlin' };
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual([2, 181]);
});
