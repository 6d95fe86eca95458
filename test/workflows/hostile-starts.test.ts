import { randomUUID } from 'node:crypto';
import type { WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { endedWith, failedTasks, failureOf, startScene } from './support.ts';

const scene = await startScene();
const { client, emulator, taskQueue } = scene;
const lobby = emulator.channel('lobby');
const alice = emulator.user('alice');
const request = { channelArn: lobby, memberArn: alice };
const raw = (text: string): unknown => JSON.parse(text);
const many = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));
const deep = (levels: number) => Array.from({ length: levels }).reduce<unknown>((value) => [value], 'x');
const key = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');

const start = (type: string, args: unknown[], options: Partial<WorkflowStartOptions> = {}) =>
  client.workflow.start(type, { workflowId: `hostile-${randomUUID()}`, taskQueue, args, ...options });

/** How a run ended, how often a task of it failed, and how much it recorded. */
async function ending(handle: Awaited<ReturnType<typeof start>>) {
  const { type, message } = await failureOf(handle.result());
  const events = await scene.history(handle.workflowId);
  const last = JSON.stringify(events.at(-1) ?? {}).length;
  return { type, message, recorded: endedWith(events), failedTasks: failedTasks(events), small: last < 20_000 };
}

const refusedAs = (type: string) => ({ type, recorded: type, failedTasks: 0, small: true });

describe('an input that is too big, too deep or oddly named is refused at once, and little of it is recorded', () => {
  const onboarding = { flow: { params: {} }, member: alice, requestedBy: alice };
  test.each([
    ['5,000 fields', 'joinChannel', many(5_000)],
    ['60,000 fields', 'joinChannel', many(60_000)],
    ['a name of 1.5 MB', 'joinChannel', { ['x'.repeat(1_500_000)]: 1 }],
    ['a reason of 1.5 MB', 'joinChannel', { ...request, reason: 'x'.repeat(1_500_000) }],
    ['a member of 1.5 MB', 'joinChannel', { ...request, memberArn: 'x'.repeat(1_500_000) }],
    ['a partition of 1 MB', 'joinChannel', { ...request, channelArn: lobby.replace('aws', `aws${'a'.repeat(1e6)}`) }],
    ['4,000 levels', 'joinChannel', { channelArn: deep(4_000) }],
    ['fields in __proto__', 'joinChannel', raw(`{"__proto__":${JSON.stringify(request)}}`)],
    [
      'a requester in __proto__',
      'joinChannel',
      raw(`{"__proto__":{"type":"HIDDEN"},${JSON.stringify(request).slice(1)}`),
    ],
    ['a constructor', 'joinChannel', raw('{"constructor":{"prototype":{"polluted":1}}}')],
    ['30,000 params', 'onboardMember', { ...onboarding, params: many(30_000, 'x') }],
    [
      'params times params',
      'onboardMember',
      { ...onboarding, flow: { params: many(9_000, { default: '' }) }, params: many(1_900, 'x') },
    ],
    ['a flow of 4,000 levels', 'onboardMember', { ...onboarding, flow: deep(4_000) }],
  ])('%s', async (_what, type, input) => {
    expect(await ending(await start(type, [input]))).toMatchObject(refusedAs('InvalidRequest'));
  });
});

test('a workflow type that anything inherits is unknown as any other', async () => {
  const names = [...Object.getOwnPropertyNames(Object.prototype), 'default', 'prototype', '__esModule', 'length'];
  const ends = await Promise.all(names.map(async (name) => ending(await start(name, [{}]))));
  expect(Object.fromEntries(names.map((name, index) => [name, ends[index]?.type]))).toEqual(
    Object.fromEntries(names.map((name) => [name, 'UnknownWorkflowType'])),
  );
  expect(ends.map((end) => end.failedTasks)).toEqual(names.map(() => 0));
});

describe.each(['joinChannel', 'onboardMember', 'notifyPeople'])('%s is not started with', (type) => {
  test.each<[string, Partial<WorkflowStartOptions>]>([
    ['a run timeout', { workflowRunTimeout: '1h' }],
    ['an execution timeout', { workflowExecutionTimeout: '1h' }],
    ['a workflow task timeout of its own', { workflowTaskTimeout: '1s' }],
    ['a cron schedule', { cronSchedule: '@every 1s' }],
    ['a retry policy', { retry: { maximumAttempts: 2 } }],
    ['a delay', { startDelay: '100ms' }],
    ['a priority', { priority: { priorityKey: 1 } }],
  ])('%s', async (what, options) => {
    const { workflowId, firstExecutionRunId } = await start(type, [request], options);
    // Temporal runs one with a schedule or a retry policy again: this is about the first.
    const first = client.workflow.getHandle(workflowId, firstExecutionRunId);
    const ended = async () => JSON.stringify((await first.fetchHistory()).events?.at(-1));
    await expect.poll(ended).toContain('InvalidStart');
    expect(await ended()).toContain(type === 'notifyPeople' ? 'Requests and onboardings' : what);
    await client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined);
  });
});

describe('search attributes and memo that the starter brought', () => {
  const brought = {
    typedSearchAttributes: new TypedSearchAttributes([
      { key: key('AdmissionState'), value: 'pending' },
      { key: key('AdmissionOutcome'), value: 'joined' },
      { key: key('AdmissionMember'), value: emulator.user('mona') },
      { key: key('AdmissionPolicyDigest'), value: 'mine' },
      { key: key('AdmissionCode'), value: 'X\u001b[31m' },
    ]),
    memo: {
      admission: { state: 'pending', code: 'X\u001b[31m' },
      onboarding: { state: 'running', appInstance: emulator.appInstanceArn },
      requesterVerified: true,
    },
  };

  test.each(['joinChannel', 'onboardMember', 'notifyPeople', 'toString'])(
    'are gone where %s is refused',
    async (type) => {
      const handle = await start(type, [{}], brought);
      await failureOf(handle.result());
      const { memo, typedSearchAttributes } = await handle.describe();
      expect(memo ?? {}).toEqual({});
      const left = typedSearchAttributes.getAll().map(({ key: { name }, value }) => [name, value]);
      expect(Object.fromEntries(left)).toMatchObject({ AdmissionState: 'closed', AdmissionOutcome: 'failed' });
      expect(JSON.stringify(left)).not.toMatch(/mona|mine|joined/);
    },
  );

  test('are gone where it is not, too', async () => {
    const memberArn = await scene.newcomer();
    const handle = await start('joinChannel', [{ channelArn: emulator.channel('board'), memberArn }], brought);
    await expect.poll(async () => (await handle.describe()).memo ?? {}).toEqual({});
    const { typedSearchAttributes } = await handle.describe();
    const shown = typedSearchAttributes.getAll().map(({ key: { name }, value }) => [name, value]);
    expect(Object.fromEntries(shown)).toMatchObject({ AdmissionState: 'pending', AdmissionMember: memberArn });
    expect(JSON.stringify(shown)).not.toMatch(/mona|mine|joined|31m/);
    const view = await handle.query<{ requesterVerified?: boolean }>('state');
    expect(view.requesterVerified).toBe(false);
  });
});
