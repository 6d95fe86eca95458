import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { requestId } from '../../src/workflow-id.ts';
import { asActivity, asChild, registerNamespace, strangerDoes } from '../support/stranger.ts';
import { startSignedAdmission } from './signed-admission.ts';
import type { SignedAdmission } from './signed-admission.ts';

let at: SignedAdmission;
let connection: Connection;
let elsewhere: string;
beforeAll(async () => {
  [at, connection] = await Promise.all([
    startSignedAdmission(),
    Connection.connect({ address: inject('temporalAddress') }),
  ]);
  elsewhere = await registerNamespace(connection);
});
afterAll(async () => {
  await connection.close();
  await at.close();
});

const joins = (member: string) => at.emulator.calls('CreateChannelMembership', member);

/** mona, a moderator, brings somebody in, and knows nothing of it. */
async function inTheNameOfMona() {
  const member = await at.emulator.newUser(`brought-${randomUUID().slice(0, 8)}`);
  return at.requestOf(member, { requestedBy: at.user('mona') });
}

test.each([
  ['of any kind', () => ({})],
  ['that is called an onboarding, on a queue of their own', () => ({ type: 'onboardMember' })],
  ['in another namespace', () => ({ namespace: elsewhere })],
  ['that is called an onboarding, in another namespace', () => ({ type: 'onboardMember', namespace: elsewhere })],
])('a request is not believed because a workflow started it %s', async (_, where) => {
  const request = await inTheNameOfMona();
  const workflowId = requestId(request);
  const { taskQueue, client } = at;
  await strangerDoes(connection, asChild({ type: 'joinChannel', workflowId, taskQueue, args: [request] }), where());
  const handle = client.workflow.getHandle(workflowId);
  const started = () => handle.describe();
  await vi.waitFor(started, { timeout: 60_000, interval: 50 });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Unauthenticated' } });
  expect(await joins(request.memberArn)).toEqual([]);
});

test('no activity does anything for a workflow of somebody else', async () => {
  const request = await inTheNameOfMona();
  const call = { request, bearer: at.user('mona') };
  const queue = at.env['ADMISSION_CHIME_TASK_QUEUE'] ?? '';
  const command = asActivity({ type: 'createChannelMembership', taskQueue: queue, args: [call] });
  const workflowId = await strangerDoes(connection, command);
  const handle = at.client.workflow.getHandle(workflowId);
  const failure = async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure?.message;
  await vi.waitFor(async () => expect(await failure()).toMatch(/only workflows of the task queue/), {
    timeout: 60_000,
  });
  await handle.terminate();
  expect(await joins(request.memberArn)).toEqual([]);
});
