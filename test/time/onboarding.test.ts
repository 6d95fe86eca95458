import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.ts';
import type { SearchAttribute } from '../../src/domain/search-attributes.ts';
import { addSearchAttributes } from '../../src/service/search-attributes.ts';
import { createLogger, installRuntime } from '../../src/telemetry.ts';
import { onboardingsOf } from '../onboarding/scene.ts';
import { startAdmission, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

const DAY = 86_400_000;

/** On this server time stands still until `sleep` lets it jump. */
let server: TestWorkflowEnvironment;
let admission: TestAdmission;
let scene: Awaited<ReturnType<typeof onboardingsOf>>;
beforeAll(async () => {
  installRuntime(createLogger('error'));
  const executable = { type: 'existing-path', path: inject('timeSkippingServer') } as const;
  server = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  const workflowService = { countWorkflowExecutions: async () => undefined };
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttribute[];
  const operatorService = server.connection.operatorService as Parameters<
    typeof addSearchAttributes
  >[0]['operatorService'];
  await addSearchAttributes({ operatorService, workflowService }, 'default', names);
  admission = await startAdmission({}, { temporalAddress: server.address });
  scene = await onboardingsOf(admission);
  // What a worker does once only, such as loading the workflow code, is no part of the time that is measured.
  const lobby = admission.emulator.channel('lobby');
  const { id } = await scene.started([
    { id: 'warm', kind: 'join', channelArn: lobby },
    { id: 'up', kind: 'message', channelArn: lobby, text: 'warm' },
  ]);
  valueOf(await scene.onboarding.wait(id));
});
afterAll(async () => {
  await admission?.close();
  await server?.teardown();
});

test('an onboarding over 30 days: a skip, a wait, messages, and a failing step that undoes what was granted', async () => {
  const { emulator, onboarding, give, reaches, membership } = scene;
  const [lobby, board, guild] = [emulator.channel('lobby'), emulator.channel('board'), emulator.channel('guild')];
  const before = await emulator.newUser('over-30-days');
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
  await server.sleep(6 * DAY);
  await reaches(id, {
    percent: 77,
    steps: [{}, {}, {}, {}, {}, { status: 'done' }, { status: 'done' }, { status: 'now' }, {}],
  });
  await server.sleep(21 * DAY);
  await reaches(id, { steps: [{}, {}, {}, {}, {}, {}, {}, { status: 'done' }, { status: 'now', panel: {} }] });
  await server.sleep(3 * DAY);
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
  expect((await scene.messages(lobby)).map(({ content }) => content)).toEqual([
    'warm',
    'Day 1 of over-30-days',
    'Day 7 of over-30-days',
  ]);
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
  await server.sleep(2 * DAY);
  valueOf(await give(id, 'pause', ada, { reason: 'holidays' }));
  await server.sleep(10 * DAY);
  await reaches(id, { state: 'paused', steps: [{ status: 'now' }, {}, {}] });
  valueOf(await give(id, 'resume', ada, { reason: 'back' }));
  await server.sleep(4 * DAY);
  await reaches(id, { steps: [{ status: 'now' }, {}, {}] });
  await server.sleep(DAY);
  const { steps } = await reaches(id, { steps: [{ status: 'done' }, { status: 'now' }, {}] });
  expect(steps[1]?.remindAt).toHaveLength(1);
  await server.sleep(2 * DAY);
  await vi.waitFor(async () => expect((await scene.show(id)).steps[1]?.remindAt).toEqual([]));
  await server.sleep(DAY);
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
  await vi.waitFor(async () => expect(valueOf(await scene.service.show(request)).state).toBe('pending'));
  valueOf(await scene.service.review(request, { actor: { principal: emulator.user('max') }, decision: 'approve' }));
  await reaches(id, {
    steps: [{ status: 'done', child: { state: 'active' } }, { status: 'now' }],
    grants: [{ step: 'watch' }],
  });
  expect(await membership(lobby, member)).toBe('HIDDEN');
  await server.sleep(15 * DAY);
  await vi.waitFor(async () => expect(await membership(lobby, member)).toBeNull());
  await server.sleep(5 * DAY);
  await reaches(id, { outcome: 'completed' });
});
