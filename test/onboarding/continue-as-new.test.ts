import { expect, test, vi } from 'vitest';
import { requestId } from '../../src/workflow-id.ts';
import { valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { PATIENCE, startOnboardings } from './scene.ts';

const scene = await startOnboardings({ ADMISSION_COMMANDS_PER_RUN: '3' });
const { emulator, client, onboarding, service, reaches, give, show } = scene;
const [lobby, board] = [emulator.channel('lobby'), emulator.channel('board')];
const [mona, max, ada] = [emulator.user('mona'), emulator.user('max'), emulator.user('ada')];

test('it goes on as a new run after its share of commands, with everything, and replays', async () => {
  const { id, member } = await scene.started([
    { id: 'team', kind: 'join', channelArn: board },
    { id: 'watch', kind: 'join', channelArn: lobby, type: 'HIDDEN' },
    { id: 'role', kind: 'input', prompt: 'Role?', schema: { type: 'object' } },
    { id: 'long', kind: 'wait', for: '100d' },
  ]);
  const request = requestId({ channelArn: lobby, memberArn: member, requestedBy: mona, type: 'HIDDEN' });
  const first = await reaches(id, { steps: [{}, { status: 'now', child: { state: 'open' } }, {}, {}] });
  const runs = [{ id, runId: first.runId }];
  for (const name of ['pause', 'resume', 'pause', 'resume'] as const) {
    valueOf(await give(id, name, ada, { reason: 'to and fro' }));
    const { runId } = await show(id);
    if (runId !== runs.at(-1)?.runId) runs.push({ id, runId });
  }
  await vi.waitFor(async () => expect((await show(id)).runId).not.toBe(first.runId), PATIENCE);
  // The request began in the first run; the next one hears how it ends.
  await vi.waitFor(async () => expect(valueOf(await service.show(request)).state).toBe('pending'), PATIENCE);
  valueOf(await service.review(request, { actor: { principal: max }, decision: 'approve' }));
  const carried = await reaches(id, { steps: [{ status: 'done' }, { status: 'done' }, { status: 'now' }, {}] });
  expect(carried.notes).toHaveLength(4);
  expect(carried.grants).toMatchObject([{ step: 'team' }, { step: 'watch', grant: { type: 'HIDDEN' } }]);
  valueOf(await give(id, 'submitInput', member, { step: 'role', answers: {} }));
  valueOf(await give(id, 'cancel', ada, { reason: 'enough', compensate: true }));
  const end = valueOf(await onboarding.wait(id));
  expect(end).toMatchObject({ outcome: 'cancelled', grants: [{ settled: 'removed' }, { settled: 'removed' }] });
  if (end.runId !== runs.at(-1)?.runId) runs.push({ id, runId: end.runId });
  expect(runs.length).toBeGreaterThan(1);
  expect(await replayFailures(client, runs)).toEqual({});
});

test('commands that come all at once are all answered, across runs', async () => {
  const { id, member } = await scene.started([
    { id: 'team', kind: 'join', channelArn: board },
    {
      id: 'check',
      kind: 'approval',
      channelArn: board,
      requirement: { approvers: { roles: ['channel_moderator'] }, approve: 1 },
    },
  ]);
  await reaches(id, { steps: [{}, { panel: { result: { result: 'open' } } }] });
  const comments = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      give(id, 'review', max, { step: 'check', decision: 'comment', comment: `remark ${index}` }),
    ),
  );
  expect(comments.filter(({ ok }) => !ok)).toEqual([]);
  const panel = (await show(id)).steps[1]?.panel;
  expect(new Set(panel?.reviews.map(({ comment }) => comment)).size).toBe(12);
  expect(panel?.reviews).toHaveLength(12);
  valueOf(await give(id, 'review', max, { step: 'check', decision: 'approve' }));
  expect(valueOf(await onboarding.wait(id)).outcome).toBe('completed');
  expect(await scene.membership(board, member)).toBe('DEFAULT');
});
