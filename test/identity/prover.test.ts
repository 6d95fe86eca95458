import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Proof } from '../../src/domain/actor.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { createKeyPair, createSigner } from '../../src/identity/signer.ts';
import { createProver } from '../../src/identity/prover.ts';
import { APPROVE, claimsIn, claimsOf, forge, key, mona, proverWith, refused, seconds, user } from './support.ts';

const prove = (assertion: string, what = APPROVE) => proverWith().prove(mona(assertion), what);
const given = (ago: number) => ({ at: new Date(Date.now() - ago * 1_000) });

describe('a good assertion', () => {
  test('proves its principal, and says its id and its end', async () => {
    const assertion = await forge({ claims: { jti: 'one', exp: seconds() + 30 } });
    const expiresAt = claimsIn(assertion).exp * 1_000;
    expect(await prove(assertion)).toEqual({
      verified: true,
      assertion: { id: `${key.publicKey.kid} one`, expiresAt },
    });
  });

  test('is what the signer makes: for a minute', async () => {
    const sign = createSigner(key.privateKey);
    const assertion = await sign(user('mona'), APPROVE);
    expect(await prove(assertion)).toMatchObject({ verified: true });
    const { iat, exp, jti } = claimsIn(assertion);
    expect(exp - iat).toBe(60);
    expect(jti).not.toBe(claimsIn(await sign(user('mona'), APPROVE)).jti);
  });

  test.each([
    ['from a clock that is 5 s ahead', () => ({ iat: seconds() + 4, exp: seconds() + 60 })],
    ['from a clock that is 5 s behind', () => ({ iat: seconds() - 60, exp: seconds() - 3 })],
    ['that lasts the longest', () => ({ exp: seconds() + 300, iat: seconds() })],
    ['with an id of 128 characters', () => ({ jti: 'j'.repeat(128) })],
  ])('%s proves too', async (_name, claims) => {
    expect(await prove(await forge({ claims: claims() }))).toMatchObject({ verified: true });
  });

  test('does not mind the order in which the content is written', async () => {
    const payload = { comment: 'welcome', decision: 'approve' };
    expect(await prove(await forge(), { ...APPROVE, payload })).toMatchObject({ verified: true });
  });
});

describe('without an assertion', () => {
  const actor = { principal: user('mona') };

  test.each([undefined, actor])('%j is refused, and told what to do', async (who) => {
    expect(await proverWith().prove(who, APPROVE)).toEqual({
      ...refused(/Nothing proves/),
      accepted: expect.stringContaining('ADMISSION_SIGNING_KEY') as string,
    });
  });

  test('a caller who is trusted passes, and is never called verified', async () => {
    const trusting = createProver({ trustClients: true });
    expect(await trusting.prove(actor, APPROVE)).toEqual({ verified: false });
    expect(await trusting.prove(undefined, APPROVE)).toEqual({ verified: false });
  });

  test.each([true, false])('and without keys an assertion is refused; trusted: %s', async (trustClients) => {
    const keyless = createProver({ trustClients });
    const answer = await keyless.prove({ ...actor, assertion: await forge() }, APPROVE);
    expect(answer).toEqual({
      ...refused(/no keys/),
      accepted: expect.stringContaining('ADMISSION_ASSERTION_KEYS') as string,
    });
  });
});

describe('used again', () => {
  const elsewhere = { ...APPROVE, workflowId: 'join:board:bob:00000000' };

  test('an assertion passes for the same command, since a check may be retried', async () => {
    const prover = proverWith();
    const actor = mona(await forge());
    const first = await prover.prove(actor, APPROVE);
    expect(first).toMatchObject({ verified: true });
    expect(await prover.prove(actor, APPROVE)).toEqual(first);
  });

  test('its id is refused for another request', async () => {
    const prover = proverWith();
    const jti = randomUUID();
    await prover.prove(mona(await forge({ claims: { jti } })), APPROVE);
    const again = mona(await forge({ claims: { ...claimsOf(elsewhere), jti } }));
    expect(await prover.prove(again, elsewhere)).toEqual(refused(/used already/));
  });

  test('one of who asks is refused when the same is asked for once more', async () => {
    const prover = proverWith();
    const { requestedAt: _, ...ask } = { ...APPROVE, command: 'requestJoin' };
    const actor = mona(await forge({ claims: claimsOf(ask) }));
    const [first, second] = [given(1), given(0)];
    expect(await prover.prove(actor, ask, first)).toMatchObject({ verified: true });
    expect(await prover.prove(actor, ask, first)).toMatchObject({ verified: true });
    expect(await prover.prove(actor, ask, second)).toEqual(refused(/used already/));
  });

  test('its id is refused for another content', async () => {
    const prover = proverWith();
    const jti = randomUUID();
    await prover.prove(mona(await forge({ claims: { jti } })), APPROVE);
    const deny = { ...APPROVE, payload: { decision: 'deny' } };
    const again = mona(await forge({ claims: { ...claimsOf(deny), jti } }));
    expect(await prover.prove(again, deny)).toEqual(refused(/used already/));
  });

  test('one that was refused has used up nothing, nor has the same id under another key', async () => {
    const prover = proverWith();
    const jti = randomUUID();
    expect(await prover.prove(mona(await forge({ claims: { jti } })), elsewhere)).toEqual(refused(/another request/));
    expect(await prover.prove(mona(await forge({ claims: { jti } })), APPROVE)).toMatchObject({ verified: true });
    const other = await createKeyPair();
    const both = proverWith(other.publicKey);
    await both.prove(
      mona(await forge({ claims: { ...claimsOf(elsewhere), jti }, signedWith: other.privateKey })),
      elsewhere,
    );
    expect(await both.prove(mona(await forge({ claims: { jti } })), APPROVE)).toMatchObject({ verified: true });
  });

  test('in the memory of a request, too, ids of different keys are different', async () => {
    const other = await createKeyPair();
    const both = proverWith(other.publicKey);
    const claims = { jti: randomUUID() };
    const [one, two] = await Promise.all([
      both.prove(mona(await forge({ claims })), APPROVE),
      both.prove(mona(await forge({ claims, signedWith: other.privateKey })), APPROVE),
    ]);
    expect(idOf(one)).toMatch(/./);
    expect(idOf(two)).not.toBe(idOf(one));
  });
});

test('what was good when the command was given is good when an outage let the check wait', async () => {
  const claims = { iat: seconds() - 7_200, exp: seconds() - 7_140 };
  const actor = { principal: user('mona'), assertion: await forge({ claims }) };
  expect(await proverWith().prove(actor, APPROVE, given(7_190))).toMatchObject({ verified: true });
  expect(await proverWith().prove(actor, APPROVE, given(7_100))).toEqual(refused(/has expired/));
  expect(await proverWith().prove(actor, APPROVE, given(7_300))).toEqual(refused(/not valid yet/));
});

test('keys that cannot be had now are an outage, and no refusal', async () => {
  const outage = new Error('no keys now');
  const prover = createProver({ keys: () => Promise.reject(outage), trustClients: true });
  const actor = { principal: user('mona'), assertion: await forge() };
  await expect(prover.prove(actor, APPROVE)).rejects.toBe(outage);
});

const idOf = (proof: Proof | Refusal) => ('assertion' in proof ? proof.assertion?.id : undefined);
