import { expect, test } from 'vitest';
import { durationMs, MAX_DURATION_MS } from '../../src/domain/duration.ts';
import { Duration } from '../../src/schemas/fields.ts';
import { parseJoinRequest } from '../../src/schemas/join-request.ts';

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
  expect(Duration.safeParse(text).success).toBe(false);
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
