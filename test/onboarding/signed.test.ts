import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, expect, test } from 'vitest';
import type { CommandToProve } from '../../src/domain/actor.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { createSigner, type SigningKey } from '../../src/identity/signer.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { onboardingId, requestId } from '../../src/workflow-id.ts';
import { errorOf, startTestWorker, valueOf } from '../support/admission.ts';
import { startOnboardings } from './scene.ts';

async function newKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid } as SigningKey;
  return { key, jwk: { ...(await exportJWK(publicKey)), kid } };
}

const [known, unknown] = await Promise.all([newKey('known'), newKey('unknown')]);
const folder = await mkdtemp(join(tmpdir(), 'keys-'));
afterAll(() => rm(folder, { recursive: true }));
const keys = join(folder, 'jwks.json');
await writeFile(keys, JSON.stringify({ keys: [known.jwk] }));

// A new run after each command: what was used in one run is not forgotten in the next.
const env = { ADMISSION_TRUST_CLIENTS: 'false', ADMISSION_ASSERTION_KEYS: keys, ADMISSION_COMMANDS_PER_RUN: '1' };
const scene = await startOnboardings(env);
const { client, taskQueue, emulator, onboarding: unsigned } = scene;
const options = { client, taskQueue, bearers: [emulator.bearer] };
const signed = createOnboardingService({ ...options, sign: createSigner(known.key) });
const forged = createOnboardingService({ ...options, sign: createSigner(unknown.key) });
const [mona, ada] = [emulator.user('mona'), emulator.user('ada')];

const steps = [
  { id: 'role', kind: 'input', prompt: 'Role?', schema: { type: 'object' } },
  { id: 'welcome', kind: 'join', channelArn: emulator.channel('lobby') },
  { id: 'long', kind: 'wait', for: '30d' },
];
const flow = scene.flows.add({ apiVersion: 'onboarding/v1', name: 'signed', steps });

test('who asks has to prove it', async () => {
  const member = await emulator.newUser('unproved');
  const input = { flow, member, requestedBy: mona };
  expect(errorOf(await unsigned.start(input)).code).toBe('Unauthenticated');
  expect(errorOf(await forged.start(input)).code).toBe('Unauthenticated');
  const actor = { principal: mona, assertion: 'e30.e30.e30' };
  expect(errorOf(await unsigned.start({ ...input, actor })).code).toBe('Unauthenticated');
  expect(await scene.membership(emulator.channel('lobby'), member)).toBeNull();
});

test.each<[string, (what: CommandToProve) => Promise<string>, RegExp]>([
  ['expired', (what) => createSigner(known.key, { lifetime: -10 })(mona, what), /expired/],
  ['of somebody else', (what) => createSigner(known.key)(ada, what), /another principal/],
  [
    'of another command',
    (what) => createSigner(known.key)(mona, { ...what, command: 'requestJoin' }),
    /another command/,
  ],
  ['about another', (what) => createSigner(known.key)(mona, { ...what, workflowId: 'onboard:x' }), /another request/],
  [
    'of another member',
    (what) => createSigner(known.key)(mona, { ...what, payload: { member: ada } }),
    /another content/,
  ],
])('a proof of who asks that is %s starts nothing', async (_, sign, message) => {
  const member = await emulator.newUser(`unproved-${randomUUID().slice(0, 8)}`);
  const subject = { flow, member, requestedBy: mona, params: {} };
  const workflowId = onboardingId(flow, { member, requestedBy: mona });
  const what = { command: 'onboard', workflowId, payload: subject, requestDigest: digestOf(subject) };
  const actor = { principal: mona, assertion: await sign(what) };
  const error = errorOf(await unsigned.start({ ...subject, actor }));
  expect(error).toMatchObject({ code: 'Unauthenticated', message: expect.stringMatching(message) });
  expect(await scene.membership(emulator.channel('lobby'), member)).toBeNull();
});

test('every command has to be proved, and what its request asks for is vouched for', async () => {
  const member = await emulator.newUser('proved');
  const { id } = valueOf(await signed.start({ flow, member, requestedBy: mona }));
  expect(valueOf(await signed.show(id))).toMatchObject({ requesterVerified: true });
  const answer = { actor: { principal: member }, step: 'role', answers: {} };
  const pause = { actor: { principal: ada }, reason: 'x' };
  for (const service of [unsigned, forged]) {
    expect(errorOf(await service.give(id, 'submitInput', answer)).code).toBe('Unauthenticated');
    expect(errorOf(await service.give(id, 'pause', pause)).code).toBe('Unauthenticated');
  }
  expect(valueOf(await signed.show(id))).toMatchObject({ state: 'running', steps: [{ status: 'now' }, {}, {}] });
  valueOf(await signed.give(id, 'submitInput', answer));
  await scene.reaches(id, { steps: [{ answers: { verified: true } }, { status: 'done' }, { status: 'now' }] });
  expect(await scene.membership(emulator.channel('lobby'), member)).toBe('DEFAULT');
  const asked = {
    channelArn: emulator.channel('lobby'),
    memberArn: member,
    requestedBy: mona,
    type: 'DEFAULT',
  } as const;
  expect(valueOf(await scene.service.show(requestId(asked)))).toMatchObject({ requesterVerified: true });
});

test('a proof counts once, and for its command alone', async () => {
  const member = await emulator.newUser('replayed');
  const { id } = valueOf(await signed.start({ flow, member, requestedBy: mona }));
  const { subjectDigest = '', requestedAt } = valueOf(await signed.show(id));
  const payload = { reason: 'x' };
  const what = { workflowId: id, payload, requestDigest: subjectDigest, requestedAt };
  const actor = { principal: ada, assertion: await createSigner(known.key)(ada, { ...what, command: 'pause' }) };
  valueOf(await unsigned.give(id, 'pause', { ...payload, actor }));
  expect(errorOf(await unsigned.give(id, 'resume', { ...payload, actor })).code).toBe('Unauthenticated');
  valueOf(await signed.give(id, 'resume', { ...payload, actor: { principal: ada } }));
  expect(errorOf(await unsigned.give(id, 'pause', { ...payload, actor })).code).toBe('Unauthenticated');
});

test('an approval of a step counts for no later opening of it, and one of the digest that is shown does', async () => {
  const requirement = { approvers: { roles: ['channel_moderator'] }, approve: 1 };
  const channelArn = emulator.channel('board');
  const check = { id: 'check', kind: 'approval', onFailure: 'hold', channelArn, requirement };
  const member = await emulator.newUser('reopened');
  const reopened = { apiVersion: 'onboarding/v1', name: 'reopened', steps: [check, ...steps] };
  const asked = { flow: scene.flows.add(reopened), member, requestedBy: ada };
  const { id } = valueOf(await signed.start(asked));
  const view = async () => valueOf(await signed.show(id));
  const opened = async (tries: number) => {
    await expect.poll(async () => (await view()).reviewDigest).toBeDefined();
    expect((await view()).steps[0]).toMatchObject({ status: 'now', tries });
  };
  await opened(0);
  const payload = { step: 'check', decision: 'approve' } as const;
  const { reviewDigest: first = '', requestedAt } = await view();
  const about = { command: 'review', workflowId: id, requestedAt };
  const held = await createSigner(known.key)(mona, { ...about, payload, requestDigest: first });
  valueOf(
    await signed.give(id, 'review', { ...payload, decision: 'deny', actor: { principal: emulator.user('max') } }),
  );
  valueOf(await signed.give(id, 'retryStep', { step: 'check', reason: 'again', actor: { principal: ada } }));
  await opened(1);
  const late = await unsigned.give(id, 'review', { ...payload, actor: { principal: mona, assertion: held } });
  expect(errorOf(late)).toMatchObject({ code: 'Unauthenticated', message: expect.stringContaining('another digest') });
  const { reviewDigest: second = '' } = await view();
  const seen = { ...payload, requestDigest: first, actor: { principal: mona } };
  expect(errorOf(await signed.give(id, 'review', seen))).toMatchObject({ code: 'RequestChanged', accepted: second });
  valueOf(await signed.give(id, 'review', { ...seen, requestDigest: second }));
  expect((await view()).steps[0]).toMatchObject({ status: 'done' });
});

test('who asked can cancel it while it is still being prepared', async () => {
  const member = await emulator.newUser('hurried');
  const unavailable = { kind: 'exception', name: 'ServiceUnavailableException' };
  await emulator.fault('DescribeAppInstanceUser', unavailable, { count: 1_000 });
  const { id, state } = valueOf(await signed.start({ flow, member, requestedBy: mona }));
  expect(state).toBe('preparing');
  valueOf(await signed.give(id, 'cancel', { actor: { principal: mona }, reason: 'x', compensate: false }));
  expect(valueOf(await signed.wait(id))).toMatchObject({ outcome: 'cancelled', ending: { by: { verified: true } } });
  await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
});

test('a worker that comes late does not refuse who asked in time', async () => {
  const member = await emulator.newUser('patient');
  const subject = { flow, member, requestedBy: mona, params: {} };
  const workflowId = onboardingId(flow, { member, requestedBy: mona });
  const what = { command: 'onboard', workflowId, payload: subject, requestDigest: digestOf(subject) };
  // Within the skew of clocks it counts for three seconds more.
  const actor = { principal: mona, assertion: await createSigner(known.key, { lifetime: -2 })(mona, what) };
  const late = `late-${randomUUID()}`;
  await client.workflow.start('onboardMember', { workflowId, taskQueue: late, args: [{ ...subject, actor }] });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const queues = { ADMISSION_TASK_QUEUE: late, ADMISSION_CHIME_TASK_QUEUE: `${late}-chime` };
  const stop = await startTestWorker({ ...scene.env, ...queues }, undefined, scene.flows);
  expect(await scene.reaches(workflowId, { state: 'running' })).toMatchObject({ requesterVerified: true });
  await stop();
});
