import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { errorType, newToys } from './support.ts';
import type { ToyInput } from './toy-types.ts';

/** What came in one task, in every order: the order of the loop decides, and replays. */

const { toys, newId, pending, eventsOf } = await newToys();
let stopWorker = await toys.startWorker();
const stopChime = await toys.startChimeWorker();
const PENDING: ToyInput = { need: 1, forMs: 600_000 };

/** Has these come in one task, in this order: while no worker is there, the server keeps them. The answers, or why they were refused. */
async function inOneTask(
  id: string,
  commands: readonly (readonly [name: string, command: object])[],
  before: () => Promise<void> = async () => undefined,
): Promise<unknown[]> {
  await stopWorker();
  await before();
  const sent: Promise<unknown>[] = [];
  for (const [name, command] of commands) {
    const updateId = randomUUID();
    sent.push(errorType(toys.send(id, name, command, updateId)));
    await expect.poll(async () => toys.isAdmitted(id, updateId)).toBe(true);
  }
  stopWorker = await toys.startWorker();
  return Promise.all(sent);
}

const by = (name: string) => ({ by: name });
const review = (decision: 'approve' | 'deny') => ['review', { ...by('mona'), decision }] as const;
const withdraw = ['withdraw', by('alice')] as const;

test.each([
  ['an approval and a withdrawal', [review('approve'), withdraw], 'withdrawn'],
  ['a withdrawal and an approval', [withdraw, review('approve')], 'withdrawn'],
  ['an approval and a denial', [review('approve'), review('deny')], 'denied'],
  ['a denial and an approval', [review('deny'), review('approve')], 'denied'],
  ['a denial and a withdrawal', [review('deny'), withdraw], 'denied'],
  ['a withdrawal and a denial', [withdraw, review('deny')], 'withdrawn'],
] as const)('%s', async (_name, commands, outcome) => {
  const id = await pending(PENDING);
  const answers = await inOneTask(id, commands);
  expect(answers).toContainEqual({ state: 'closed' });
  expect(answers).toContain('AlreadyResolved');
  expect(await toys.handle(id).result()).toMatchObject({ outcome });
});

test('a cancellation comes before an approval', async () => {
  const id = await pending(PENDING);
  await inOneTask(id, [review('approve')], async () => void (await toys.handle(id).cancel()));
  expect(await toys.handle(id).result()).toMatchObject({ outcome: 'withdrawn' });
});

test('the result of a write comes before a revocation', async () => {
  const id = newId();
  const open = toys.world.hold(`grant ${id}`);
  const asked = toys.ask(id, { need: 0, forMs: 600_000, stays: true });
  await expect.poll(() => toys.world.calls).toContain(`grant ${id}`);
  const answers = await inOneTask(id, [['revoke', by('alice')]], async () => {
    open();
    await expect
      .poll(async () => (await eventsOf(id)).some((event) => event.activityTaskCompletedEventAttributes))
      .toBe(true);
  });
  expect(answers).toEqual([{ state: 'removing' }]);
  expect(await toys.handle(id).result()).toMatchObject({ outcome: 'revoked' });
  await asked;
});

test('a cancellation while a write is under way is remembered', async () => {
  const id = newId();
  const open = toys.world.hold(`grant ${id}`);
  const asked = toys.ask(id, { need: 0, forMs: 600_000, stays: true });
  await expect.poll(() => toys.world.calls).toContain(`grant ${id}`);
  await toys.handle(id).cancel();
  await expect.poll(async () => toys.handle(id).query('toy')).toMatchObject({ state: 'granting', cancelled: true });
  open();
  expect(await toys.handle(id).result()).toMatchObject({ outcome: 'revoked' });
  await asked;
});

test('a withdrawal is verified while what it stops answers', async () => {
  const id = await pending({ ...PENDING, quickFails: true, external: true });
  const openEvaluation = toys.world.hold(`evaluate ${id}`);
  const openCheck = toys.world.hold(`check withdraw ${id}`);
  const amended = errorType(toys.send(id, 'amend', by('alice')));
  await expect.poll(() => toys.world.calls.filter((call) => call === `evaluate ${id}`)).toHaveLength(2);
  const withdrawn = toys.send(id, ...withdraw);
  await expect.poll(() => toys.world.calls).toContain(`check withdraw ${id}`);
  openEvaluation();
  await new Promise((resolve) => setTimeout(resolve, 300));
  openCheck();
  expect(await withdrawn).toEqual({ state: 'closed' });
  expect(await amended).toBe('AlreadyResolved');
  expect(await toys.handle(id).result()).toMatchObject({ outcome: 'withdrawn' });
});

test('what waits for an evaluation keeps its rank: who denies comes first then', async () => {
  const id = await pending({ ...PENDING, quickFails: true });
  const open = toys.world.hold(`evaluate ${id}`);
  const amended = toys.send(id, 'amend', by('alice'));
  await expect.poll(() => toys.world.calls.filter((call) => call === `evaluate ${id}`)).toHaveLength(2);
  const approved = errorType(toys.send(id, ...review('approve')));
  const denied = toys.send(id, ...review('deny'));
  await expect.poll(async () => accepted(id)).toBe(4);
  open();
  expect(await Promise.all([amended, approved, denied])).toEqual([
    { state: 'waiting' },
    'AlreadyResolved',
    { state: 'closed' },
  ]);
});

test('a crowd that waits keeps out only itself: who ends it finds a place', async () => {
  const id = await pending({ ...PENDING, need: 50, quickFails: true });
  const open = toys.world.hold(`evaluate ${id}`);
  const amended = errorType(toys.send(id, 'amend', by('alice')));
  await expect.poll(() => toys.world.calls.filter((call) => call === `evaluate ${id}`)).toHaveLength(2);
  const crowd = [];
  for (let index = 0; index < 8; index += 1) {
    crowd.push(errorType(toys.send(id, ...review('approve'))));
    await expect.poll(async () => accepted(id)).toBe(Math.min(3 + index, 8));
  }
  expect(await toys.send(id, ...withdraw)).toEqual({ state: 'closed' });
  open();
  const answers = await Promise.all(crowd);
  expect(answers.filter((answer) => answer === 'Busy')).toHaveLength(2);
  expect(answers.filter((answer) => answer === 'AlreadyResolved')).toHaveLength(6);
  expect(await amended).toBe('AlreadyResolved');
});

async function accepted(id: string): Promise<number> {
  return (await eventsOf(id)).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length;
}

test('all of these replay', async () => {
  await stopChime();
  expect(await toys.replayFailures()).toEqual([]);
});
