import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { recordedRequests } from '../../src/service/recorded-requests.ts';
import { reevaluatePending } from '../../src/service/reevaluate.ts';
import { valueOf } from '../support/admission.ts';
import { failedTasks, PATIENCE, startScene } from '../workflows/support.ts';

const scene = await startScene();
const { client, emulator, service, taskQueue } = scene;
const onboarding = createOnboardingService({ client, taskQueue, bearers: [] });
const board = emulator.channel('board');
const mona = emulator.user('mona');
const mine = async () => service.list({ mine: mona, limit: 100 });

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');
const attributes = (state: string) =>
  new TypedSearchAttributes([
    { key: keyword('AdmissionState'), value: state },
    { key: keyword('AdmissionChannel'), value: board },
    { key: keyword('AdmissionMember'), value: mona },
    { key: keyword('AdmissionType'), value: 'DEFAULT' },
    { key: keyword('AdmissionPolicyDigest'), value: 'other' },
    { key: keyword('AdmissionWaitsOn'), value: 'people' },
    { key: keyword('AdmissionCode'), value: 'X\u001b[31m\nFAKE' },
  ]);
const FORGED = {
  admission: { state: 'pending', requestedAt: 'yesterday\nmore' },
  onboarding: { state: 'running', appInstance: emulator.appInstanceArn, flow: 'x\ny', step: 'x', percent: 1e9 },
};

const planted: string[] = [];
afterAll(async () => {
  await Promise.all(
    planted.map(async (id) =>
      client.workflow
        .getHandle(id)
        .terminate()
        .catch(() => undefined),
    ),
  );
});

const broken = (encoding: string) => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from('{"broken'),
});
const indexed = (text: string) => ({
  metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from('Keyword') },
  data: Buffer.from(JSON.stringify(text)),
});

/** Starts something as anybody can who reaches Temporal. `raw`: payloads that no converter reads. */
async function plant(type: string, { queue = taskQueue, state = 'pending', raw = false } = {}): Promise<string> {
  const workflowId = `planted-${randomUUID()}`;
  planted.push(workflowId);
  if (!raw) {
    const memo = FORGED;
    await client.workflow.start(type, {
      workflowId,
      taskQueue: queue,
      args: [{}],
      memo,
      typedSearchAttributes: attributes(state),
    });
    return workflowId;
  }
  await client.workflowService.startWorkflowExecution({
    namespace: client.options.namespace,
    workflowId,
    workflowType: { name: type },
    taskQueue: { name: queue },
    requestId: randomUUID(),
    input: { payloads: [broken('json/plain')] },
    memo: { fields: { admission: broken('json/plain'), onboarding: broken('binary/encrypted') } },
    searchAttributes: { indexedFields: { AdmissionState: indexed(state) } },
  });
  return workflowId;
}

const NOBODY = 'nobody-polls-this';

describe('what somebody started on a queue without a worker', () => {
  test('is in no list, hides nothing, and is never waited for, also when there are fifty of it', async () => {
    const own = await scene.pending({ channelArn: board, memberArn: await scene.newcomer() });
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) =>
        plant(n % 2 === 0 ? 'joinChannel' : 'onboardMember', { queue: NOBODY, raw: n % 5 === 0 }),
      ),
    );
    await expect.poll(async () => valueOf(await mine()).map(({ id }) => id), PATIENCE).toEqual([own]);
    const queried = vi.spyOn(client.workflowService, 'queryWorkflow');
    // They are named where they show that they wait in this app instance.
    const { unread = [] } = (await mine()) as { unread?: string[] };
    expect([unread.length > 0, unread.filter((id) => !planted.includes(id))]).toEqual([true, []]);
    expect(await mine()).toMatchObject({ ok: true, value: [{ id: own }] });
    expect(await service.list({ channelArn: board, limit: 100 })).toMatchObject({ value: [{ id: own }] });
    expect(valueOf(await onboarding.list({ mine: mona, limit: 100 }))).toEqual([]);
    expect(valueOf(await onboarding.list({ limit: 100 }))).toEqual([]);
    const since = new Date(Date.now() - 60_000);
    const recorded = valueOf(await recordedRequests({ since, limit: 100, taskQueue }, { client }));
    expect(recorded).toMatchObject({ views: [{ id: own }], openWithoutWorker: 0, unread: [] });
    const again = await reevaluatePending(client, { policyDigest: 'new', taskQueue });
    expect(again).toEqual({ asked: 1, failed: [] });
    // Each of them would have kept the answer waiting for ten seconds.
    const asked = queried.mock.calls.map(([{ execution }]) => execution?.workflowId ?? '');
    expect(asked.filter((id) => planted.includes(id))).toEqual([]);
    queried.mockRestore();
    expect(planted).not.toContain(own);
  });

  test('where nobody can be asked at all, the list says so instead of being empty', async () => {
    const other = await scene.otherSystem({}, { worker: false });
    await plant('joinChannel', { queue: other.taskQueue });
    await expect
      .poll(async () => other.service.list({ mine: mona, limit: 10 }))
      .toMatchObject({ ok: false, error: { code: 'NoWorker' } });
  });
});

describe('what somebody started on our queue', () => {
  test.each(['joinChannel', 'onboardMember', 'notifyPeople'])(
    'fails, also where no converter reads its input: %s',
    async (type) => {
      const id = await plant(type, { raw: true });
      await expect.poll(async () => scene.status(id), PATIENCE).toBe('FAILED');
      expect(failedTasks(await scene.history(id))).toBe(0);
    },
  );

  test('is skipped and reported where it shows a state that there is not', async () => {
    const other = await scene.otherSystem({}, { worker: false });
    const [odd, plain] = [
      await plant('joinChannel', { queue: other.taskQueue, state: 'haha\u202e' }),
      await plant('joinChannel', { queue: other.taskQueue }),
    ];
    const list = async () => other.service.list({ limit: 10 });
    await expect.poll(async () => JSON.stringify(await list()), PATIENCE).toContain(plain);
    expect(await list()).toMatchObject({
      ok: true,
      unread: [odd],
      value: [{ id: plain, code: null, waitsFor: 'people' }],
    });
    expect(JSON.stringify(await list())).not.toMatch(/FAKE|yesterday/);
  });
});

test('a signal that no converter reads is dropped: the request goes on', async () => {
  const id = await scene.pending({ channelArn: board, memberArn: await scene.newcomer() });
  const data = Buffer.from('{"broken');
  for (const signalName of ['childProgress', 'anything']) {
    await client.workflowService.signalWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: id },
      signalName,
      input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data }] },
      requestId: randomUUID(),
    });
  }
  valueOf(await service.review(id, { actor: { principal: mona }, decision: 'approve' }));
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  expect(failedTasks(await scene.history(id))).toBe(0);
});
