import { describe, expect, test } from 'vitest';
import { errorType, newToys } from './support.ts';
import type { Toy, ToyInput } from './toy-types.ts';

const { toys, newId, pending, eventsOf, failedTasks } = await newToys();
await toys.startWorker();
await toys.startChimeWorker();
const PENDING: ToyInput = { need: 1, forMs: 600_000 };
const by = { by: 'mona' };
const approve = { ...by, decision: 'approve' };

describe('a fault of our own code', () => {
  test.each(['transition', 'next', 'deadline', 'stuck', 'show'])(
    'in %s is an incident, and no frozen workflow',
    async (fault) => {
      const id = await pending(PENDING);
      const answer = await errorType(toys.send(id, 'break', { ...by, fault }));
      expect(answer).toEqual(fault === 'transition' ? 'Unavailable' : { state: 'broken' });
      await expect.poll(async () => toys.handle(id).query('toy')).toMatchObject({ state: 'incident' });
      expect(await toys.send(id, 'retry', by)).toEqual({ state: 'granting' });
      expect(await toys.handle(id).result()).toMatchObject({ outcome: 'joined' });
      expect(await failedTasks(id)).toBe(0);
    },
  );

  test('in the rank of a command is an incident, and that command is answered', async () => {
    const id = await pending(PENDING);
    await toys.send(id, 'break', { ...by, fault: 'rank' });
    expect(await errorType(toys.send(id, 'amend', by))).toBe('Unavailable');
    expect(await toys.handle(id).query('toy')).toMatchObject({ state: 'incident' });
    await toys.send(id, 'retry', by);
    expect(await toys.handle(id).result()).toMatchObject({ outcome: 'joined' });
  });

  test('in the page leaves a page that says so', async () => {
    const id = await pending(PENDING);
    await toys.send(id, 'break', { ...by, fault: 'page' });
    const metadata = await toys.handle(id).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(/cannot be written/);
    expect(await toys.send(id, 'review', approve)).toEqual({ state: 'granting' });
  });

  test('that cannot even be told ends it', async () => {
    const id = await pending(PENDING);
    await toys.send(id, 'break', { ...by, fault: 'twice' });
    expect(await errorType(toys.send(id, 'break', { ...by, fault: 'transition' }))).toBe('Unavailable');
    await expect(toys.handle(id).result()).rejects.toMatchObject({ cause: { type: 'InternalError' } });
  });
});

describe('messages', () => {
  test('nonsense changes nothing', async () => {
    const id = await pending(PENDING);
    for (const nonsense of ['x', null, 1, [], {}]) {
      expect(await errorType(toys.handle(id).executeUpdate('review', { args: [nonsense] }))).toBe('InvalidCommand');
    }
    expect(await errorType(toys.handle(id).executeUpdate('requestToy', { args: ['nonsense'] }))).toBe('InvalidRequest');
    await toys.handle(id).signal('hint', 'throw');
    await toys.handle(id).signal('hint', 5);
    await toys.handle(id).signal('unknown', 5);
    await toys.handle(id).signal('hint', 'something new');
    await expect.poll(async () => (await toys.handle(id).query<Toy>('toy')).log).toContain('something new');
    expect(await failedTasks(id)).toBe(0);
    await toys.send(id, 'withdraw', by);
  });

  test('news of an effect counts', async () => {
    const id = newId();
    await toys.ask(id, { ...PENDING, need: 0 });
    expect((await toys.handle(id).result()).log).toContain('news of the grant');
  });

  test('signals count towards a new run', async () => {
    const id = await pending({ ...PENDING, perRun: 20 });
    for (let index = 0; index < 25; index += 1) await toys.handle(id).signal('unknown', index);
    await expect.poll(async () => (await toys.handle(id).query<Toy>('toy')).log).toContain('goes on');
    await toys.send(id, 'withdraw', by);
  });

  test('people and the parent hear of it, in order', async () => {
    const id = newId();
    const { taskQueue } = toys;
    const parent = await toys.client.workflow.start('toyParent', {
      workflowId: id,
      taskQueue,
      args: [{ ...PENDING, forMs: 400, notify: true }],
    });
    await parent.result();
    const signals = (await eventsOf(id)).flatMap(
      (event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? [],
    );
    expect(signals).toEqual(['childProgress', 'childProgress', 'childProgress']);
    const child = `${id}-child`;
    const started = (await eventsOf(child)).flatMap(
      (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? [],
    );
    expect(started).toEqual([1, 2, 3].map((told) => `notify:${child}:toy:${told}`));
  });
});

describe('a new run', () => {
  test('takes over after its share, and no command is lost', async () => {
    const id = await pending({ ...PENDING, need: 12, perRun: 4 });
    const give = async (index: number): Promise<unknown> => {
      const answer = await errorType(toys.send(id, 'review', { by: `r${index}`, decision: 'approve' }));
      return answer === 'Continuing' || answer === 'Busy' ? give(index) : answer;
    };
    const answers = await Promise.all(Array.from({ length: 12 }, async (_, index) => give(index)));
    expect(answers.every((answer) => typeof answer === 'object')).toBe(true);
    const { log, outcome } = (await toys.handle(id).result()) as Toy & { state: 'closed' };
    expect(outcome).toBe('joined');
    expect(log).toContain('goes on');
  });

  test('does not take over from a run of somebody else', async () => {
    const id = await pending({ ...PENDING, perRun: 2 });
    toys.world.setOurs(false);
    await toys.send(id, 'review', { ...approve, check: { is: 'bad' } }).catch(() => undefined);
    await expect.poll(async () => (await toys.handle(id).describe()).status.name).toBe('FAILED');
    toys.world.setOurs(true);
    expect((await toys.handle(id).describe()).searchAttributes).toMatchObject({ AdmissionOutcome: ['failed'] });
  });

  test('brings no state of its own', async () => {
    const id = newId();
    const { taskQueue } = toys;
    const forged = { state: 'granting', by: ['x'] };
    const handle = await toys.client.workflow.start('toy', { workflowId: id, taskQueue, args: [PENDING, forged] });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'ForgedState' } });
  });

  test('on input that is wrong refuses in the handler, and ends', async () => {
    const id = newId();
    expect(await errorType(toys.ask(id, null))).toBe('InvalidRequest');
    await expect(toys.handle(id).result()).rejects.toMatchObject({ cause: { type: 'InvalidRequest' } });
  });
});

test('all of these replay', async () => {
  expect(await toys.replayFailures()).toEqual([]);
});
