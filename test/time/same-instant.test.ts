import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CommandResult } from '../../src/domain/commands.ts';
import type { Result } from '../../src/service/result.ts';
import { startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { historyOf, replayFailures } from './replay.ts';
import type { Run } from './replay.ts';

/** Member to the two commands that come in one task, together with the expiry. */
const SCENES = {
  alice: ['approve', 'deny'],
  carol: ['approve', 'approve'],
  dave: ['approve', 'withdraw'],
  // The order of arrival is the server's: none of the two may hang on it.
  erin: ['deny', 'approve'],
  frank: ['withdraw', 'approve'],
} as const;
type Member = keyof typeof SCENES;
const MEMBERS = Object.keys(SCENES) as Member[];

let admission: TestAdmission;
let stopWorker: () => Promise<void>;
const runs = new Map<Member, Run>();
const answers = new Map<Member, Result<CommandResult>[]>();

/** Requests expire while no worker runs; what is sent then waits for one, and comes with the expiry. */
beforeAll(async () => {
  admission = await startAdmission({ ADMISSION_EXPIRE_AFTER: '2s' }, { worker: false });
  const { emulator, service, env } = admission;
  const stopFirst = await startTestWorker(env);
  await Promise.all(
    MEMBERS.map(async (member) => {
      const request = { channelArn: emulator.channel('board'), memberArn: emulator.user(member) };
      runs.set(member, valueOf(await service.join(request)));
    }),
  );
  await stopFirst();
  const fired = async () => (await Promise.all(MEMBERS.map(timersFired))).every((count) => count === 1);
  await vi.waitUntil(fired, { timeout: 60_000 });
  const all = Promise.all(MEMBERS.map(async (member) => answers.set(member, await command(member))));
  stopWorker = await startTestWorker(env);
  await all;
});
afterAll(async () => {
  await stopWorker?.();
  await admission?.close();
});

async function command(member: Member): Promise<Result<CommandResult>[]> {
  const { emulator, service } = admission;
  const id = runs.get(member)?.id ?? '';
  return Promise.all(
    SCENES[member].map(async (decision, index) => {
      if (decision === 'withdraw') return service.withdraw(id, { actor: { principal: emulator.user(member) } });
      return service.review(id, { actor: { principal: emulator.user(index === 0 ? 'mona' : 'max') }, decision });
    }),
  );
}

async function eventsOf(member: Member) {
  const run = runs.get(member);
  return (run && (await historyOf(admission.client, run)).events) ?? [];
}

async function timersFired(member: Member): Promise<number> {
  return (await eventsOf(member)).filter((event) => event.timerFiredEventAttributes).length;
}

test.each([
  ['approve and deny', 'alice', 'denied'],
  ['approve twice', 'carol', 'joined'],
  ['approve and withdraw', 'dave', 'withdrawn'],
  ['deny and approve', 'erin', 'denied'],
  ['withdraw and approve', 'frank', 'withdrawn'],
] as const)('%s in one task with the expiry: one of them counts', async (_, member, outcome) => {
  const { emulator, service } = admission;
  const refused = answers.get(member)?.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
  expect(refused).toEqual(['AlreadyResolved']);
  expect(valueOf(await service.wait(runs.get(member)?.id ?? ''))).toMatchObject({ outcome });
  const writes = await emulator.calls('CreateChannelMembership', emulator.user(member));
  expect(writes).toHaveLength(outcome === 'joined' ? 1 : 0);

  const updates = (await eventsOf(member)).flatMap(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes ?? [],
  );
  const [, first, second] = updates.map(({ acceptedRequestSequencingEventId }) =>
    String(acceptedRequestSequencingEventId),
  );
  // The scene is what the title says.
  expect(second).toBe(first);
});

test('requests that got everything in one task replay', async () => {
  expect(await replayFailures(admission.client, [...runs.values()])).toEqual({});
});
