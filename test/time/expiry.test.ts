import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.ts';
import type { SearchAttribute } from '../../src/domain/search-attributes.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { addSearchAttributes } from '../../src/service/search-attributes.ts';
import { createLogger, installRuntime } from '../../src/telemetry.ts';
import { errorOf, startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** On this server time stands still until `sleep` lets it jump. */
let server: TestWorkflowEnvironment;
let admission: TestAdmission;
beforeAll(async () => {
  installRuntime(createLogger('error'));
  const executable = { type: 'existing-path', path: inject('timeSkippingServer') } as const;
  server = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  // It can neither list nor count, and an attribute is usable at once.
  const workflowService = { countWorkflowExecutions: async () => undefined };
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttribute[];
  const operatorService = server.connection.operatorService as Parameters<
    typeof addSearchAttributes
  >[0]['operatorService'];
  await addSearchAttributes({ operatorService, workflowService }, 'default', names);
  admission = await startAdmission({}, { temporalAddress: server.address });
});
afterAll(async () => {
  await admission?.close();
  await server?.teardown();
});

async function ask(member: string, service: AdmissionService = admission.service) {
  const { emulator } = admission;
  const request = { channelArn: emulator.channel('board'), memberArn: emulator.user(member) };
  return valueOf(await service.join(request));
}

const approval = () => ({ actor: { principal: admission.emulator.user('mona') }, decision: 'approve' as const });

test('a request that nobody answers expires after 30 days, and nothing is written', async () => {
  const { emulator, service } = admission;
  const { id, state } = await ask('alice');
  expect(state).toBe('pending');
  await server.sleep(30 * DAY);
  const { outcome, reason, requestedAt, dueAt = '', closedAt = '' } = valueOf(await service.wait(id));
  expect([outcome, reason?.code]).toEqual(['expired', 'EXPIRED']);
  expect(reason?.message).toContain(dueAt);
  expect(Date.parse(closedAt)).toBeGreaterThanOrEqual(Date.parse(dueAt));
  expect(Date.parse(dueAt) - Date.parse(requestedAt)).toBeGreaterThanOrEqual(30 * DAY);
  expect(await emulator.calls('CreateChannelMembership', emulator.user('alice'))).toEqual([]);
});

test('a review a minute before the expiry counts', async () => {
  const { service } = admission;
  const { id } = await ask('carol');
  await server.sleep(30 * DAY - MINUTE);
  expect(valueOf(await service.review(id, approval()))).toMatchObject({ state: 'granting' });
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
});

test('a review after the expiry is told that the request is resolved, and the requester may ask again', async () => {
  const { service } = admission;
  const first = await ask('dave');
  await server.sleep(30 * DAY);
  valueOf(await service.wait(first.id));
  expect(errorOf(await service.review(first.id, approval()))).toMatchObject({ code: 'AlreadyResolved' });
  const second = await ask('dave');
  expect(second).toMatchObject({ id: first.id, state: 'pending' });
  expect(second.runId).not.toBe(first.runId);
});

test('ADMISSION_EXPIRE_AFTER says how long a request waits', async () => {
  const taskQueue = `test-${randomUUID()}`;
  const env = { ...admission.env, ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_EXPIRE_AFTER: '90m' };
  onTestFinished(await startTestWorker(env));
  const service = createAdmissionService({ client: admission.client, taskQueue, bearers: [] });
  const { id } = await ask('erin', service);
  await server.sleep(89 * MINUTE);
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending' });
  await server.sleep(MINUTE);
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'expired' });
});
