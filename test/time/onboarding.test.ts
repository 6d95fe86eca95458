import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { onboardingsOf } from '../onboarding/scene.ts';
import { valueOf } from '../support/admission.ts';
import { DAY, timeSkipping } from './time-skipping.ts';

const time = timeSkipping();
let scene: Awaited<ReturnType<typeof onboardingsOf>>;
beforeAll(async () => {
  scene = await onboardingsOf(time.admission);
});

test('an onboarding over 30 days: a skip, and a failing step that undoes what was granted', async () => {
  const { emulator, onboarding, give, reaches, membership } = scene;
  const [lobby, board, guild] = [emulator.channel('lobby'), emulator.channel('board'), emulator.channel('guild')];
  const name = `user-${randomUUID().slice(0, 8)}`;
  const before = await emulator.newUser(name);
  await scene.addByHand(guild, before);
  const { id, member } = await scene.started(
    [
      { id: 'welcome', kind: 'join', channelArn: lobby },
      { id: 'day-1', kind: 'message', channelArn: lobby, text: 'Day 1 of {{member.id}}' },
      { id: 'form', kind: 'input', prompt: 'Role?', schema: { type: 'object' }, dueIn: '3d', remind: ['1d'] },
      { id: 'old', kind: 'join', channelArn: guild },
      { id: 'week', kind: 'wait', for: '6d' },
      { id: 'day-7', kind: 'message', channelArn: lobby, text: 'Day 7 of {{member.id}}' },
      { id: 'team', kind: 'join', channelArn: board },
      { id: 'month', kind: 'wait', for: '21d' },
      {
        id: 'check-in',
        kind: 'approval',
        channelArn: board,
        dueIn: '3d',
        requirement: { approvers: { roles: ['channel_moderator'] }, approve: 1 },
      },
    ],
    { member: before },
  );
  await reaches(id, { steps: [{}, {}, { status: 'now' }, {}, {}, {}, {}, {}, {}] });
  valueOf(await give(id, 'skip', emulator.user('ada'), { step: 'form', reason: 'known already' }));
  await reaches(id, {
    percent: 44,
    steps: [{}, {}, { status: 'skipped' }, { status: 'done' }, { status: 'now' }, {}, {}, {}, {}],
  });
  await time.sleep(6 * DAY);
  await reaches(id, {
    percent: 77,
    steps: [{}, {}, {}, {}, {}, { status: 'done' }, { status: 'done' }, { status: 'now' }, {}],
  });
  await time.sleep(21 * DAY);
  await reaches(id, { steps: [{}, {}, {}, {}, {}, {}, {}, { status: 'done' }, { status: 'now', panel: {} }] });
  await time.sleep(3 * DAY);
  const view = valueOf(await onboarding.wait(id));
  expect(view).toMatchObject({
    outcome: 'stopped',
    grants: [
      { step: 'welcome', settled: 'removed' },
      { step: 'team', settled: 'removed' },
    ],
    steps: [{}, {}, {}, {}, {}, {}, {}, {}, { status: 'failed', error: { type: 'StepOverdue' } }],
  });
  expect(Date.parse(view.closedAt ?? '') - Date.parse(view.requestedAt)).toBeGreaterThanOrEqual(30 * DAY);
  // What was there before stays.
  expect(await Promise.all([lobby, guild, board].map((channelArn) => membership(channelArn, member)))).toEqual([
    null,
    'DEFAULT',
    null,
  ]);
  const told = (await scene.messages(lobby)).map(({ content }) => content).filter((text) => text.includes(name));
  expect(told).toEqual([`Day 1 of ${name}`, `Day 7 of ${name}`]);
});

test('an onboarding that is paused for 10 days waits 10 days longer, and reminds before a step is due', async () => {
  const { emulator, give, reaches } = scene;
  const ada = emulator.user('ada');
  const { id } = await scene.started([
    { id: 'week', kind: 'wait', for: '7d' },
    {
      id: 'form',
      kind: 'input',
      prompt: 'Role?',
      schema: { type: 'object' },
      dueIn: '3d',
      remind: ['1d'],
      onFailure: 'skip',
    },
    { id: 'welcome', kind: 'join', channelArn: emulator.channel('lobby') },
  ]);
  await time.sleep(2 * DAY);
  valueOf(await give(id, 'pause', ada, { reason: 'holidays' }));
  await time.sleep(10 * DAY);
  await reaches(id, { state: 'paused', steps: [{ status: 'now' }, {}, {}] });
  valueOf(await give(id, 'resume', ada, { reason: 'back' }));
  await time.sleep(4 * DAY);
  await reaches(id, { steps: [{ status: 'now' }, {}, {}] });
  await time.sleep(DAY);
  const { steps } = await reaches(id, { steps: [{ status: 'done' }, { status: 'now' }, {}] });
  expect(steps[1]?.remindAt).toHaveLength(1);
  await time.sleep(2 * DAY);
  await expect.poll(async () => (await scene.show(id)).steps[1]?.remindAt).toEqual([]);
  await time.sleep(DAY);
  await reaches(id, { outcome: 'completed', steps: [{}, { status: 'failed' }, { status: 'done' }] });
});

test('an onboarding with a HIDDEN observation of 14 days goes on while its term runs', async () => {
  const { emulator, reaches, membership } = scene;
  const lobby = emulator.channel('lobby');
  const { id, member } = await scene.started([
    { id: 'watch', kind: 'join', channelArn: lobby, type: 'HIDDEN', term: '14d' },
    { id: 'long', kind: 'wait', for: '20d' },
  ]);
  const { steps } = await reaches(id, { steps: [{ child: { state: 'open' } }, {}] });
  const request = steps[0]?.child?.id ?? '';
  await expect.poll(async () => valueOf(await scene.service.show(request)).state).toBe('pending');
  valueOf(await scene.service.review(request, { actor: { principal: emulator.user('max') }, decision: 'approve' }));
  await reaches(id, {
    steps: [{ status: 'done', child: { state: 'active' } }, { status: 'now' }],
    grants: [{ step: 'watch' }],
  });
  expect(await membership(lobby, member)).toBe('HIDDEN');
  await time.sleep(15 * DAY);
  await expect.poll(async () => membership(lobby, member)).toBeNull();
  await time.sleep(5 * DAY);
  await reaches(id, { outcome: 'completed' });
});
