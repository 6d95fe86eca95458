import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProver } from '../../src/identity/prover.ts';
import { loadSigner } from '../../src/identity/signer.ts';
import { APPROVE, mona, user } from '../identity/support.ts';
import { admit } from '../support/admit.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'admit-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  admit(['keys', ...args], {
    env: { ADMISSION_ASSERTION_KEYS: undefined, ADMISSION_SIGNING_KEY: undefined, ...env },
    cwd: folder,
  });
const at = (name: string) => join(folder, name);

interface Made {
  kid: string;
  env: { ADMISSION_SIGNING_KEY: string; ADMISSION_ASSERTION_KEYS: string };
}

/** What a worker with the printed keys says of a review that is signed with the printed key. */
async function proved({ env }: Made) {
  const signer = await loadSigner(env.ADMISSION_SIGNING_KEY);
  if (!signer.ok) throw new Error(signer.issues[0]?.message);
  expect(signer.value.warning).toBeUndefined();
  const prover = createProver({ keys: env.ADMISSION_ASSERTION_KEYS, trustClients: false });
  return prover.prove(mona(await signer.value.sign(user('mona'), APPROVE)), APPROVE);
}

describe('admit keys new', () => {
  test('makes a pair that works with what it prints', async () => {
    const ran = await run(['new', '--json']);
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject({
      principal: null,
      out: 'admission-signing-key.json',
      jwks: 'admission-keys.json',
    });
    expect(await proved(ran.json())).toMatchObject({ verified: true });
    expect((await stat(at('admission-signing-key.json'))).mode & 0o777).toBe(0o600);
    const published = await readFile(at('admission-keys.json'), 'utf8');
    const { d } = JSON.parse(await readFile(at('admission-signing-key.json'), 'utf8')) as { d: string };
    expect(published).not.toContain(d);
    expect(ran.stdout).not.toContain(d);
  });

  test('says to people what to set', async () => {
    const { stdout } = await run(['new', '--out', 'k/private.json', '--jwks', 'k/jwks.json']);
    expect(stdout).toMatch(/^made the key [0-9a-f]{16} for anybody\n/);
    expect(stdout).toContain(`ADMISSION_SIGNING_KEY=${at('k/private.json')}\n`);
    expect(stdout).toContain(`ADMISSION_ASSERTION_KEYS=${at('k/jwks.json')}\n`);
  });

  test('a personal key proves its principal and nobody else', async () => {
    const [own, foreign] = [
      await run(['new', '--principal', user('mona'), '--out', 'mona.json', '--json']),
      await run(['new', '--principal', user('carol'), '--out', 'carol.json', '--json']),
    ];
    expect(await proved(own.json())).toMatchObject({ verified: true });
    expect(await proved(foreign.json())).toMatchObject({ code: 'Unauthenticated' });
  });

  test('keeps the other keys, and takes the JWKS of the worker where that is a file', async () => {
    const env = { ADMISSION_ASSERTION_KEYS: at('theirs.json') };
    const first = await run(['new', '--out', 'one.json', '--jwks', 'theirs.json', '--json']);
    const second = await run(['new', '--out', 'two.json', '--json'], env);
    expect(second.code).toBe(0);
    expect(await proved(first.json())).toMatchObject({ verified: true });
    expect((await run(['list', '--json'], env)).json()).toEqual([
      { kid: first.json<Made>().kid, state: 'good', principal: null },
      { kid: second.json<Made>().kid, state: 'good', principal: null },
    ]);
    expect((await readdir(folder)).toSorted()).toEqual(['one.json', 'theirs.json', 'two.json']);
  });

  test('adds to its own file where the worker has a URL', async () => {
    const ran = await run(['new', '--json'], { ADMISSION_ASSERTION_KEYS: 'https://keys.example.com/jwks.json' });
    expect(ran.json()).toMatchObject({ jwks: 'admission-keys.json' });
  });

  test('never writes over a key', async () => {
    await run(['new']);
    const before = await Promise.all((await readdir(folder)).map((name) => readFile(at(name), 'utf8')));
    const again = await run(['new', '--json']);
    expect([again.code, again.json()]).toMatchObject([2, { error: { code: 'FileExists', field: 'out' } }]);
    const after = await Promise.all((await readdir(folder)).map((name) => readFile(at(name), 'utf8')));
    expect(after).toEqual(before);
  });

  test.each([
    ['a principal who is nobody', ['--principal', 'mona'], 'InvalidPrincipal', 'principal'],
    ['one file for both', ['--out', 'x.json', '--jwks', './x.json'], 'InvalidFile', 'out'],
    ['a JWKS that is none', ['--jwks', 'notes.txt'], 'BadKeySet', 'jwks'],
    ['a folder in the place of the JWKS', ['--jwks', '.'], 'BadKeySet', 'jwks'],
  ])('refuses %s, and writes nothing', async (_name, args, code, field) => {
    await writeFile(at('notes.txt'), 'not keys');
    const ran = await run(['new', ...args, '--json']);
    expect([ran.code, ran.json()]).toEqual([
      2,
      { error: { code, field, message: expect.any(String), accepted: expect.any(String) } },
    ]);
    expect(await readdir(folder)).toEqual(['notes.txt']);
    expect(await readFile(at('notes.txt'), 'utf8')).toBe('not keys');
  });

  test('says which file cannot be made, and leaves no other behind', async () => {
    await writeFile(at('notes.txt'), '');
    const ran = await run(['new', '--out', 'notes.txt/key.json', '--json']);
    expect([ran.code, ran.json()]).toMatchObject([2, { error: { code: 'BadFile' } }]);
    expect(ran.stdout).toContain('notes.txt');
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });
});

describe('admit keys list and revoke', () => {
  test('a revoked key counts no more, and is listed as such; twice does no harm', async () => {
    const made = (await run(['new', '--json'])).json<Made>();
    const other = (await run(['new', '--out', 'other.json', '--principal', user('mona'), '--json'])).json<Made>();
    for (const _ of [1, 2]) expect((await run(['revoke', made.kid])).code).toBe(0);
    expect(await proved(made)).toMatchObject({ message: expect.stringContaining('revoked') });
    expect(await proved(other)).toMatchObject({ verified: true });
    const { stdout } = await run(['list']);
    expect(stdout).toBe(`${made.kid}  revoked  anybody\n${other.kid}  good     ${user('mona')}\n`);
  });

  test('an unknown key and a missing file are named', async () => {
    const missing = await run(['revoke', 'x', '--json']);
    expect([missing.code, missing.json()]).toMatchObject([
      2,
      { error: { code: 'BadKeySet', message: 'there is no admission-keys.json' } },
    ]);
    expect((await run(['list'])).code).toBe(2);
    await run(['new']);
    const unknown = await run(['revoke', 'x', '--json']);
    expect([unknown.code, unknown.json()]).toMatchObject([2, { error: { code: 'UnknownKey', field: 'kid' } }]);
  });

  test('an empty set has no keys', async () => {
    await writeFile(at('admission-keys.json'), '{ "keys": [] }');
    expect((await run(['list'])).stdout).toBe('no keys\n');
  });
});
