import { describe, expect, test } from 'vitest';
import { createOnboardingService } from '../../src/service/onboarding.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { failedTasks, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

const scene = await startScene();
const { client, emulator, service } = scene;
const board = emulator.channel('board');
const by = (name: string) => ({ actor: { principal: name.startsWith('arn:') ? name : emulator.user(name) } });
const view = async (id: string) => valueOf(await service.show(id));

/** A request that waits for people, or whose member is in for a while. */
async function asked(state: 'pending' | 'active') {
  const request = { channelArn: board, memberArn: await scene.newcomer(), term: '30d' };
  const id = await scene.pending(request);
  if (state === 'active') valueOf(await service.review(id, { ...by('mona'), decision: 'approve' }));
  await expect.poll(async () => (await view(id)).state, PATIENCE).toBe(state);
  return { id, request };
}

describe('2,100 times asked again', () => {
  test.each(['pending', 'active'] as const)(
    'a request that is %s answers and takes commands as before',
    async (state) => {
      const { id, request } = await asked(state);
      const { runId } = await view(id);
      const answers = await Promise.all(Array.from({ length: 2_100 }, async () => service.join(request)));
      expect(new Set(answers.map((answer) => valueOf(answer).state))).toEqual(new Set([state]));
      await expect.poll(async () => (await view(id)).runId, PATIENCE).not.toBe(runId);
      expect(valueOf(await service.join(request))).toMatchObject({ id, state });
      if (state === 'pending') valueOf(await service.review(id, { ...by('mona'), decision: 'approve' }));
      await expect.poll(async () => (await view(id)).state, PATIENCE).toBe('active');
      valueOf(await service.give(id, 'revoke', { ...by('mona'), reason: 'Enough.' }));
      expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'revoked' });
      expect(failedTasks(await scene.history(id))).toBe(0);
    },
    120_000,
  );
});

test('commands that are refused in the loop count, too', async () => {
  const { id, request } = await asked('pending');
  const { runId } = await view(id);
  // An outsider may review nothing, which only the roster tells.
  const reviews = Array.from({ length: 220 }, async () => service.review(id, { ...by('dave'), decision: 'approve' }));
  expect(new Set((await Promise.all(reviews)).map((one) => errorOf(one).code))).toEqual(new Set(['NotAnApprover']));
  await expect.poll(async () => (await view(id)).runId, PATIENCE).not.toBe(runId);
  expect(valueOf(await service.join(request)).state).toBe('pending');
});

test('signals of any name and content are counted and dropped', async () => {
  const { id, request } = await asked('pending');
  const { runId } = await view(id);
  const handle = client.workflow.getHandle(id);
  const contents = [undefined, null, 'nonsense', [], { id: 'x', state: 'closed' }, { id: 'y'.repeat(5_000) }];
  for (let round = 0; round < 40; round += 1) {
    const names = ['childProgress', 'nobody knows this', '__proto__', 'requestJoin', 'review', 'x'.repeat(500)];
    await Promise.all(names.map((name, index) => handle.signal(name, contents[(round + index) % contents.length])));
  }
  await Promise.all(['childProgress', 'big', 'big'].map((name) => handle.signal(name, 'x'.repeat(1_000_000))));
  await expect.poll(async () => (await view(id)).runId, PATIENCE).not.toBe(runId);
  expect(valueOf(await service.join(request)).state).toBe('pending');
  valueOf(await service.review(id, { ...by('mona'), decision: 'approve' }));
  await expect.poll(async () => (await view(id)).state, PATIENCE).toBe('active');
});

test('ten who ask and wait keep nobody from withdrawing', async () => {
  const memberArn = await scene.newcomer();
  await emulator.fault('DescribeChannelBan', UNAVAILABLE, { count: 1_000, memberArn });
  const request = { channelArn: board, memberArn };
  const id = valueOf(await service.join(request)).id;
  const raw = async (args: unknown[], name = 'requestJoin') =>
    client.workflow.getHandle(id).executeUpdate(name, { args: args as [] });
  const waiting = Array.from({ length: 10 }, async () => raw([{ ...request, requestedBy: memberArn }]));
  // Handled at once or not at all: a promise that fails meanwhile is waited for below.
  void Promise.allSettled(waiting);
  // The service itself gives up after ten seconds.
  valueOf(await service.withdraw(id, by(memberArn)));
  await Promise.allSettled(waiting);
  expect(valueOf(await service.wait(id)).outcome).toBe('withdrawn');
});

test('an onboarding that is started again and again goes on as a new run', async () => {
  const onboarding = createOnboardingService({ client, taskQueue: scene.taskQueue, bearers: [] });
  const member = await scene.newcomer();
  const flow = {
    apiVersion: 'onboarding/v1',
    name: 'flooded',
    steps: [
      { id: 'long', kind: 'wait', for: '10d' },
      { id: 'team', kind: 'join', channelArn: board },
    ],
  };
  const input = { flow, member, requestedBy: emulator.user('ada') };
  const { id, runId } = valueOf(await onboarding.start(input));
  const again = await Promise.all(Array.from({ length: 250 }, async () => onboarding.start(input)));
  expect(new Set(again.map((one) => valueOf(one).state))).toEqual(new Set(['running']));
  await expect.poll(async () => valueOf(await onboarding.show(id)).runId, PATIENCE).not.toBe(runId);
  valueOf(await onboarding.give(id, 'cancel', { ...by('ada'), reason: 'enough', compensate: false }));
  expect(valueOf(await onboarding.wait(id))).toMatchObject({ outcome: 'cancelled' });
});
