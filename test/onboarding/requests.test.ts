import { describe, expect, test, vi } from 'vitest';
import { requestId } from '../../src/workflow-id.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { PATIENCE, startOnboardings } from './scene.ts';

const scene = await startOnboardings();
const { emulator, client, onboarding, service, reaches, give, membership, show } = scene;
const [lobby, board] = [emulator.channel('lobby'), emulator.channel('board')];
const [mona, max, ada] = [emulator.user('mona'), emulator.user('max'), emulator.user('ada')];
const join = (id: string, channelArn: string, more: object = {}) => ({ id, kind: 'join', channelArn, ...more });
const wait = (id: string, time = '30d') => ({ id, kind: 'wait', for: time });
const why = { reason: 'a test' };

const started: { id: string; runId: string }[] = [];
const start: typeof scene.started = async (steps, more) => {
  const found = await scene.started(steps, more);
  started.push({ id: found.id, runId: (await show(found.id)).runId });
  return found;
};

const hidden = (id: string, more: object = {}) => join(id, lobby, { type: 'HIDDEN', ...more });
const requestOf = (member: string) =>
  requestId({ channelArn: lobby, memberArn: member, requestedBy: mona, type: 'HIDDEN' });

describe('a request that waits for people', () => {
  test('is approved there, and the onboarding goes on', async () => {
    const { id, member } = await start([hidden('watch'), wait('long')]);
    await reaches(id, { steps: [{ status: 'now', child: { id: requestOf(member), state: 'open' } }, {}] });
    await vi.waitFor(
      async () => expect(valueOf(await service.show(requestOf(member))).state).toBe('pending'),
      PATIENCE,
    );
    // Nothing proved who asked for the onboarding: so nothing proved who asks here.
    expect(valueOf(await service.show(requestOf(member)))).toMatchObject({ requesterVerified: false });
    valueOf(await service.review(requestOf(member), { actor: { principal: max }, decision: 'approve' }));
    await reaches(id, { steps: [{ status: 'done' }, { status: 'now' }], grants: [{ grant: { type: 'HIDDEN' } }] });
    valueOf(await give(id, 'cancel', ada, { ...why, compensate: true }));
    valueOf(await onboarding.wait(id));
    expect(await membership(lobby, member)).toBeNull();
  });

  test('is withdrawn when the onboarding is cancelled', async () => {
    const { id, member } = await start([hidden('watch'), wait('long')]);
    await reaches(id, { steps: [{ child: { state: 'open' } }, {}] });
    valueOf(await give(id, 'cancel', ada, { ...why, compensate: true }));
    expect(valueOf(await onboarding.wait(id))).toMatchObject({ outcome: 'cancelled', grants: [] });
    expect(valueOf(await service.show(requestOf(member)))).toMatchObject({ state: 'closed', outcome: 'withdrawn' });
  });

  test('that is denied fails its step: what was granted before is removed', async () => {
    const { id, member } = await start([join('team', board), hidden('watch'), wait('long')]);
    await reaches(id, { steps: [{}, { child: { state: 'open' } }, {}] });
    await vi.waitFor(
      async () => expect(valueOf(await service.show(requestOf(member))).state).toBe('pending'),
      PATIENCE,
    );
    valueOf(await service.review(requestOf(member), { actor: { principal: max }, decision: 'deny' }));
    expect(valueOf(await onboarding.wait(id))).toMatchObject({
      outcome: 'stopped',
      steps: [{ status: 'done' }, { status: 'failed', error: { type: 'JoinDenied' } }, { status: 'future' }],
      grants: [{ step: 'team', settled: 'removed' }],
    });
    expect(await membership(board, member)).toBeNull();
  });

  test('is withdrawn when its step is skipped', async () => {
    const { id, member } = await start([hidden('watch'), wait('long')]);
    await reaches(id, { steps: [{ child: { state: 'open' } }, {}] });
    expect(errorOf(await give(id, 'skip', mona, { ...why, step: 'watch' })).code).toBe('NotAnAdmin');
    valueOf(await give(id, 'skip', ada, { ...why, step: 'watch' }));
    await reaches(id, {
      steps: [{ status: 'skipped', child: { state: 'closed' } }, { status: 'now' }],
      notes: [{ what: 'skip watch', by: ada }],
    });
    expect(valueOf(await service.show(requestOf(member)))).toMatchObject({ outcome: 'withdrawn' });
  });

  test('is not believed to be joined because a signal says so', async () => {
    const { id, member } = await start([hidden('watch'), wait('long')]);
    await reaches(id, { steps: [{ child: { state: 'open' } }, {}] });
    await scene.addByHand(board, member);
    const handle = client.workflow.getHandle(id);
    const grant = { type: 'DEFAULT', invitedBy: ada };
    for (const nonsense of [null, 7, 'x', { id: 1 }, {}, []]) await handle.signal('childProgress', nonsense);
    await handle.signal('childProgress', { id: requestOf(member), state: 'active', outcome: null, grant });
    await handle.signal('childProgress', { id: requestOf(member), state: 'closed', outcome: 'joined', grant });
    await vi.waitFor(async () => {
      const { events } = await handle.fetchHistory();
      expect(
        events?.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'readChild'),
      ).toHaveLength(1);
    }, PATIENCE);
    await reaches(id, { grants: [], steps: [{ status: 'now', child: { state: 'open' } }, { status: 'future' }] });
    valueOf(await give(id, 'cancel', ada, { ...why, compensate: true }));
    valueOf(await onboarding.wait(id));
  });

  test('that is open already is told, and the step can be tried again when it has ended', async () => {
    const member = await emulator.newUser('asked-already');
    valueOf(await service.join({ channelArn: lobby, memberArn: member, requestedBy: mona, type: 'HIDDEN' }));
    const { id } = await start([hidden('watch', { onFailure: 'hold' }), wait('long')], { member });
    await reaches(id, { state: 'incident', incident: { step: 'watch', error: { type: 'RequestOpen' } } });
    valueOf(await service.withdraw(requestOf(member), { actor: { principal: mona } }));
    valueOf(await give(id, 'retryStep', ada, { ...why, step: 'watch' }));
    const { steps } = await reaches(id, { state: 'running', steps: [{ child: { state: 'open' } }, {}] });
    expect(steps[0]).toMatchObject({ status: 'now', tries: 1 });
  });
});

test('a membership with a term ends by itself, also after the onboarding is over', async () => {
  const { id, member } = await start([join('visit', lobby, { term: '3s' })]);
  expect(valueOf(await onboarding.wait(id))).toMatchObject({
    outcome: 'completed',
    steps: [{ child: { state: 'active' } }],
  });
  expect(await membership(lobby, member)).toBe('DEFAULT');
  await vi.waitFor(async () => expect(await membership(lobby, member)).toBeNull(), PATIENCE);
});

test('whatever was done here, the code does the same again', async () => {
  expect(started.length).toBeGreaterThan(3);
  expect(await replayFailures(client, started)).toEqual({});
});
