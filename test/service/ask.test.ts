import { QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';
import { expect, test } from 'vitest';
import { CLOCK_STANDS_STILL } from '../../src/domain/engine.ts';
import { ask } from '../../src/service/read-view.ts';

function handleThatFails(...messages: string[]): WorkflowHandle {
  const { prototype } = QueryNotRegisteredError;
  const failures = messages.map((message) => Object.assign(Object.create(prototype) as Error, { message }));
  const query = async () => {
    const failure = failures.shift();
    if (failure) throw failure;
    return 'answer';
  };
  return { query } as unknown as WorkflowHandle;
}

test('a query is asked again that had a worker begin a task with the clock of another', async () => {
  const handle = handleThatFails(`${CLOCK_STANDS_STILL} at 2026-11-28T00:00:00.000Z.`);
  expect(await ask(handle, 'state')).toEqual({ ok: true, value: 'answer' });
});

test('a query that nothing answers is not', async () => {
  await expect(ask(handleThatFails('no such query'), 'state')).rejects.toThrow('no such query');
});
