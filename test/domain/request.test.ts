import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJoinRequest, parties } from '../../src/domain/request.ts';

const HOME = 'arn:aws:chime:us-east-1:111122223333:app-instance/home';
const AWAY = 'arn:aws:chime:us-east-1:111122223333:app-instance/away';
const good = { channelArn: `${HOME}/channel/board`, memberArn: `${HOME}/user/alice` };

const issuesOf = (input: unknown) => {
  const parsed = parseJoinRequest(input);
  return parsed.ok ? [] : parsed.issues;
};
const omit = (field: keyof typeof good) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== field));

describe('a bad request names the field and what is accepted', () => {
  const ARN = /arn:aws:chime:REGION:ACCOUNT:app-instance\/ID/;
  const KNOWN = /channelArn, memberArn, type, subChannelId, chimeBearer, requestedBy, reason/;
  const SUB = /1 to 128 characters of A-Z a-z 0-9 - _/;
  const rows: readonly (readonly [string, unknown, field: string, message: RegExp, accepted: RegExp])[] = [
    ['no channel', omit('channelArn'), 'channelArn', /is missing/, ARN],
    ['no member', omit('memberArn'), 'memberArn', /is missing/, ARN],
    ['an empty ARN', { ...good, channelArn: '' }, 'channelArn', /""/, ARN],
    ['no ARN', { ...good, memberArn: 'alice' }, 'memberArn', /"alice"/, ARN],
    ['another service', { ...good, channelArn: 'arn:aws:s3:::b' }, 'channelArn', /arn:aws:s3/, ARN],
    ['a short account', { ...good, channelArn: good.channelArn.replace('3333', '') }, 'channelArn', /not valid/, ARN],
    ['an ARN cut off', { ...good, memberArn: `${HOME}/user/` }, 'memberArn', /not valid/, ARN],
    ['an app instance', { ...good, memberArn: HOME }, 'memberArn', /not valid/, ARN],
    ['an ID of 65', { ...good, memberArn: `${HOME}/user/${'a'.repeat(65)}` }, 'memberArn', /not valid/, ARN],
    ['an ID that ends in a dot', { ...good, memberArn: `${HOME}/user/a.` }, 'memberArn', /not valid/, ARN],
    ['a line break after', { ...good, memberArn: `${good.memberArn}\n` }, 'memberArn', /not valid/, ARN],
    ['a line before', { ...good, memberArn: `x\n${good.memberArn}` }, 'memberArn', /not valid/, ARN],
    ['a channel as member', { ...good, memberArn: good.channelArn }, 'memberArn', /is the ARN of a channel/, ARN],
    ['a user as channel', { ...good, channelArn: good.memberArn }, 'channelArn', /is the ARN of a user/, ARN],
    ['a channel as bearer', { ...good, chimeBearer: good.channelArn }, 'chimeBearer', /not valid/, ARN],
    ['a channel as requester', { ...good, requestedBy: good.channelArn }, 'requestedBy', /not valid/, ARN],
    ['a foreign bearer', { ...good, chimeBearer: `${AWAY}/bot/b` }, 'chimeBearer', /another app instance/, /home\/$/],
    ['a foreign requester', { ...good, requestedBy: `${AWAY}/user/a` }, 'requestedBy', /another app/, /home\/$/],
    // The requester was not given: naming it too would send people to a field that they never wrote.
    ['a foreign member', { ...good, memberArn: `${AWAY}/user/alice` }, 'memberArn', /another app/, /home\/$/],
    ['an unknown type', { ...good, type: 'SECRET' }, 'type', /"SECRET"/, /^DEFAULT or HIDDEN$/],
    ['a type in small letters', { ...good, type: 'hidden' }, 'type', /"hidden"/, /^DEFAULT or HIDDEN$/],
    ['an empty sub-channel', { ...good, subChannelId: '' }, 'subChannelId', /""/, SUB],
    ['a sub-channel of 129', { ...good, subChannelId: 'a'.repeat(129) }, 'subChannelId', /not valid/, SUB],
    ['a sub-channel with a dot', { ...good, subChannelId: 'a.b' }, 'subChannelId', /"a.b"/, SUB],
    ['an empty reason', { ...good, reason: '' }, 'reason', /""/, /1 to 1024/],
    ['a reason of 1025', { ...good, reason: 'a'.repeat(1025) }, 'reason', /not valid/, /1 to 1024/],
    ['a number', { ...good, memberArn: 5 }, 'memberArn', /not a text but number/, ARN],
    ['null', { ...good, type: null }, 'type', /not a text but null/, /DEFAULT/],
    ['an array', { ...good, reason: ['x'] }, 'reason', /not a text but object/, /1 to 1024/],
    ['an unknown field', { ...good, membrArn: 'x' }, 'membrArn', /unknown field membrArn/, KNOWN],
    ['a field of AWS’s spelling', { ...good, ChannelArn: 'x' }, 'ChannelArn', /unknown field/, KNOWN],
    ...[undefined, null, 5, 'text', true, [], [good]].map(
      (input) => [`${JSON.stringify(input)} as request`, input, 'request', /a request is an object/, KNOWN] as const,
    ),
  ];

  test.each(rows)('%s', (_title, input, field, message, accepted) => {
    const issues = issuesOf(input);
    expect(issues).toEqual([
      { field, message: expect.stringMatching(message), accepted: expect.stringMatching(accepted) },
    ]);
  });

  test('every wrong field is told at once', () => {
    const issues = issuesOf({ channelArn: 'x', type: 'X', subChannelId: '', other: 1 });
    expect(issues.map(({ field }) => field).toSorted()).toEqual(
      ['channelArn', 'memberArn', 'other', 'subChannelId', 'type'].toSorted(),
    );
  });
});

describe('a good request', () => {
  test('the type is DEFAULT and the member asks, unless it says otherwise', () => {
    expect(parseJoinRequest(good)).toEqual({
      ok: true,
      value: { ...good, type: 'DEFAULT', requestedBy: good.memberArn },
    });
  });

  test('everything that may be said is kept', () => {
    const full = {
      channelArn: `${HOME}/channel/${'c'.repeat(64)}`,
      memberArn: `${HOME}/bot/a.b:c-d_e@f`,
      type: 'HIDDEN',
      subChannelId: 'a'.repeat(128),
      chimeBearer: `${HOME}/bot/service`,
      requestedBy: `${HOME}/user/x`,
      reason: 'because',
    };
    expect(parseJoinRequest(full)).toEqual({ ok: true, value: full });
  });

  test('requester, member and bearer are its parties, each once', () => {
    const request = { ...good, type: 'DEFAULT', requestedBy: good.memberArn } as const;
    expect(parties(request)).toEqual([good.memberArn]);
    expect(parties({ ...request, requestedBy: 'r', chimeBearer: 'b' })).toEqual(['r', good.memberArn, 'b']);
  });
});

test('no input makes it throw, and a refused one always gets a message and what is accepted', () => {
  const field = fc.oneof(fc.constantFrom(...Object.values(good)), fc.anything());
  const keys = [...Object.keys(good), 'type', 'reason', 'chimeBearer', '__proto__'];
  const near = fc.record(Object.fromEntries(keys.map((key) => [key, field])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(fc.anything({ withNullPrototype: true, withDate: true, withMap: true }), near), (input) => {
      const parsed = parseJoinRequest(input);
      const issues = parsed.ok ? [] : parsed.issues;
      expect(parsed.ok || issues.length > 0).toBe(true);
      for (const issue of issues) expect(issue.message && issue.accepted).toBeTruthy();
    }),
    { numRuns: 500 },
  );
});
