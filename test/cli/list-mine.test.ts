import { afterAll, beforeAll, expect, test } from 'vitest';
import { valueOf } from '../support/admission.ts';
import { refusalOf, startCliAdmission } from './support.ts';
import type { CliAdmission } from './support.ts';

let admission: CliAdmission;
beforeAll(async () => {
  // Every request goes on as a new run after each command.
  admission = await startCliAdmission({ ADMISSION_COMMANDS_PER_RUN: '1' });
});
afterAll(() => admission.close());

const user = (name: string) => admission.emulator.user(name);

/** What waits for somebody, once the server lists it. */
async function mine(name: string): Promise<string[]> {
  return valueOf(await admission.service.list({ mine: user(name), limit: 50 })).map(({ id }) => id);
}

test('list --mine shows each person what waits for them, and nothing that they have answered', async () => {
  const { service } = admission;
  const review = await admission.open('board', 'alice');
  const hidden = await admission.open('lobby', 'alice', { type: 'HIDDEN' });
  const question = await admission.open('square', 'carol', { requestedBy: user('mona') });
  const both = [hidden, review].toSorted();
  await expect.poll(async () => (await mine('max')).toSorted()).toEqual(both);
  expect((await mine('mona')).toSorted()).toEqual([...both, question].toSorted());
  expect(await mine('carol')).toEqual([question]);
  expect(await mine('alice')).toEqual([]);
  expect(await mine('bob')).toEqual([]);

  const mona = { actor: { principal: user('mona') } };
  valueOf(await service.review(review, { ...mona, decision: 'comment', comment: 'who is this?' }));
  expect(await mine('mona')).toContain(review);
  valueOf(await service.review(review, { ...mona, decision: 'requestChanges' }));
  expect(await mine('mona')).not.toContain(review);
  const alice = { actor: { principal: user('alice') } };
  valueOf(await service.give(review, 'amend', { ...alice, changes: { reason: 'the audit' } }));
  expect(await mine('mona')).toContain(review);

  expect(valueOf(await service.list({ mine: user('max'), limit: 1 }))).toHaveLength(1);
  const inBoard = ['list', '--mine', '--as', user('max'), '--channel', admission.emulator.channel('board'), '--json'];
  expect((await admission.run(...inBoard)).json()).toMatchObject([
    { id: review, state: 'pending', waitsFor: 'people' },
  ]);
  expect((await admission.run('list', '--mine', '--as', user('max'))).stdout).toMatch(/^STATE +WAITS FOR +/);
});

test('a request that went on as a new run is listed once, with when it was asked', async () => {
  const { service, client } = admission;
  const id = await admission.open('guild', 'erin');
  const { requestedAt, runId } = valueOf(await service.show(id));
  const mona = { actor: { principal: user('mona') } };
  valueOf(await service.review(id, { ...mona, decision: 'comment', comment: 'one' }));
  await expect.poll(async () => (await client.workflow.getHandle(id).describe()).runId).not.toBe(runId);
  const listed = async () =>
    valueOf(await service.list({ channelArn: admission.emulator.channel('guild'), limit: 10 }));
  await expect.poll(listed).toMatchObject([{ id, state: 'pending', waitsFor: 'people', requestedAt }]);
  valueOf(await service.withdraw(id, { actor: { principal: user('erin') } }));
  await expect.poll(listed).toMatchObject([{ id, outcome: 'withdrawn', waitsFor: null, requestedAt }]);
});

test('list --mine wants to know who asks', async () => {
  expect(refusalOf(await admission.run('list', '--mine', '--json'))).toEqual([2, 'InvalidCall']);
  const nobody = await admission.run('list', '--mine', '--as', 'mona', '--json');
  expect(nobody.json()).toMatchObject({
    error: { code: 'InvalidCall', field: 'as', accepted: expect.any(String) },
  });
});
