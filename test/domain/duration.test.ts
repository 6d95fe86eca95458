import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { DURATION, durationMs, durationText, isDuration, MAX_DURATION_MS } from '../../src/domain/duration.ts';
import { Duration, PositiveDuration } from '../../src/schemas/fields.ts';
import { parseJoinRequest } from '../../src/domain/request.ts';
import { valueOf } from '../policies/cel/cel.ts';

test.each([
  ['0ms', 0],
  ['500ms', 500],
  ['15s', 15_000],
  ['90m', 5_400_000],
  ['24h', 86_400_000],
  ['3650d', MAX_DURATION_MS],
])('%s are %i ms', (text, ms) => {
  expect([Duration.safeParse(text).success, durationMs(text)]).toEqual([true, ms]);
});

test.each(['', '5', 'd', '-1d', '1.5h', '1 d', '1w', '3651d', '999999999d', '87601h'])('%j is no duration', (text) => {
  for (const schema of [Duration, PositiveDuration]) {
    expect(schema.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([DURATION]);
  }
});

test('a term that no calendar can hold is refused with the field', () => {
  const home = 'arn:aws:chime:us-east-1:111122223333:app-instance/x';
  const request = { channelArn: `${home}/channel/board`, memberArn: `${home}/user/alice` };
  expect(parseJoinRequest({ ...request, term: '90d' })).toMatchObject({ ok: true, value: { term: '90d' } });
  expect(parseJoinRequest({ ...request, term: '999999999d' })).toMatchObject({
    ok: false,
    issues: [{ field: 'term' }],
  });
});

const milliseconds = fc.integer({ min: 0, max: MAX_DURATION_MS });
const written = fc
  .tuple(fc.nat({ max: 10 ** 12 - 1 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'))
  .map(([number, unit]) => `${number}${unit}`)
  .filter(isDuration);

test('what is formatted is parsed as the same time, in the shortest text', () => {
  fc.assert(
    fc.property(milliseconds, (ms) => {
      const text = durationText(ms);
      expect([isDuration(text), durationMs(text)]).toEqual([true, ms]);
    }),
  );
  fc.assert(
    fc.property(written, (text) => {
      const formatted = durationText(durationMs(text));
      expect(durationMs(formatted)).toBe(durationMs(text));
      expect(formatted.length).toBeLessThanOrEqual(text.length + (durationMs(text) === 0 ? 1 : 0));
    }),
  );
  expect([0, 1, 90_000, 5_400_000, 86_400_000, MAX_DURATION_MS].map(durationText)).toEqual([
    '0ms',
    '1ms',
    '90s',
    '90m',
    '1d',
    '3650d',
  ]);
});

test('files, variables and CEL read a duration as the same time', () => {
  fc.assert(
    fc.property(written, (text) => {
      fc.pre(durationMs(text) > 0);
      const config = readConfig({ ADMISSION_EXPIRE_AFTER: text });
      expect(config).toMatchObject({ ok: true, value: { ADMISSION_EXPIRE_AFTER: durationMs(text) } });
      expect(PositiveDuration.parse(text)).toBe(text);
      expect(valueOf(`duration('${text}') == duration('${durationMs(text)}ms')`)).toBe(true);
    }),
  );
});
