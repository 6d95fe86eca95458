import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { loadSigner } from '../../src/identity/signer.ts';
import { admit } from '../support/admit.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { refusalOf, startCliAdmission } from './support.ts';
import type { CliAdmission } from './support.ts';

// A worker that trusts nobody: whatever counts here was signed.
let folder: string;
let admission: CliAdmission;
let anybody: string;
let monas: string;
beforeAll(async () => {
  folder = await mkdtemp(path(tmpdir(), 'admit-signing-'));
  const jwks = path(folder, 'keys.json');
  anybody = path(folder, 'anybody.json');
  await admit(['keys', 'new', '--out', anybody, '--jwks', jwks], { env: {} });
  admission = await startCliAdmission({ ADMISSION_TRUST_CLIENTS: 'false', ADMISSION_ASSERTION_KEYS: jwks });
  // The worker is running: it learns of the next key without a restart.
  monas = path(folder, 'mona.json');
  await admit(['keys', 'new', '--out', monas, '--jwks', jwks, '--principal', user('mona')], { env: {} });
});
afterAll(async () => {
  await admission.close();
  await rm(folder, { recursive: true });
});

const user = (name: string) => admission.emulator.user(name);
const runWith = (key: string | undefined, ...args: string[]) =>
  admit([...args, '--json'], { env: { ...admission.env, ADMISSION_SIGNING_KEY: key } });

test('with a key every command is proved; without one none counts', async () => {
  const join = ['join', '--channel', admission.emulator.channel('board'), '--member', user('alice'), '--term', '5d'];
  expect(refusalOf(await runWith(undefined, ...join))).toEqual([2, 'Unauthenticated']);
  const asked = await runWith(anybody, ...join);
  expect(asked.code).toBe(4);
  const { id } = asked.json<{ id: string }>();
  const show = async () => valueOf(await admission.service.show(id));
  expect(await show()).toMatchObject({ requesterVerified: true });

  const approve = ['review', id, '--approve'];
  expect(refusalOf(await runWith(undefined, ...approve, '--as', user('mona')))).toEqual([2, 'Unauthenticated']);
  expect(refusalOf(await runWith(monas, ...approve, '--as', user('max')))).toEqual([2, 'Unauthenticated']);
  expect(await show()).toMatchObject({ state: 'pending', approvals: [] });

  const amended = await runWith(anybody, 'amend', id, '--term', '3d', '--as', user('alice'));
  expect(amended.code).toBe(0);
  // The key says who gives the command.
  expect((await runWith(monas, ...approve)).code).toBe(0);
  await expect.poll(async () => (await show()).state).toBe('active');
  const { approvals, notes, requestDigest } = await show();
  expect(approvals).toMatchObject([
    { reviewer: user('mona'), verified: true, requestDigest, reviewId: expect.any(String) },
  ]);
  expect(notes).toMatchObject([{ by: user('alice'), what: 'amended term', verified: true }]);

  // Reviews of a longer term are bound to that term.
  expect((await runWith(anybody, 'extend', id, '--by', '60d', '--as', user('alice'))).code).toBe(0);
  expect((await show()).extension).toMatchObject({ verified: true });
  expect((await runWith(monas, ...approve)).code).toBe(0);
  expect((await show()).extension).toBeUndefined();
  expect((await runWith(monas, 'revoke', id, '--reason', 'over')).code).toBe(0);
  expect(valueOf(await admission.service.wait(id)).outcome).toBe('revoked');
});

test('a review that is given twice with one id counts once', async () => {
  const signer = await loadSigner(anybody);
  if (!signer.ok) throw new Error(signer.issues[0]?.message);
  const { client, taskQueue, emulator } = admission;
  const service = createAdmissionService({ client, taskQueue, bearers: [emulator.bearer], sign: signer.value.sign });
  const { id } = valueOf(await service.join({ channelArn: emulator.channel('guild'), memberArn: user('dave') }));
  const comment = { actor: { principal: user('mona') }, decision: 'comment', comment: 'hm', reviewId: 'one' } as const;
  valueOf(await service.review(id, comment));
  valueOf(await service.review(id, comment));
  expect(valueOf(await service.show(id)).approvals).toHaveLength(1);
  const forged = { ...comment, reviewId: 'two', actor: { principal: user('max'), assertion: 'not.a.proof' } };
  expect(errorOf(await service.review(id, forged)).code).toBe('Unauthenticated');
});

test('a key that cannot be used is named before anything is asked', async () => {
  const ran = await runWith(path(folder, 'keys.json'), 'list');
  expect(ran.json()).toMatchObject({ error: { code: 'InvalidConfiguration', field: 'ADMISSION_SIGNING_KEY' } });
  expect(ran.code).toBe(2);
});
