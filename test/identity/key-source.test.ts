import { once } from 'node:events';
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeyPair, type KeyPair } from '../../src/identity/signer.ts';
import { KeysUnavailableError, keySource, urlKeys, type KeySource } from '../../src/identity/keys.ts';
import { createProver, type Prover } from '../../src/identity/prover.ts';
import { APPROVE, forge, user } from './support.ts';

const [old, next] = [await createKeyPair(), await createKeyPair()];

const proverOf = (keys: string | KeySource) => createProver({ keys, trustClients: false });
const proves = async (prover: Prover, { privateKey }: KeyPair) =>
  prover.prove({ principal: user('mona'), assertion: await forge({ signedWith: privateKey }) }, APPROVE);

const GOOD = { verified: true };
const UNKNOWN = { code: 'Unauthenticated', message: expect.stringContaining('not known') as string };
const setOf = (...pairs: KeyPair[]) => JSON.stringify({ keys: pairs.map(({ publicKey }) => publicKey) });

describe('keys in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
    file = join(folder, 'keys.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('rotate when the file changes, without a restart', async () => {
    await writeFile(file, setOf(old));
    const prover = proverOf(file);
    expect(await proves(prover, old)).toMatchObject(GOOD);
    expect(await proves(prover, next)).toMatchObject(UNKNOWN);
    await writeFile(file, setOf(old, next));
    expect(await proves(prover, old)).toMatchObject(GOOD);
    expect(await proves(prover, next)).toMatchObject(GOOD);
    await writeFile(file, setOf(next));
    expect(await proves(prover, old)).toMatchObject(UNKNOWN);
  });

  test('rotate also when another file takes its place that is as old and as long', async () => {
    const then = new Date(Date.now() - 60_000);
    await writeFile(file, setOf(old));
    await utimes(file, then, then);
    const prover = proverOf(file);
    expect(await proves(prover, old)).toMatchObject(GOOD);
    await writeFile(join(folder, 'other.json'), setOf(next));
    await utimes(join(folder, 'other.json'), then, then);
    await rename(join(folder, 'other.json'), file);
    expect(await proves(prover, next)).toMatchObject(GOOD);
  });

  test.each([
    ['gone', () => rm(file)],
    ['half written', () => writeFile(file, setOf(old).slice(0, 40))],
    ['no JWKS', () => writeFile(file, '{ "key": 1 }')],
  ])('that is %s is an outage, and is over when the file is back', async (_name, breakFile) => {
    await writeFile(file, setOf(old));
    const prover = proverOf(file);
    expect(await proves(prover, old)).toMatchObject(GOOD);
    await breakFile();
    await expect(proves(prover, old)).rejects.toThrow(KeysUnavailableError);
    await expect(proves(prover, next)).rejects.toThrow(KeysUnavailableError);
    await writeFile(file, setOf(next));
    expect(await proves(prover, next)).toMatchObject(GOOD);
  });
});

describe('keys at a URL', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: string } | 'nothing';
  let asked: number;
  beforeEach(async () => {
    answer = { status: 200, body: setOf(old) };
    asked = 0;
    server = createServer((_request, response) => {
      asked += 1;
      if (answer === 'nothing') return;
      const { status, body } = answer;
      response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  });

  test('are fetched once, whatever comes', async () => {
    const prover = proverOf(url);
    const answers = await Promise.all(Array.from({ length: 20 }, () => proves(prover, old)));
    expect(new Set(answers.map((one) => 'verified' in one && one.verified))).toEqual(new Set([true]));
    expect(await proves(prover, old)).toMatchObject(GOOD);
    expect(asked).toBe(1);
  });

  test('rotate: a new one is looked for when it is first used', async () => {
    const prover = proverOf(urlKeys(new URL(url), { cooldownMs: 0 }));
    expect(await proves(prover, old)).toMatchObject(GOOD);
    expect(await proves(prover, next)).toMatchObject(UNKNOWN);
    answer = { status: 200, body: setOf(old, next) };
    expect(await proves(prover, next)).toMatchObject(GOOD);
    expect(await proves(prover, old)).toMatchObject(GOOD);
    expect(asked).toBe(3);
  });

  test('rotate: one that was taken out counts no more when the set is fetched again', async () => {
    const prover = proverOf(urlKeys(new URL(url), { maxAgeMs: 0 }));
    expect(await proves(prover, old)).toMatchObject(GOOD);
    answer = { status: 200, body: setOf(next) };
    expect(await proves(prover, old)).toMatchObject(UNKNOWN);
  });

  test('are not fetched for each id that somebody makes up', async () => {
    const prover = proverOf(url);
    await proves(prover, old);
    for (let times = 0; times < 10; times += 1) expect(await proves(prover, next)).toMatchObject(UNKNOWN);
    expect(asked).toBe(1);
  });

  test.each([
    ['an error', { status: 503, body: 'busy' }],
    ['a redirect', { status: 302, body: setOf(old) }],
    ['a page', { status: 200, body: '<html></html>' }],
    ['no JWKS', { status: 200, body: '{ "keys": 1 }' }],
  ])('and %s are an outage, which is over when the keys are back', async (_name, broken) => {
    const prover = proverOf(url);
    answer = broken;
    await expect(proves(prover, old)).rejects.toThrow(KeysUnavailableError);
    answer = { status: 200, body: setOf(old) };
    expect(await proves(prover, old)).toMatchObject(GOOD);
  });

  test('and no answer are an outage soon: a local activity has 2 s', async () => {
    answer = 'nothing';
    const limit = vi.spyOn(AbortSignal, 'timeout');
    await expect(proves(proverOf(url), old)).rejects.toThrow(KeysUnavailableError);
    const [[ms] = []] = limit.mock.calls;
    expect(ms).toBeLessThan(2_000);
  });

  test('and no server are an outage for a key that is not known yet; known ones count on', async () => {
    const prover = proverOf(urlKeys(new URL(url), { cooldownMs: 0 }));
    expect(await proves(prover, old)).toMatchObject(GOOD);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await expect(proves(prover, next)).rejects.toThrow(KeysUnavailableError);
    expect(await proves(prover, old)).toMatchObject(GOOD);
    const stale = proverOf(urlKeys(new URL(url), { maxAgeMs: 0 }));
    await expect(proves(stale, old)).rejects.toThrow(KeysUnavailableError);
  });

  test('an outage does not tell the whole URL, which may hold a secret', async () => {
    answer = { status: 503, body: '' };
    const source = keySource(`${url}?token=secret`);
    await expect(source('x')).rejects.toThrow(
      /^The verification keys at http:\/\/127\.0\.0\.1:\d+ cannot be fetched\.$/,
    );
  });
});
