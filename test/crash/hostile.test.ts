import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { compileCel } from '../../src/policies/cel/compile.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import type { OnboardingService } from '../../src/service/onboarding.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { EXPRESSIONS, FORMS, startAndFail, STARTS } from './hostile-attacks.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What a trusted author may write in a policy set: it compiles, and lint says that it is good. */
const IN_POLICIES = EXPRESSIONS.filter((source, index) => index % 3 === 0 && compileCel(source, { facts: [] }).ok);

let admission: TestAdmission;
let worker: WorkerProcess;
let service: AdmissionService;
let onboarding: OnboardingService;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  const file = join(folder, 'admission.yaml');
  await writeFile(file, JSON.stringify({ apiVersion: 'admission/v1', bindings: bindings() }));
  admission = await startAdmission({ ADMISSION_POLICIES: file }, { worker: false });
  const { client, taskQueue, env, emulator } = admission;
  const memory = { NODE_OPTIONS: '--max-old-space-size=1500', ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle') };
  worker = await startWorkerProcess({ ...env, ...memory });
  service = createAdmissionService({ client, taskQueue, bearers: [emulator.bearer] });
  onboarding = createOnboardingService({ client, taskQueue, bearers: [emulator.bearer] });
}, 120_000);
afterAll(async () => {
  await worker?.kill('SIGKILL');
  await admission?.close();
  await rm(folder, { recursive: true });
});

function bindings(): object[] {
  const bombs = IN_POLICIES.map((denyWhen, index) => ({
    name: `bomb-${index}`,
    use: 'expression',
    params: { denyWhen },
    matchConditions: [{ name: 'its-own', expression: `has(request.reason) && request.reason == 'bomb ${index}'` }],
  }));
  return [{ name: 'privacy', use: 'privacy' }, { name: 'ban', use: 'ban' }, ...bombs];
}

const newcomer = async () => admission.emulator.newUser(`user-${randomUUID().slice(0, 8)}`);
const ada = () => admission.emulator.user('ada');

/** Somebody who has nothing to do with any of it joins; how long it took, in ms. */
async function plainJoin(): Promise<number> {
  const memberArn = await newcomer();
  const startedAt = performance.now();
  const { outcome } = valueOf(await service.join({ channelArn: admission.emulator.channel('lobby'), memberArn }));
  expect(outcome).toBe('joined');
  return performance.now() - startedAt;
}

async function inPolicies(index: number): Promise<string> {
  const request = { channelArn: admission.emulator.channel('lobby'), memberArn: await newcomer() };
  return codeOf(await service.join({ ...request, reason: `bomb ${index}` }));
}

/** A request that waits for people. */
async function pending(): Promise<string> {
  const channelArn = admission.emulator.channel('board');
  return valueOf(await service.join({ channelArn, memberArn: await newcomer() })).id;
}

async function aboutReviewers(id: string, expression: string): Promise<string> {
  const actor = { principal: ada() };
  const to = { roles: ['channel_moderator' as const], expression };
  return codeOf(await service.give(id, 'reassign', { actor, binding: 'privacy', to, reason: 'a bomb' }));
}

/** A flow that an admin of the app instance brings along. */
async function broughtAlong(step: object, answers?: Record<string, unknown>): Promise<string> {
  const member = await newcomer();
  const channelArn = admission.emulator.channel('board');
  const end = { id: 'end', kind: 'join', channelArn };
  const flow = { apiVersion: 'onboarding/v1', name: `bomb-${randomUUID().slice(0, 8)}`, steps: [step, end] };
  const started = await onboarding.start({ flow, member, requestedBy: ada() });
  if (!started.ok) return started.error.code;
  const { id } = started.value;
  const answered = answers
    ? await onboarding.give(id, 'submitInput', { actor: { principal: member }, step: 'bomb', answers })
    : started;
  await onboarding.give(id, 'cancel', { actor: { principal: ada() }, reason: 'enough', compensate: false });
  return codeOf(answered);
}

const approval = (expression: string) => ({
  id: 'bomb',
  kind: 'approval',
  channelArn: admission.emulator.channel('board'),
  requirement: { approvers: { expression }, approve: 1 },
});
const form = (schema: object) => ({ id: 'bomb', kind: 'input', prompt: 'Well?', schema });

function codeOf(result: { ok: true; value: object } | { ok: false; error: { code: string } }): string {
  return result.ok ? 'answered' : result.error.code;
}

/** Every attack, each to be started when the one before has been answered. */
async function attacks(): Promise<(() => Promise<string>)[]> {
  const { client, taskQueue } = admission;
  const ids: string[] = [];
  while (ids.length < EXPRESSIONS.length) ids.push(await pending());
  return [
    ...IN_POLICIES.map((_, index) => () => inPolicies(index)),
    ...EXPRESSIONS.map((source, index) => () => aboutReviewers(ids[index] ?? '', source)),
    ...EXPRESSIONS.filter((_, index) => index % 4 === 0).map((source) => () => broughtAlong(approval(source))),
    ...FORMS.map(
      ([schema, answers]) =>
        () =>
          broughtAlong(form(schema), { ...answers }),
    ),
    ...STARTS.map((start) => () => startAndFail(client, taskQueue, start)),
  ];
}

const AT_A_TIME = 6;

async function inTurn(some: readonly (() => Promise<string>)[], ends: string[]): Promise<void> {
  for (const attack of some) ends.push(await attack());
}

/** Never an end of its own: only what went wrong. */
async function failing(work: Promise<unknown>): Promise<never> {
  await work;
  return new Promise(() => undefined);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

// Once more where the machine had a noisy moment.
test(
  'a worker with 1,500 MB outlives 100 attacks in a row, and others hardly notice',
  { timeout: 600_000, retry: 1 },
  async () => {
    const all = await attacks();
    const [usual, meanwhile, ends]: [number[], number[], string[]] = [[], [], []];
    for (let count = 0; count < 10; count += 1) await plainJoin();
    // Turn by turn, so that whatever else the machine does is there in both.
    for (let from = 0; from < all.length; from += AT_A_TIME) {
      const some = all.slice(from, from + AT_A_TIME);
      const attacking = inTurn(some, ends);
      while (ends.length < from + some.length) meanwhile.push(await Promise.race([plainJoin(), failing(attacking)]));
      await attacking;
      for (let count = 0; count < AT_A_TIME; count += 1) usual.push(await plainJoin());
    }

    expect(all.length).toBeGreaterThanOrEqual(100);
    expect(ends).toHaveLength(all.length);
    // None of them went unanswered.
    expect(ends.filter((end) => end === 'NoWorker' || end === 'completed')).toEqual([]);
    expect(worker.isRunning()).toBe(true);
    const ratio = median(meanwhile) / median(usual);
    const times = `${Math.round(median(usual))} ms usually, ${Math.round(median(meanwhile))} ms meanwhile`;
    console.log(`${all.length} attacks; a plain join takes ${times}: ${ratio.toFixed(2)} times as long`);
    expect(ratio).toBeLessThanOrEqual(2);
  },
);
