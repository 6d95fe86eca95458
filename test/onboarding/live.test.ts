import { describe, expect, test, vi } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { PATIENCE, startOnboardings } from './scene.ts';

const scene = await startOnboardings();
const { emulator, client, onboarding, reaches, give, membership, show } = scene;
const [lobby, board, square] = ['lobby', 'board', 'square'].map((name) => emulator.channel(name)) as [
  string,
  string,
  string,
];
const [mona, max, ada, bob] = ['mona', 'max', 'ada', 'bob'].map((name) => emulator.user(name)) as [
  string,
  string,
  string,
  string,
];
const join = (id: string, channelArn: string, more: object = {}) => ({ id, kind: 'join', channelArn, ...more });
const form = (id: string, more: object = {}) => ({
  id,
  kind: 'input',
  prompt: 'Role?',
  schema: { type: 'object', properties: { role: { type: 'string' } }, required: ['role'] },
  ...more,
});
const wait = (id: string, time = '30d') => ({ id, kind: 'wait', for: time });
const why = { reason: 'a test' };

const started: { id: string; runId: string }[] = [];
const start: typeof scene.started = async (steps, more) => {
  const found = await scene.started(steps, more);
  started.push({ id: found.id, runId: (await show(found.id)).runId });
  return found;
};

test('a flow is led from the first step to the last', async () => {
  const { id, member } = await start([
    join('welcome', lobby),
    { id: 'hello', kind: 'message', channelArn: lobby, text: 'Hello {{member.name}}' },
    form('role'),
    { id: 'news', kind: 'message', channelArn: lobby, text: '{{member.id}} is a {{answers.role.role}}' },
    {
      id: 'check',
      kind: 'approval',
      channelArn: board,
      requirement: { approvers: { roles: ['channel_moderator'] }, approve: 1 },
    },
    { ...wait('never'), if: { answer: 'role.role', equals: 'visitor' } },
    join('team', board),
  ]);
  const asked = await reaches(id, {
    state: 'running',
    percent: 28,
    steps: [{ status: 'done' }, { status: 'done' }, { status: 'now' }, {}, {}, {}, {}],
  });
  expect(asked).toMatchObject({
    requesterVerified: false,
    grants: [{ step: 'welcome', grant: { type: 'DEFAULT', invitedBy: mona } }],
  });
  expect(errorOf(await give(id, 'submitInput', mona, { step: 'role', answers: { role: 'x' } })).code).toBe('NotYours');
  expect(errorOf(await give(id, 'submitInput', member, { step: 'role', answers: {} })).code).toBe('InvalidInput');
  valueOf(await give(id, 'submitInput', member, { step: 'role', answers: { role: 'gardener' } }));
  await reaches(id, {
    steps: [{}, {}, {}, {}, { id: 'check', status: 'now', panel: { result: { result: 'open' } } }, {}, {}],
  });
  expect(errorOf(await give(id, 'review', mona, { step: 'check', decision: 'approve' })).code).toBe('OwnRequest');
  expect(errorOf(await give(id, 'review', bob, { step: 'check', decision: 'approve' })).code).toBe('NotAnApprover');
  valueOf(await give(id, 'review', max, { step: 'check', decision: 'approve' }));
  const view = valueOf(await onboarding.wait(id));
  expect(view).toMatchObject({
    state: 'closed',
    outcome: 'completed',
    percent: 100,
    grants: [{ step: 'welcome' }, { step: 'team' }],
  });
  expect(view.steps.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done', 'done', 'notNeeded', 'done']);
  expect([await membership(lobby, member), await membership(board, member)]).toEqual(['DEFAULT', 'DEFAULT']);
  const name = member.split('/').at(-1);
  expect((await scene.messages(lobby)).filter(({ content }) => content.includes(name ?? ''))).toMatchObject([
    { content: `Hello ${name}`, sender: emulator.bearer },
    { content: `${name} is a gardener`, sender: emulator.bearer },
  ]);
});

test('cancelling with compensation removes what it made, the last first, and nothing that was there before', async () => {
  const { id, member } = await start([join('one', lobby), join('old', square), join('two', board), wait('long')], {
    member: await emulator.newUser('was-there'),
  });
  await reaches(id, { steps: [{}, {}, {}, { status: 'now' }] });
  const other = await emulator.newUser('older');
  await scene.addByHand(square, other);
  const second = await start([join('one', lobby), join('old', square), join('two', board), wait('long')], {
    member: other,
  });
  await reaches(second.id, { steps: [{}, {}, {}, { status: 'now' }] });
  expect(errorOf(await give(second.id, 'cancel', max, { ...why, compensate: true })).code).toBe('NotAnAdmin');
  valueOf(await give(second.id, 'cancel', mona, { ...why, compensate: true }));
  const view = valueOf(await onboarding.wait(second.id));
  expect(view).toMatchObject({
    outcome: 'cancelled',
    ending: { by: { by: mona, verified: false }, compensate: true },
    grants: [
      { step: 'one', settled: 'removed' },
      { step: 'two', settled: 'removed' },
    ],
  });
  expect(await Promise.all([lobby, square, board].map((channelArn) => membership(channelArn, other)))).toEqual([
    null,
    'DEFAULT',
    null,
  ]);
  const removed = await emulator.calls('DeleteChannelMembership', other);
  expect((removed as { channelArn?: string }[]).map(({ channelArn }) => channelArn)).toEqual([board, lobby]);

  valueOf(await give(id, 'cancel', ada, { ...why, compensate: false }));
  expect(valueOf(await onboarding.wait(id)).outcome).toBe('cancelled');
  expect(await Promise.all([lobby, square, board].map((channelArn) => membership(channelArn, member)))).toEqual([
    'DEFAULT',
    'DEFAULT',
    'DEFAULT',
  ]);
});

test('a membership that somebody made anew is not removed', async () => {
  const { id, member } = await start([join('one', lobby), wait('long')]);
  await reaches(id, { steps: [{ status: 'done' }, { status: 'now' }] });
  const about = { ChannelArn: lobby, MemberArn: member, ChimeBearer: ada };
  await scene.chime.messaging.deleteChannelMembership(about);
  await scene.addByHand(lobby, member);
  valueOf(await give(id, 'cancel', ada, { ...why, compensate: true }));
  expect(valueOf(await onboarding.wait(id)).grants).toMatchObject([{ settled: 'notOurs' }]);
  expect(await membership(lobby, member)).toBe('DEFAULT');
});

test('while it is paused nothing is taken, and what was to come comes later', async () => {
  const { id, member } = await start([
    { ...form('role'), dueIn: '10d' },
    join('one', lobby, { if: { answer: 'role.role', equals: 'nobody' } }),
    wait('long'),
  ]);
  const before = await reaches(id, { steps: [{ status: 'now' }, {}, {}] });
  valueOf(await give(id, 'pause', ada, why));
  expect(errorOf(await give(id, 'submitInput', member, { step: 'role', answers: { role: 'x' } })).code).toBe(
    'NotPending',
  );
  expect(errorOf(await give(id, 'pause', ada, why)).code).toBe('NotPending');
  const pausedMs = 300;
  await vi.waitFor(async () => {
    const { pausedAt = '' } = await show(id);
    expect(Date.now() - Date.parse(pausedAt)).toBeGreaterThan(pausedMs);
  }, PATIENCE);
  valueOf(await give(id, 'resume', ada, why));
  const after = await show(id);
  expect(Date.parse(after.steps[0]?.dueAt ?? '') - Date.parse(before.steps[0]?.dueAt ?? '')).toBeGreaterThan(pausedMs);
  valueOf(await give(id, 'submitInput', member, { step: 'role', answers: { role: 'x' } }));
  await reaches(id, { steps: [{ status: 'done' }, { status: 'notNeeded' }, { status: 'now' }] });
});

describe('starting', () => {
  test('again while it is open joins it, unless it is another one', async () => {
    const params = { who: { default: 'all' } };
    const { id, flow, member, requestedBy } = await start([join('one', lobby), wait('long')], { flow: { params } });
    const input = { flow: flow.name, member, requestedBy };
    expect(valueOf(await onboarding.start(input))).toMatchObject({ id });
    const other = { ...input, params: { who: 'some' } };
    expect(errorOf(await onboarding.start(other)).code).toBe('OtherOnboardingOpen');
    // That of somebody else is in nobody's way.
    expect(valueOf(await onboarding.start({ ...input, requestedBy: max }))).not.toMatchObject({ id });
  });

  test.each([
    ['nonsense', [42], 'InvalidRequest'],
    [
      'no steps',
      [{ flow: { apiVersion: 'onboarding/v1', name: 'x', steps: [] }, member: bob, requestedBy: ada }],
      'InvalidRequest',
    ],
    [
      'a state to go on with',
      [
        { flow: { apiVersion: 'onboarding/v1', name: 'x', steps: [join('a', lobby)] }, member: bob, requestedBy: mona },
        { record: {}, kept: {}, usedAssertions: [], told: 0 },
      ],
      'ForgedState',
    ],
  ])('by hand with %s fails at once, and no task of it', async (_, args, type) => {
    const { taskQueue } = scene;
    const handle = await client.workflow.start('onboardMember', {
      workflowId: `by-hand-${Math.random()}`,
      taskQueue,
      args,
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type } });
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  });

  test('cancelling it in Temporal ends it, and leaves what it made', async () => {
    const { id, member } = await start([join('one', lobby), wait('long')]);
    await reaches(id, { steps: [{ status: 'done' }, { status: 'now' }] });
    await client.workflow.getHandle(id).cancel();
    expect(valueOf(await onboarding.wait(id))).toMatchObject({ outcome: 'cancelled', ending: { compensate: false } });
    expect(await membership(lobby, member)).toBe('DEFAULT');
    expect(errorOf(await give(id, 'pause', ada, why)).code).toBe('AlreadyResolved');
  });
});

test('whatever was done here, the code does the same again', async () => {
  expect(started.length).toBeGreaterThan(3);
  expect(await replayFailures(client, started)).toEqual({});
});
