import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyPair, createSigner, loadSigner } from '../../src/identity/signer.ts';
import { createProver } from '../../src/identity/prover.ts';
import { APPROVE, key, mona, user } from './support.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signer-'));
  file = join(folder, 'key.json');
});
afterEach(() => rm(folder, { recursive: true }));

const ec = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
const prover = createProver({ keys: async () => [key.publicKey], trustClients: false });

describe('the signer of a key file', () => {
  test('signs what the public key proves, and says which key it is', async () => {
    await writeFile(file, JSON.stringify(key.privateKey), { mode: 0o600 });
    const loaded = await loadSigner(file);
    if (!loaded.ok) throw new Error(loaded.issues[0]?.message);
    const { sign, ...rest } = loaded.value;
    expect(rest).toEqual({ kid: key.publicKey.kid });
    expect(await prover.prove(mona(await sign(user('mona'), APPROVE)), APPROVE)).toMatchObject({ verified: true });
  });

  test('says whom a personal key is for', async () => {
    const { privateKey } = await createKeyPair(user('mona'));
    await writeFile(file, JSON.stringify(privateKey), { mode: 0o600 });
    expect(await loadSigner(file)).toMatchObject({ ok: true, value: { principal: user('mona') } });
  });

  test.each([0o604, 0o640, 0o644])('warns of a file that others may read: mode %o', async (mode) => {
    await writeFile(file, JSON.stringify(key.privateKey));
    await chmod(file, mode);
    expect(await loadSigner(file)).toMatchObject({
      ok: true,
      value: { warning: expect.stringContaining('chmod 600') },
    });
  });

  const bad: readonly [string, string | undefined, RegExp][] = [
    ['there is none', undefined, /there is no /],
    ['it is empty', '', /is not a JWK/],
    ['it is no JSON', '-----BEGIN PRIVATE KEY-----', /is not a JWK/],
    ['it is a JWKS', JSON.stringify({ keys: [key.privateKey] }), /is not a JWK/],
    ['it is of another kind', JSON.stringify(ec), /not Ed25519/],
    ['it is of another curve', JSON.stringify({ ...key.privateKey, crv: 'X25519' }), /not Ed25519/],
    ['it is public', JSON.stringify(key.publicKey), /public key/],
    ['it has no kid', JSON.stringify({ ...key.privateKey, kid: undefined }), /without kid/],
    ['it is damaged', JSON.stringify({ ...key.privateKey, d: 'AAAA' }), /damaged/],
    ['it has no x', JSON.stringify({ ...key.privateKey, x: undefined }), /damaged/],
  ];

  test.each(bad)('%s: that is said, and nothing of the key', async (_name, content, message) => {
    if (content !== undefined) await writeFile(file, content, { mode: 0o600 });
    const loaded = await loadSigner(file);
    expect(loaded).toEqual({
      ok: false,
      issues: [
        {
          field: 'ADMISSION_SIGNING_KEY',
          message: expect.stringMatching(message) as string,
          accepted: expect.stringContaining('admit keys new') as string,
        },
      ],
    });
    expect(JSON.stringify(loaded)).not.toContain(key.privateKey.d);
  });

  test('a folder cannot be read', async () => {
    expect(await loadSigner(folder)).toMatchObject({
      ok: false,
      issues: [{ message: expect.stringContaining('cannot be read') }],
    });
  });
});

const signedFor = async (lifetime: number) =>
  prover.prove(mona(await createSigner(key.privateKey, { lifetime })(user('mona'), APPROVE)), APPROVE);

test('an assertion lasts as long as it is told to', async () => {
  expect(await signedFor(300)).toMatchObject({ verified: true });
  expect(await signedFor(301)).toMatchObject({ code: 'Unauthenticated' });
  expect(await signedFor(-10)).toMatchObject({ message: 'The assertion has expired.' });
});

const keys = async () => [key.publicKey];

test('what is signed for one deployment counts there alone', async () => {
  const audience = 'production.acme';
  const [here, there] = [
    createProver({ keys, trustClients: true }),
    createProver({ keys, trustClients: true, audience }),
  ];
  const sign = createSigner(key.privateKey, { audience });
  const actor = mona(await sign(user('mona'), APPROVE));
  expect(await there.prove(actor, APPROVE)).toMatchObject({ verified: true });
  expect(await here.prove(actor, APPROVE)).toMatchObject({
    code: 'Unauthenticated',
    message: expect.stringMatching(/another audience/) as string,
  });
});
