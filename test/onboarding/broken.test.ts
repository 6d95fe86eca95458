import { Worker } from '@temporalio/worker';
import { describe, expect, test, vi } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { failedTasks } from '../workflows/support.ts';
import { startOnboardings } from './scene.ts';
import { begun, join, joined, moved } from './support.ts';

// A worker whose check of eve answers nothing at all: the code of the workflow throws a plain TypeError on that.
const create = Worker.create.bind(Worker);
vi.spyOn(Worker, 'create').mockImplementation((options) => {
  type Check = (call: { input: { actor: { principal: string } } }) => unknown;
  const { checkCommand } = options.activities as { checkCommand: Check };
  const broken: Check = (call) => (call.input.actor.principal.endsWith('/eve') ? null : checkCommand(call));
  return create({ ...options, activities: { ...options.activities, checkCommand: broken } });
});
const scene = await startOnboardings();
const { emulator, client, onboarding, service, reaches, give, membership, show } = scene;
const [lobby, board] = [emulator.channel('lobby'), emulator.channel('board')];

describe('a plain error in the code of the workflow', () => {
  test('ends the onboarding as failed, with its record; its command is answered, and its open request taken back', async () => {
    const { id, member } = await scene.started([
      { id: 'welcome', kind: 'join', channelArn: lobby },
      { id: 'watch', kind: 'join', channelArn: board, type: 'HIDDEN' },
    ]);
    const { steps } = await reaches(id, { steps: [{ status: 'done' }, { child: { state: 'open' } }] });
    const refused = errorOf(await give(id, 'pause', emulator.user('eve'), { reason: 'a test' }));
    expect(refused).toMatchObject({ code: 'Unavailable', message: expect.stringContaining('look how it stands') });
    const view = valueOf(await onboarding.wait(id));
    expect(view).toMatchObject({
      state: 'closed',
      outcome: 'failed',
      error: { type: 'TypeError' },
      grants: [{ step: 'welcome' }],
    });
    expect(await show(id)).toEqual(view);
    expect(valueOf(await service.wait(steps[1]?.child?.id ?? '')).outcome).toBe('withdrawn');
    expect(await membership(lobby, member)).toBe('DEFAULT');
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    expect(failedTasks(events ?? [])).toBe(0);
    expect(await replayFailures(client, [{ id, runId: view.runId }])).toEqual({});
  });
});

const error = { type: 'TypeError', message: 'x is not a function' };
const granted = () =>
  moved(begun([join('a'), join('b')]))
    .starts('a')
    .hears('a', joined);
const ending = (compensate: boolean) => {
  const one = granted();
  one.give('cancel', { compensate });
  return one;
};
/** Something of it is under way that keeps it from closing. */
const leaving = () => {
  const one = granted().starts('b');
  one.give('cancel', { compensate: false });
  return one;
};

test('an ending that fails is held while a membership has to go, and goes on when it is tried again', () => {
  const held = ending(true).breaks(error);
  expect(held.view).toMatchObject({ state: 'incident', incident: { step: 'a', during: 'removal', error } });
  held.give('retryStep', { step: 'a' });
  expect(held.next).toMatchObject({ do: 'removeGrant', grant: { step: 'a' } });
});

test.each([
  ['an ending that removes nothing', leaving()],
  ['an ending that was held', ending(true).breaks(error)],
  ['an onboarding that failed just so', granted().starts('b').breaks(error)],
])('%s is closed as failed', (_what, one) => {
  one.breaks(error);
  expect(one.view).toMatchObject({ state: 'closed', outcome: 'failed', error });
  const closed = one.state;
  expect(one.breaks(error).state).toBe(closed);
});

test('a step that is done stays done when the member leaves', () => {
  const grant = joined.grant ?? { type: 'DEFAULT' };
  const reason = { code: 'LEFT', message: 'gone', binding: 'host', visibility: 'full' } as const;
  const one = moved(begun([join('a'), join('b')])).starts('a');
  one.hints('join:a').comesTo({ state: 'active', outcome: null, grant });
  one.hears('a', { state: 'closed', outcome: 'revoked', grant, reason });
  expect(one.view).toMatchObject({ state: 'running', steps: [{ status: 'done' }, {}] });
});
