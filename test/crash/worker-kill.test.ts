import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { WorkerProcess } from './worker-process.ts';

const SOON = { timeout: 60_000, interval: 20 };

let admission: TestAdmission;
let worker: WorkerProcess;
beforeAll(async () => {
  admission = await startAdmission({ ADMISSION_ATTEMPT_TIMEOUT: '2s' }, { worker: false });
  await startWorker();
});
beforeEach(async () => {
  if (!worker.isRunning()) await startWorker();
});
afterAll(async () => {
  await worker?.kill('SIGKILL');
  await admission?.close();
});

async function startWorker(): Promise<void> {
  worker = await startWorkerProcess({ ...admission.env, ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle') });
}

async function ask(channel: string, member: string) {
  const { emulator, service } = admission;
  return service.join({ channelArn: emulator.channel(channel), memberArn: emulator.user(member) });
}

/** The status of every attempt to create the membership; 0 is one that nobody heard the answer of. */
async function attempts(member: string): Promise<number[]> {
  const calls = await admission.emulator.calls('CreateChannelMembership', admission.emulator.user(member));
  return calls.map((call) => call.status);
}

/** The id of the one request that is being granted. Lists do not show a call that is made at once: they say what was before. */
async function granting(): Promise<string> {
  const [open] = valueOf(await admission.service.list({ state: 'evaluating', limit: 1 }));
  return open?.id ?? '';
}

test('a worker killed while a request is pending: another one takes a review', async () => {
  const { emulator, service } = admission;
  const { id, state } = valueOf(await ask('board', 'carol'));
  expect(state).toBe('pending');
  await worker.kill('SIGKILL');

  await startWorker();
  const actor = { principal: emulator.user('mona') };
  expect(valueOf(await service.review(id, { actor, decision: 'approve' }))).toMatchObject({ state: 'granting' });
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: emulator.user('mona') });
  expect(await attempts('carol')).toEqual([201]);
});

test('a dead worker is missed after a second: by default Temporal gives it ten before it asks another', async () => {
  const create = vi.spyOn(Worker, 'create');
  const stop = await startTestWorker(admission.env);
  await stop();
  expect(create.mock.calls[0]?.[0].stickyQueueScheduleToStartTimeout).toBe('1s');
  create.mockRestore();
});

test('SIGTERM lets a running attempt end: exit code 0, one call, and the request ends', async () => {
  const { emulator, service } = admission;
  const memberArn = emulator.user('erin');
  await emulator.fault('CreateChannelMembership', { kind: 'delay', ms: 500 }, { memberArn });
  void ask('lobby', 'erin');
  await expect.poll(() => attempts('erin'), SOON).toEqual([0]);
  const id = await granting();
  expect(await worker.kill('SIGTERM')).toBe(0);
  expect(await attempts('erin')).toEqual([201]);
  expect(worker.log.at(-1)).toContain('the worker has drained and stops');

  await startWorker();
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined' });
  expect(await attempts('erin')).toEqual([201]);
});
