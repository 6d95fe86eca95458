import { randomUUID } from 'node:crypto';
import type { Connection, WorkflowStartOptions } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { instantiate } from '../../src/schemas/read-flow.ts';
import { parseOnboarding } from '../../src/domain/onboarding/input.ts';
import { born } from '../../src/domain/onboarding/asked.ts';
import type { Running } from '../../src/domain/onboarding/state.ts';
import { newView } from '../../src/domain/view.ts';
import { requestId } from '../../src/workflow-id.ts';
import { startTestWorker } from '../support/admission.ts';
import { asNextRun, strangerDoes } from '../support/stranger.ts';
import { failureOf } from '../workflows/support.ts';
import { startSignedAdmission } from './signed-admission.ts';
import type { SignedAdmission } from './signed-admission.ts';

let at: SignedAdmission;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  at = await startSignedAdmission();
});
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await at.close();
});

const PATIENCE = { timeout: 60_000, interval: 50 };
const now = () => new Date().toISOString();

/** A start with everything in it that lets `member` into the board in the name of an admin who never asked for it. */
type Forgery = (member: string) => { readonly type: string; readonly args: unknown[] };

const kept = () => ({
  settings: { retry: { initialMs: 100, maximumMs: 1_000, forMs: 9_000 }, callTimeoutMs: 2_000, commandsPerRun: 200 },
  serviceBearer: at.emulator.bearer,
});

const request: Forgery = (memberArn) => {
  const asked = { ...at.requestOf(memberArn), requestedBy: at.user('ada') };
  const begun = newView({ id: 'forged', runId: 'forged', request: asked, requestedAt: now() });
  // The policies are asked at once, and nobody asks for a proof again.
  const view = {
    ...begun,
    state: 'pending',
    waitsFor: 'time',
    deferredUntil: now(),
    dueAt: '2099-01-01T00:00:00.000Z',
  };
  const memory = { usedAssertions: [], reviewIds: [], told: 0 };
  return { type: 'joinChannel', args: [asked, { phase: 'waiting', view, kept: kept(), ...memory }] };
};

const onboarding: Forgery = (member) => {
  const steps = [{ id: 'in', kind: 'join', channelArn: at.emulator.channel('board') }];
  const flow = { apiVersion: 'onboarding/v1', name: 'forged', steps };
  const input = { flow, member, requestedBy: at.user('ada') };
  const parsed = parseOnboarding(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const made = instantiate(flow, parsed.value.subject);
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  const state = {
    ...born(parsed.value, { id: 'forged', runId: 'forged', firstRunId: 'forged', requestedAt: now() }),
    state: 'running',
    course: {
      ...made.value,
      ...(kept() as unknown as Pick<Running['course'], 'settings' | 'serviceBearer'>),
      flowDigest: 'f'.repeat(64),
      subjectDigest: 's'.repeat(64),
      requesterVerified: true,
      memberName: 'forged',
      requestIds: { in: `join:forged:${randomUUID()}` },
      listedAs: { member: null, parties: [] },
      steps: made.value.flow.steps.map(({ id }) => ({ id, status: 'future' })),
      grants: [],
    },
  } satisfies Running;
  return { type: 'onboardMember', args: [input, state] };
};

async function start(forgery: ReturnType<Forgery>, more: Partial<WorkflowStartOptions> = {}) {
  const workflowId = `forged-${randomUUID()}`;
  const { type, args } = forgery;
  const { taskQueue } = at;
  return at.client.workflow.start(type, { workflowId, taskQueue, ...more, args });
}

/** How the runs of a workflow ended, in no order. */
async function ends(workflowId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { status } of at.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    if (status.name !== 'RUNNING') found.push(status.name);
  }
  return found;
}

const joins = (member: string) => at.emulator.calls('CreateChannelMembership', member);

const BOTH = [
  ['a request', request],
  ['an onboarding', onboarding],
] as const;

test.each(BOTH)('%s that is started with a state is refused', async (_, forge) => {
  const member = await at.emulator.newUser(`plain-${randomUUID().slice(0, 8)}`);
  const handle = await start(forge(member));
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'ForgedState' } });
  expect(await joins(member)).toEqual([]);
});

test.each(BOTH)('%s that goes on from a workflow of somebody else with a state is refused', async (_, forge) => {
  const member = await at.emulator.newUser(`next-${randomUUID().slice(0, 8)}`);
  const { type, args } = forge(member);
  const { connection } = at.client;
  const workflowId = await strangerDoes(connection as Connection, asNextRun({ type, taskQueue: at.taskQueue, args }));
  const { type: ended } = await failureOf(at.client.workflow.getHandle(workflowId).result());
  expect(ended).toBe('ForgedState');
  expect(await joins(member)).toEqual([]);
});

test.each(BOTH)('%s that a cron schedule runs again with a state is refused each time', async (_, forge) => {
  const member = await at.emulator.newUser(`cron-${randomUUID().slice(0, 8)}`);
  const handle = await start(forge(member), { cronSchedule: '@every 1s' });
  await vi.waitFor(async () => expect((await ends(handle.workflowId)).length).toBeGreaterThan(1), PATIENCE);
  expect([...new Set(await ends(handle.workflowId))]).toEqual(['FAILED']);
  await handle.terminate();
  expect(await joins(member)).toEqual([]);
});

test.each(BOTH)('%s that is retried with a state is refused', async (_, forge) => {
  const member = await at.emulator.newUser(`retry-${randomUUID().slice(0, 8)}`);
  const taskQueue = `late-${randomUUID()}`;
  const retry = { initialInterval: 100, backoffCoefficient: 1 };
  const handle = await start(forge(member), { taskQueue, retry, workflowRunTimeout: '2s' });
  // The first run ends before any worker has seen it.
  await vi.waitFor(async () => expect(await ends(handle.workflowId)).toContain('TIMED_OUT'), PATIENCE);
  const queues = { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_CHIME_TASK_QUEUE: `${taskQueue}-chime` };
  stops.push(await startTestWorker({ ...at.env, ...queues }));
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidStart' } });
  expect(await joins(member)).toEqual([]);
});

test.each<[string, Partial<WorkflowStartOptions>]>([
  ['every time that a cron schedule runs', { cronSchedule: '@every 1s' }],
  ['every retry', { retry: { maximumAttempts: 2 } }],
  ['a later time', { startDelay: '1s' }],
])('who asks and proves it has not asked for %s', async (_, more) => {
  const member = await at.emulator.newUser(`once-${randomUUID().slice(0, 8)}`);
  const asked = { ...at.requestOf(member), channelArn: at.emulator.channel('lobby') };
  const actor = { principal: member, assertion: await at.assertionOfJoin(asked) };
  const handle = await start(
    { type: 'joinChannel', args: [{ ...asked, actor }] },
    { workflowId: requestId(asked), ...more },
  );
  await vi.waitFor(async () => expect(await ends(handle.workflowId)).toContain('FAILED'), PATIENCE);
  await handle.terminate().catch(() => undefined);
  expect(await joins(member)).toEqual([]);
});
