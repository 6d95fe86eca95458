import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { expect, test } from 'vitest';
import { startToys } from './support.ts';
import type { ToyInput } from './toy-types.ts';

const toys = await startToys();
await toys.startWorker();
const ids: string[] = [];
const newId = () => {
  const id = `toy-${randomUUID()}`;
  ids.push(id);
  return id;
};
const PLAIN: ToyInput = { need: 0, forMs: 60_000 };

const names = async (id: string) =>
  ((await toys.handle(id).fetchHistory()).events ?? []).map((event) =>
    Object.keys(event)
      .find((key) => key.endsWith('EventAttributes'))
      ?.replace('EventAttributes', ''),
  );

const evaluating = new TypedSearchAttributes([
  { key: defineSearchAttributeKey('AdmissionState', 'KEYWORD'), value: 'evaluating' },
]);

test('a plain request takes fifteen events', async () => {
  const id = newId();
  expect(await toys.ask(id, PLAIN, evaluating)).toMatchObject({ state: 'closed' });
  expect(await toys.handle(id).result()).toMatchObject({ outcome: 'joined' });
  expect(await names(id)).toHaveLength(15);
});

// The last one: every history so far is replayed.
test('all of these replay', async () => {
  expect(await toys.replayFailures(ids)).toEqual([]);
});
