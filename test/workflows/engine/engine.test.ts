import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { errorType, newToys } from './support.ts';
import type { Toy, ToyInput } from './toy-types.ts';
import { ODD } from './odd.ts';

const { toys, newId, pending, eventsOf, failedTasks } = await newToys();

await toys.startWorker();
await toys.startChimeWorker();
const PLAIN: ToyInput = { need: 0, forMs: 600_000 };
const PENDING: ToyInput = { need: 1, forMs: 600_000 };
const by = { by: 'mona' };
const approve = { ...by, decision: 'approve' };
const attributes = (more: { AdmissionOutcome?: string; AdmissionState: string }) =>
  new TypedSearchAttributes(
    Object.entries(more).map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value })),
  );

describe('what is shown', () => {
  test('a plain request takes fifteen events: lists show its start and its end', async () => {
    const id = newId();
    expect(await toys.ask(id, PLAIN, attributes({ AdmissionState: 'evaluating' }))).toMatchObject({ state: 'closed' });
    expect(await toys.handle(id).result()).toMatchObject({ outcome: 'joined' });
    const events = await eventsOf(id);
    expect(events).toHaveLength(15);
    const upserts = events.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes);
    expect(upserts).toHaveLength(1);
  });

  test('without what the client gives, lists show that it is granted: one event more', async () => {
    const id = newId();
    await toys.ask(id, PLAIN);
    await toys.handle(id).result();
    expect(await eventsOf(id)).toHaveLength(16);
  });

  test('what a start brings in that is not true is taken away', async () => {
    const id = newId();
    const lie = attributes({ AdmissionState: 'closed', AdmissionOutcome: 'joined' });
    const { taskQueue } = toys;
    const memo = { admission: { state: 'closed' } };
    const options = { workflowId: id, taskQueue, args: [PENDING], typedSearchAttributes: lie, memo };
    await toys.client.workflow.start('toy', options);
    await expect.poll(async () => (await toys.handle(id).query<Toy>('toy')).state).toBe('waiting');
    const described = await toys.handle(id).describe();
    expect(described.memo ?? {}).toEqual({});
    expect(described.searchAttributes).toMatchObject({ AdmissionState: ['waiting'] });
    expect(described.searchAttributes['AdmissionOutcome']).not.toEqual(['joined']);
    await toys.send(id, 'withdraw', by);
  });

  test('a review that changes nothing that lists show writes nothing', async () => {
    const id = await pending({ ...PENDING, need: 3 });
    await toys.send(id, 'review', approve);
    const before = (await eventsOf(id)).length;
    await toys.send(id, 'review', approve);
    // Task, acceptance, marker, completion.
    expect((await eventsOf(id)).length - before).toBe(6);
    await toys.send(id, 'withdraw', by);
  });
});

describe('lanes', () => {
  test.each([
    ['bad', 'Unauthenticated'],
    ['down', 'Unavailable'],
    ['refusedForGood', 'NotYours'],
  ])('a check that is %s refuses as %s, and changes nothing', async (is, code) => {
    const id = await pending(PENDING);
    expect(await errorType(toys.send(id, 'review', { ...approve, check: { is } }))).toBe(code);
    expect(await toys.handle(id).query('toy')).toMatchObject({ state: 'waiting', by: [] });
    await toys.send(id, 'withdraw', by);
  });

  test('a check that fails at first is done once more by an ordinary activity', async () => {
    const id = await pending(PENDING);
    expect(await toys.send(id, 'review', { ...approve, check: { is: 'flaky' } })).toEqual({ state: 'granting' });
    const scheduled = (await eventsOf(id)).flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    );
    expect(scheduled).toContain('check');
  });

  test('an evaluation that fails at first goes on in the background, and the first caller waits without a timer', async () => {
    const id = newId();
    const open = toys.world.hold(`evaluate ${id}`);
    const first = toys.ask(id, { ...PENDING, quickFails: true, external: true });
    await expect.poll(() => toys.world.calls).toContain(`evaluate ${id}`);
    expect(timers(await eventsOf(id))).toBe(0);
    const second = toys.ask(id, PENDING);
    await expect.poll(async () => timers(await eventsOf(id))).toBe(1);
    open();
    expect(await Promise.all([first, second])).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
    expect(await toys.handle(id).query('toy')).toMatchObject({
      log: ['failed evaluate', 'result evaluate', 'result external'],
    });
    await toys.send(id, 'withdraw', by);
  });

  test.each(['quick', 'firm', 'patient'])('whatever a %s effect throws is a failure, and no end', async (lane) => {
    const id = await pending(PENDING);
    for (let which = 0; which < ODD.length; which += 1) {
      const answer = await toys.send(id, 'odd', { ...by, which, lane });
      expect({ which, answer }).toEqual({ which, answer: { state: 'waiting', error: expect.any(String) } });
    }
    await toys.send(id, 'review', approve);
    expect(await toys.handle(id).result()).toMatchObject({ outcome: 'joined' });
    expect(await failedTasks(id)).toBe(0);
  });
});

const standing = async () => {
  const id = newId();
  await toys.ask(id, { ...PLAIN, stays: true });
  return id;
};

describe('a look comes before the answer to who asks again', () => {
  test('it tells how it stands', async () => {
    const id = await standing();
    expect(await toys.ask(id, PLAIN)).toEqual({ state: 'active', looked: 1 });
    toys.world.gone.add(id);
    expect(await toys.ask(id, PLAIN)).toEqual({ state: 'closed', looked: 1 });
    expect(await toys.handle(id).result()).toMatchObject({ outcome: 'left' });
  });

  test('it is tried a little more patiently, and then refused', async () => {
    const id = await standing();
    toys.world.unreadable.add(`quick ${id}`);
    expect(await toys.ask(id, PLAIN)).toMatchObject({ looked: 1 });
    toys.world.unreadable.add(`firm ${id}`);
    expect(await errorType(toys.ask(id, PLAIN))).toBe('Unavailable');
    await toys.send(id, 'revoke', by);
  });
});

describe('time', () => {
  test('passes: a ring is used up, also where the next state has no deadline', async () => {
    const id = newId();
    const open = toys.world.hold(`grant ${id}`);
    await toys.ask(id, { ...PENDING, forMs: 600 });
    await expect.poll(() => toys.world.calls).toContain(`grant ${id}`);
    // It is at rest while the call takes long.
    expect(await toys.handle(id).query('toy')).toMatchObject({ state: 'granting' });
    open();
    expect(await toys.handle(id).result()).toMatchObject({ outcome: 'joined' });
    expect(await failedTasks(id)).toBe(0);
  });
});

const timers = (events: Awaited<ReturnType<typeof eventsOf>>) =>
  events.filter((event) => event.timerStartedEventAttributes?.startToFireTimeout).length;

test('all of these replay', async () => {
  expect(await toys.replayFailures()).toEqual([]);
});
