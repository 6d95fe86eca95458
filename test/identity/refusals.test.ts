import { describe, expect, test } from 'vitest';
import type { CommandToProve } from '../../src/domain/actor.ts';
import { createProver } from '../../src/identity/prover.ts';
import { forgedWithOtherKey, hmacWithPublicKey, resigned, signedWithEcdsa, tampered } from './forgeries.ts';
import {
  APPROVE,
  claimsOf,
  forge,
  header,
  key,
  mona,
  proverWith,
  rawToken,
  refused,
  seconds,
  user,
} from './support.ts';

const prove = (assertion: string, what = APPROVE) => proverWith().prove(mona(assertion), what);

type Wrong = readonly [name: string, make: () => Promise<string>, message: RegExp];
const claims = (differing: Record<string, unknown>) => () => forge({ claims: differing });

describe('an assertion is refused, and what does not fit is said', () => {
  const wrong: readonly Wrong[] = [
    ['unknown kid', () => forge({ header: { kid: 'nobody' } }), /key that is not known/],
    ['no kid', () => forge({ header: { kid: undefined } }), /does not name the key/],
    ['empty kid', () => forge({ header: { kid: '' } }), /does not name the key/],
    ['the kid of a good key, signed with another', forgedWithOtherKey, /signature that does not fit/],
    ['claims changed after signing', tampered, /signature that does not fit/],
    ['no signature', async () => `${(await forge()).split('.').slice(0, 2).join('.')}.`, /signature|compact JWS/],
    ['alg none', async () => rawToken(header({ alg: 'none' }), claimsOf()), /another way than EdDSA/],
    ['HS256 with the public key as the secret', hmacWithPublicKey, /another way than EdDSA/],
    ['ES256', signedWithEcdsa, /another way than EdDSA/],
    ['critical extensions', async () => rawToken(header({ crit: ['x'], x: 1 }), claimsOf(), 'eA'), /compact JWS/],
    ['another typ', () => forge({ header: { typ: 'JWT' } }), /not of the type/],
    ['no typ', () => forge({ header: { typ: undefined } }), /not of the type/],
    ['expired', claims({ iat: seconds() - 120, exp: seconds() - 60 }), /has expired/],
    ['expired beyond the skew', claims({ iat: seconds() - 60, exp: seconds() - 6 }), /has expired/],
    ['issued in the future', claims({ iat: seconds() + 30, exp: seconds() + 60 }), /not valid yet/],
    ['not before later', claims({ nbf: seconds() + 30 }), /not valid yet/],
    ['a life too long', claims({ iat: seconds(), exp: seconds() + 302 }), /more than 5 minutes/],
    ['a life without end', claims({ exp: 1e300 }), /more than 5 minutes/],
    ['no end', claims({ exp: undefined }), /claim exp/],
    ['no time of issue', claims({ iat: undefined }), /claim iat/],
    ['an end that is no number', () => resigned({ ...claimsOf(), exp: 'soon' }), /compact JWS/],
    ['another audience', claims({ aud: 'billing' }), /another audience/],
    ['another deployment', claims({ aud: 'channel-admission:other' }), /another audience/],
    ['no audience', claims({ aud: undefined }), /claim aud/],
    ['another principal', claims({ sub: user('carol') }), /another principal/],
    ['no principal', claims({ sub: undefined }), /claim sub/],
    ['another command', claims({ cmd: 'withdraw' }), /another command than review/],
    ['another workflow', claims({ wid: 'join:board:bob:00000000' }), /another request/],
    ['another request digest', claims({ req: '0'.repeat(64) }), /another digest/],
    ['a request of an earlier time', claims({ ask: '2026-11-23T09:00:00.000Z' }), /asked for at another time/],
    ['a request that was not asked for yet', claims({ ask: undefined }), /asked for at another time/],
    ['another content', claims({ pay: '0'.repeat(64) }), /review with another content/],
    ['no content', claims({ pay: undefined }), /claim pay/],
    ['no id', claims({ jti: undefined }), /claim jti/],
    ['an empty id', claims({ jti: '' }), /claim jti/],
    ['an id that is too long', claims({ jti: 'j'.repeat(129) }), /claim jti/],
    ['an id with half of a surrogate pair', claims({ jti: '\ud83d' }), /claim jti/],
    ['an id that is no text', claims({ jti: 7 }), /claim jti/],
    ['nothing', async () => '', /compact JWS/],
    ['no token', async () => 'trust me', /compact JWS/],
    ['two parts', async () => (await forge()).split('.').slice(0, 2).join('.'), /compact JWS/],
    ['a header that is no JSON', async () => 'e30x.e30.e30', /compact JWS/],
    ['claims that are no JSON', () => resigned('nonsense'), /compact JWS/],
    ['claims that are a list', () => resigned([claimsOf()]), /compact JWS/],
  ];

  test.each(wrong)('%s', async (_name, make, message) => {
    const assertion = await make();
    const answer = await prove(assertion);
    expect(answer).toEqual(refused(message));
    expect(JSON.stringify(answer)).not.toContain(assertion || 'no token');
  });

  test('each of them also where clients are trusted', async () => {
    const trusting = createProver({ keys: async () => [key.publicKey], trustClients: true });
    const made = await Promise.all(wrong.map(([, make]) => make()));
    const answers = await Promise.all(
      made.map((assertion) => trusting.prove({ principal: user('mona'), assertion }, APPROVE)),
    );
    expect(answers).toEqual(wrong.map(([, , message]) => refused(message)));
  });

  const others: readonly [string, Partial<CommandToProve>][] = [
    ['command', { command: 'override' }],
    ['workflow', { workflowId: 'join:board:bob:00000000' }],
    ['content', { payload: { decision: 'approve' } }],
    ['content, by one character', { payload: { decision: 'approve', comment: 'Welcome' } }],
    ['request', { requestDigest: '1'.repeat(64) }],
    ['request, the same again', { requestedAt: '2026-11-23T10:00:00.001Z' }],
  ];
  test.each(others)('a good one, given for another %s', async (_name, differing) => {
    expect(await prove(await forge(), { ...APPROVE, ...differing })).toEqual(refused(/is for/));
  });

  test('a good one, given by somebody else', async () => {
    expect(await proverWith().prove({ principal: user('carol'), assertion: await forge() }, APPROVE)).toEqual(
      refused(/another principal/),
    );
  });
});
