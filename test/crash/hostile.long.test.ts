import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { inLane } from '../support/lane.ts';
import { attacksOn, hostileSet } from './hostile-attacks.ts';
import type { Attack, Target } from './hostile-attacks.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { WorkerProcess } from './worker-process.ts';

let admission: TestAdmission;
let worker: WorkerProcess;
let target: Target;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  const file = join(folder, 'admission.yaml');
  await writeFile(file, hostileSet());
  admission = await startAdmission({ ADMISSION_POLICIES: file }, { worker: false });
  const { client, taskQueue, env, emulator } = admission;
  const memory = { NODE_OPTIONS: '--max-old-space-size=1500', ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle') };
  worker = await startWorkerProcess({ ...env, ...memory });
  const options = { client, taskQueue, bearers: [emulator.bearer] };
  target = {
    client,
    taskQueue,
    service: createAdmissionService(options),
    onboarding: createOnboardingService(options),
    admin: emulator.user('ada'),
    lobby: emulator.channel('lobby'),
    board: emulator.channel('board'),
    newcomer: async () => emulator.newUser(`user-${randomUUID().slice(0, 8)}`),
  };
});
afterAll(async () => {
  await worker?.kill('SIGKILL');
  await admission?.close();
  await rm(folder, { recursive: true });
});

/** Somebody who has nothing to do with any of it joins. */
async function plainJoin(): Promise<void> {
  const { service, lobby, newcomer } = target;
  expect(valueOf(await service.join({ channelArn: lobby, memberArn: await newcomer() })).outcome).toBe('joined');
}

const AT_A_TIME = 6;

async function inTurn(some: readonly Attack[], ends: string[]): Promise<void> {
  for (const attack of some) ends.push(await attack());
}

/** Never an end of its own: only what went wrong. */
async function failing(work: Promise<unknown>): Promise<never> {
  await work;
  return new Promise(() => undefined);
}

// By how much others notice is measured by `npm run bench`.
test('a worker with 1,500 MB outlives 100 attacks in a row, and others join meanwhile', async () => {
  const all = await attacksOn(target);
  expect(all.length).toBeGreaterThanOrEqual(100);
  // Of each kind there is one among any five.
  const attacks = inLane({ short: all.filter((_, index) => index % 5 === 0), long: all });
  const ends: string[] = [];
  let joins = 0;
  for (let from = 0; from < attacks.length; from += AT_A_TIME) {
    const some = attacks.slice(from, from + AT_A_TIME);
    const attacking = inTurn(some, ends);
    while (ends.length < from + some.length) {
      await Promise.race([plainJoin(), failing(attacking)]);
      joins += 1;
    }
    await attacking;
  }
  expect(ends).toHaveLength(attacks.length);
  // None of them went unanswered.
  expect(ends.filter((end) => end === 'NoWorker' || end === 'completed')).toEqual([]);
  expect(joins).toBeGreaterThan(attacks.length / AT_A_TIME);
  expect(worker.isRunning()).toBe(true);
}, 600_000);
