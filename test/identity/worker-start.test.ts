import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKeyPair } from '../../src/identity/signer.ts';
import { addKey } from '../../src/identity/key-set-file.ts';
import { startWorkerProcess } from '../crash/worker-process.ts';
import { testEnvironment } from '../support/environment.ts';

let folder: string;
let jwks: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-start-'));
  jwks = join(folder, 'jwks.json');
  await addKey(jwks, (await createKeyPair()).publicKey);
});
afterAll(() => rm(folder, { recursive: true }));

/** What a worker in production warned of until it was ready; Temporal warns of its own matters too. */
async function warnings(settings: Record<string, string>): Promise<string[]> {
  const temporalAddress = inject('temporalAddress');
  const taskQueue = `test-${randomUUID()}`;
  const bearer = 'arn:aws:chime:us-east-1:111122223333:app-instance/x/bot/admission-bot';
  const env = testEnvironment({ temporalAddress, emulatorUrl: 'http://127.0.0.1:1', taskQueue, bearer });
  const production = { NODE_ENV: 'production', ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle') };
  const worker = await startWorkerProcess({ ...env, ...production, ADMISSION_TRUST_CLIENTS: '', ...settings });
  await worker.kill('SIGTERM');
  const logged = worker.log.map((line) => JSON.parse(line) as { level: number; msg: string });
  return logged.filter(({ level, msg }) => level === 40 && /ADMISSION_|refused/.test(msg)).map(({ msg }) => msg);
}

test('a worker that can believe nobody warns that every command will be refused, and says what to set', async () => {
  expect(await warnings({})).toEqual([
    expect.stringMatching(/Every command will be refused.*ADMISSION_ASSERTION_KEYS.*ADMISSION_TRUST_CLIENTS=true/),
  ]);
});

test('with keys, or where clients are trusted, there is nothing to warn of', async () => {
  expect(await warnings({ ADMISSION_ASSERTION_KEYS: jwks })).toEqual([]);
  expect(await warnings({ ADMISSION_TRUST_CLIENTS: 'true' })).toEqual([]);
});
