import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJoinRequest } from '../../src/domain/request.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { listedAs, onboardingId, partyHash, requestId } from '../../src/workflow-id.ts';

const home = 'arn:aws:chime:us-east-1:111122223333:app-instance';
const id = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9:\-_.@]{0,62}[A-Za-z0-9])?$/);
const app = fc.constantFrom(`${home}/one`, `${home}/two`);

/** Any request that is legal. */
const requests: fc.Arbitrary<JoinRequest> = app.chain((base) => {
  const person = fc.tuple(fc.constantFrom('user', 'bot'), id).map(([kind, name]) => `${base}/${kind}/${name}`);
  const required = { channelArn: id.map((name) => `${base}/channel/${name}`), memberArn: person, requestedBy: person };
  const optional = {
    type: fc.constantFrom('DEFAULT', 'HIDDEN'),
    subChannelId: fc.stringMatching(/^[-_a-zA-Z0-9]{1,128}$/),
  };
  const all = fc.record(
    { ...required, ...optional },
    { requiredKeys: ['channelArn', 'memberArn', 'requestedBy', 'type'] },
  );
  return all.map((input) => {
    const parsed = parseJoinRequest(input);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return parsed.value;
  });
});

test('an id is legal for Temporal, however long the names', () => {
  fc.assert(
    fc.property(requests, (request) => {
      expect(requestId(request)).toMatch(/^[A-Za-z0-9:._@-]{1,255}$/);
    }),
  );
  const longest = `${home}/${'a'.repeat(64)}`;
  const request = {
    channelArn: `${longest}/channel/${'c'.repeat(64)}`,
    memberArn: `${longest}/user/${'m'.repeat(64)}`,
  };
  const made = requestId({
    ...request,
    type: 'DEFAULT',
    requestedBy: request.memberArn,
    subChannelId: 's'.repeat(128),
  });
  expect(made).toMatch(/^join:[0-9a-f]{24}$/);
});

test('who asks for the same gets the same id; type, reason and bearer do not change it', () => {
  fc.assert(
    fc.property(requests, fc.string(), (request, reason) => {
      const variants = [
        { ...request },
        Object.fromEntries(Object.entries(request).toReversed()) as JoinRequest,
        { ...request, type: request.type === 'HIDDEN' ? 'DEFAULT' : 'HIDDEN' } as const,
        { ...request, reason, chimeBearer: request.requestedBy },
      ];
      for (const variant of variants) expect(requestId(variant)).toBe(requestId(request));
    }),
  );
});

/** What makes a request another one. */
function asked({ channelArn, memberArn, requestedBy, subChannelId }: JoinRequest): string {
  return JSON.stringify([channelArn, memberArn, requestedBy, subChannelId]);
}

test('another asker, member, channel or sub-channel is another id', () => {
  fc.assert(
    fc.property(requests, requests, (one, other) => {
      const mixed = [
        { ...one, requestedBy: other.requestedBy },
        { ...one, memberArn: other.memberArn },
        { ...one, channelArn: other.channelArn },
        { ...one, subChannelId: 'another-one' },
      ];
      for (const variant of mixed) expect(requestId(variant) === requestId(one)).toBe(asked(variant) === asked(one));
    }),
  );
});

function aliceAt(instance: string): JoinRequest {
  const memberArn = `${home}/${instance}/user/alice`;
  return { channelArn: `${home}/${instance}/channel/board`, memberArn, requestedBy: memberArn, type: 'DEFAULT' };
}

test('the same names in another app instance are another id', () => {
  expect(requestId(aliceAt('one'))).not.toBe(requestId(aliceAt('two')));
});

const KEYS = ['a'.repeat(32), 'b'.repeat(32)] as const;

test('with a key, ids and attributes are other ones: without it nobody can compute them', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const all = [undefined, ...KEYS].map((key) => ({
        request: requestId(request, key),
        onboarding: onboardingId('flow', { member: request.memberArn, requestedBy: request.requestedBy }, key),
        party: partyHash(request.memberArn, key),
      }));
      const values = all.flatMap((one) => Object.values(one).map((value) => value.slice(-24)));
      expect(new Set(values).size).toBe(values.length);
    }),
  );
});

test('an id and a keyed list name nobody; a hidden member is not even listed by hash', () => {
  const request = { ...aliceAt('one'), chimeBearer: `${home}/one/user/mona` };
  const [key] = KEYS;
  const parties = [`m:${partyHash(request.memberArn, key)}`, `r:${partyHash(request.requestedBy, key)}`];
  const bearer = `b:${partyHash(request.chimeBearer, key)}`;
  expect(listedAs({ ...request, isHidden: true }, key)).toEqual({ member: null, parties: [...parties, bearer] });
  const listed = listedAs({ ...request, isHidden: false }, key);
  expect(listed.member).toBe(partyHash(request.memberArn, key));
  expect(JSON.stringify([listed, requestId(request), requestId(request, key)])).not.toMatch(/alice|mona|board/);
});
