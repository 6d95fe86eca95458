import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { USED_ASSERTION } from '../../src/domain/commands.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { createSigner } from '../../src/identity/signer.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { errorOf, startTestWorker, valueOf } from '../support/admission.ts';
import { DENY, refusedBy, startSignedAdmission } from './signed-admission.ts';
import type { SignedAdmission } from './signed-admission.ts';

let at: SignedAdmission;
let stop: () => Promise<void>;
beforeAll(async () => {
  at = await startSignedAdmission(undefined, { worker: false });
  stop = await startTestWorker(at.env);
});
afterAll(async () => {
  await stop();
  await at.close();
});

/** As another process has it, which remembers nothing. */
async function anotherWorker(): Promise<void> {
  await stop();
  stop = await startTestWorker(at.env);
}

const newUser = () => at.emulator.newUser(`once-${randomUUID().slice(0, 8)}`);

/** Asks with a proof; the very same again can be sent by whoever has seen it on its way. */
async function asked(channel: string) {
  const request = { ...at.requestOf(await newUser()), channelArn: at.emulator.channel(channel) };
  const assertion = await at.assertionOfJoin(request);
  return { request, assertion, replay: () => at.join(request, assertion) };
}

/** A flow that is open for long. */
function waiting(name: string) {
  const joinLobby = { id: 'in', kind: 'join', channelArn: at.emulator.channel('lobby') };
  return { apiVersion: 'onboarding/v1', name, steps: [{ id: 'later', kind: 'wait', for: '1d' }, joinLobby] };
}

type Asked = Awaited<ReturnType<typeof asked>>;

const ENDS: readonly (readonly [string, string, (given: Asked) => Promise<unknown>])[] = [
  ['joined', 'lobby', ({ replay }) => replay()],
  [
    'withdrawn',
    'board',
    async ({ request, replay }) => {
      const { id } = valueOf(await replay());
      const assertion = await at.assertionOf('withdraw', id, {}, { as: request.memberArn });
      return valueOf(await at.service.withdraw(id, { actor: { principal: request.memberArn, assertion } }));
    },
  ],
  [
    'denied',
    'board',
    async ({ replay }) => {
      const { id } = valueOf(await replay());
      return valueOf(await at.review(id, await at.assertionOf('review', id, DENY), DENY));
    },
  ],
  [
    'failed',
    'lobby',
    async ({ request, replay }) => {
      const fault = { kind: 'exception', name: 'ForbiddenException' };
      await at.emulator.fault('CreateChannelMembership', fault, { count: 1, memberArn: request.memberArn });
      return replay();
    },
  ],
  ['terminated', 'board', async ({ replay }) => at.client.workflow.getHandle(valueOf(await replay()).id).terminate()],
];

test.each(ENDS)('a proof of who asks is used up after the request %s, for every worker', async (end, channel, run) => {
  const given = await asked(channel);
  await run(given);
  await anotherWorker();
  expect(errorOf(await given.replay())).toMatchObject(refusedBy(/used already/));
  // It does not stand in the way of who can prove it anew.
  const anew = await at.join(given.request, await at.assertionOfJoin(given.request));
  expect(valueOf(anew)).toMatchObject({
    outcome: end === 'joined' ? 'alreadyMember' : end === 'failed' ? 'joined' : null,
  });
});

test('nor does a second mark, which somebody makes for it, have it taken once more', async () => {
  const { request, assertion, replay } = await asked('board');
  const { id } = valueOf(await replay());
  await at.client.workflow.getHandle(id).terminate();
  await stop();
  const { taskQueue } = at;
  const actor = { principal: request.memberArn, assertion };
  const args = [{ ...request, actor }];
  const again = await at.client.workflow.start('joinChannel', { workflowId: id, taskQueue, args });
  const jti = `${at.keys.gateway.publicKey.kid} ${decodeJwt(assertion).jti}`;
  await at.client.workflow.start(USED_ASSERTION, {
    workflowId: `used:${digestOf(jti).slice(0, 32)}`,
    taskQueue,
    memo: { by: again.firstExecutionRunId },
  });
  stop = await startTestWorker(at.env);
  await expect(again.result()).rejects.toMatchObject({ cause: { type: 'Unauthenticated' } });
});

test('who asks again while it is open sends no proof that somebody could use later', async () => {
  const made: string[] = [];
  const signer = createSigner(at.keys.gateway.privateKey);
  const sign: typeof signer = async (principal, what) => {
    made.push(what.command);
    return signer(principal, what);
  };
  const options = { client: at.client, taskQueue: at.taskQueue, bearers: [at.emulator.bearer], sign };
  const [service, onboarding] = [createAdmissionService(options), createOnboardingService(options)];
  const request = at.requestOf(await newUser());
  const subject = { flow: waiting('again'), member: request.memberArn, requestedBy: at.user('ada') };
  const first = [valueOf(await service.join(request)).id, valueOf(await onboarding.start(subject)).id];
  expect([valueOf(await service.join(request)).id, valueOf(await onboarding.start(subject)).id]).toEqual(first);
  expect(made).toEqual(['requestJoin', 'onboard']);
});

test('that of an onboarding, too', async () => {
  const { client, taskQueue, emulator } = at;
  const made: string[] = [];
  const sign = createSigner(at.keys.gateway.privateKey);
  const onboarding = createOnboardingService({
    client,
    taskQueue,
    bearers: [emulator.bearer],
    sign: async (principal, what) => (made[0] = await sign(principal, what)),
  });
  const subject = { flow: waiting('once'), member: await newUser(), requestedBy: at.user('ada') };
  const { id } = valueOf(await onboarding.start(subject));
  await client.workflow.getHandle(id).terminate();
  await anotherWorker();
  const actor = { principal: at.user('ada'), assertion: made[0] };
  expect(errorOf(await onboarding.start({ ...subject, actor }))).toMatchObject(refusedBy(/used already/));
});

describe('a request that an operator resets', () => {
  test('is still proved: it was asked once', async () => {
    const { replay } = await asked('board');
    const { id } = valueOf(await replay());
    const { workflowService } = at.client.connection as {
      workflowService: temporal.api.workflowservice.v1.WorkflowService;
    };
    await workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: id },
      reason: 'try again',
      workflowTaskFinishEventId: 4 as never,
      requestId: randomUUID(),
    });
    await anotherWorker();
    await vi.waitFor(async () => expect((await at.shown(id)).state).toBe('pending'), { timeout: 60_000 });
    expect(await at.shown(id)).toMatchObject({ requesterVerified: true });
  });
});

test('who ends the membership of a closed request proves it, about that request', async () => {
  const { request, replay } = await asked('lobby');
  const { id, outcome } = valueOf(await replay());
  expect(outcome).toBe('joined');
  const why = { reason: 'a test' };
  const { memberArn: as } = request;
  const revoke = (assertion?: string) =>
    at.service.give(id, 'revoke', { ...why, actor: { principal: as, ...(assertion ? { assertion } : {}) } });
  expect(errorOf(await revoke())).toMatchObject(refusedBy(/Nothing proves/));
  expect(errorOf(await revoke(await at.assertionOf('revoke', id, { reason: 'else' }, { as })))).toMatchObject(
    refusedBy(/another content/),
  );
  expect(errorOf(await revoke(await at.assertionOf('withdraw', id, why, { as })))).toMatchObject(
    refusedBy(/another command/),
  );
  const signing = createAdmissionService({
    client: at.client,
    taskQueue: at.taskQueue,
    bearers: [],
    sign: createSigner(at.keys.gateway.privateKey),
  });
  const { revocation } = valueOf(await signing.give(id, 'revoke', { ...why, actor: { principal: as } }));
  expect(revocation).toMatchObject({ state: 'removed', by: as, verified: true });
  expect(valueOf(await signing.show(id)).revocation).toMatchObject({ state: 'removed' });
});

test('who has left and asks again proves it anew', async () => {
  const request = { ...at.requestOf(await newUser()), channelArn: at.emulator.channel('lobby'), term: '1h' };
  const sign = createSigner(at.keys.gateway.privateKey);
  const signing = createAdmissionService({ client: at.client, taskQueue: at.taskQueue, bearers: [], sign });
  const first = valueOf(await signing.join(request));
  expect(first.state).toBe('active');
  const membership = [request.channelArn, request.memberArn].map((arn) => encodeURIComponent(arn));
  const left = await fetch(`${at.emulator.url}/channels/${membership.join('/memberships/')}`, {
    method: 'DELETE',
    headers: { 'x-amz-chime-bearer': request.memberArn },
  });
  expect(left.ok).toBe(true);
  const again = valueOf(await signing.join(request));
  expect([again.state, again.runId === first.runId]).toEqual(['active', false]);
});
