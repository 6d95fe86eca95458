import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import { createKeyPair } from '../../src/identity/signer.ts';
import { APPROVE, forge, key, mona, proverWith, refused, seconds, user } from './support.ts';

const prove = (assertion: string, { keys = [] as unknown[] } = {}) =>
  proverWith(...keys).prove(mona(assertion), APPROVE);

const aKey = async (members: object) => {
  const pair = await createKeyPair();
  return { pair, keys: [{ ...pair.publicKey, ...members }] };
};

describe('a key', () => {
  test('that is personal proves its principal', async () => {
    const personal = await createKeyPair(user('mona'));
    const assertion = await forge({ signedWith: personal.privateKey });
    expect(await prove(assertion, { keys: [personal.publicKey] })).toMatchObject({ verified: true });
  });

  test('that is personal is foreign to everybody else', async () => {
    const personal = await createKeyPair(user('carol'));
    const assertion = await forge({ signedWith: personal.privateKey });
    expect(await prove(assertion, { keys: [personal.publicKey] })).toEqual(refused(/personal key of somebody else/));
  });

  test.each([
    ['revoked', { revoked: true }, /revoked/],
    ['past its own end', { exp: seconds() - 1 }, /key that has expired/],
    ['for encryption', { use: 'enc' }, /no public Ed25519 key/],
    ['for another algorithm', { alg: 'ES256' }, /no public Ed25519 key/],
    ['of another curve', { crv: 'X25519' }, /no public Ed25519 key/],
    ['private in a public set', { d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }, /no public Ed25519 key/],
    ['personal in a way that nobody understands', { principal: [user('mona')] }, /no public Ed25519 key/],
    ['personal, for nobody', { principal: '' }, /no public Ed25519 key/],
    ['revoked in a way that nobody understands', { revoked: 'yes' }, /no public Ed25519 key/],
    ['with an end that nobody understands', { exp: '2020-01-01' }, /no public Ed25519 key/],
    ['damaged', { x: 'AAAA' }, /damaged/],
  ])('that is %s is not accepted', async (_name, members, message) => {
    const { pair, keys } = await aKey(members);
    expect(await prove(await forge({ signedWith: pair.privateKey }), { keys })).toEqual(refused(message));
  });

  test.each([
    ['not revoked', { revoked: false }],
    ['before its own end', { exp: seconds() + 60 }],
    ['with members of others', { owner: 'ops' }],
  ])('that is %s is accepted', async (_name, members) => {
    const { pair, keys } = await aKey(members);
    const assertion = await forge({ signedWith: pair.privateKey });
    expect(await prove(assertion, { keys })).toMatchObject({ verified: true });
  });

  test('whose id another one has too is not accepted, whichever signed', async () => {
    const personal = await createKeyPair(user('carol'));
    const twin = { ...personal.publicKey, kid: 'twin' };
    const { pair, keys } = await aKey({ kid: 'twin' });
    const assertion = await forge({ signedWith: { ...pair.privateKey, kid: 'twin' } });
    expect(await prove(assertion, { keys: [...keys, twin] })).toEqual(refused(/several keys/));
  });

  test('of another kind, or nonsense, beside it does no harm', async () => {
    const { publicKey } = await generateKeyPair('ES256');
    const keys = [null, 7, 'x', {}, { kid: 5 }, { ...(await exportJWK(publicKey)), kid: 'ec' }];
    expect(await prove(await forge(), { keys })).toMatchObject({ verified: true });
  });

  test('that the header brings along is not used', async () => {
    const { privateKey, publicKey } = await createKeyPair();
    const { kid, ...jwk } = publicKey;
    const assertion = await forge({ signedWith: { ...privateKey, kid: key.publicKey.kid }, header: { jwk } });
    expect(kid).not.toBe(key.publicKey.kid);
    expect(await prove(assertion)).toEqual(refused(/signature that does not fit/));
  });
});
