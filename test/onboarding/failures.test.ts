import { describe, expect, test } from 'vitest';
import { valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { startOnboardings } from './scene.ts';

const scene = await startOnboardings();
const { emulator, client, onboarding, reaches, give, membership, show } = scene;
const [lobby, square] = [emulator.channel('lobby'), emulator.channel('square')];
const ada = emulator.user('ada');
const join = (id: string, channelArn: string, more: object = {}) => ({ id, kind: 'join', channelArn, ...more });
const wait = (id: string, time = '30d') => ({ id, kind: 'wait', for: time });
const why = { reason: 'a test' };

const started: { id: string; runId: string }[] = [];
const start: typeof scene.started = async (steps, more) => {
  const found = await scene.started(steps, more);
  started.push({ id: found.id, runId: (await show(found.id)).runId });
  return found;
};

const failing = async () => {
  const found = await start([join('one', lobby), wait('long')]);
  await reaches(found.id, { steps: [{ status: 'done' }, { status: 'now' }] });
  await emulator.fault(
    'DeleteChannelMembership',
    { kind: 'exception', name: 'ForbiddenException' },
    { count: 1, memberArn: found.member },
  );
  valueOf(await give(found.id, 'cancel', ada, { ...why, compensate: true }));
  await reaches(found.id, {
    state: 'incident',
    incident: { step: 'one', during: 'removal', error: { type: 'ForbiddenException' } },
  });
  return found;
};

const hello = (more: object = {}) => ({
  id: 'hello',
  kind: 'message',
  channelArn: lobby,
  text: 'Hello {{member.id}}',
  ...more,
});

const sentTo = async (member: string) =>
  (await scene.messages(lobby)).filter(({ content }) => content === `Hello ${member.split('/').at(-1)}`);

describe('a removal that fails', () => {
  test('is an incident, and tried again when an operator says so', async () => {
    const { id, member } = await failing();
    valueOf(await give(id, 'retryStep', ada, { ...why, step: 'one' }));
    expect(valueOf(await onboarding.wait(id))).toMatchObject({
      outcome: 'cancelled',
      grants: [{ settled: 'removed' }],
    });
    expect(await membership(lobby, member)).toBeNull();
  });

  test('leaves the membership when an operator skips it', async () => {
    const { id, member } = await failing();
    valueOf(await give(id, 'skip', ada, { ...why, step: 'one' }));
    expect(valueOf(await onboarding.wait(id))).toMatchObject({ outcome: 'cancelled', grants: [{ settled: 'kept' }] });
    expect(await membership(lobby, member)).toBe('DEFAULT');
  });
});

describe('a message', () => {
  test('whose answer was lost is sent once', async () => {
    await emulator.fault('SendChannelMessage', { kind: 'dropAfter' }, { count: 2 });
    const { id, member } = await start([hello()]);
    expect(valueOf(await onboarding.wait(id)).outcome).toBe('completed');
    expect((await emulator.calls('SendChannelMessage')).length).toBeGreaterThan(2);
    expect(await sentTo(member)).toHaveLength(1);
  });

  test('to a channel of which the service bearer is no member fails, and says what to do', async () => {
    const { id } = await start([hello({ channelArn: square, onFailure: 'hold' }), wait('long')]);
    const { incident } = await reaches(id, { state: 'incident' });
    expect(incident?.error).toMatchObject({ type: 'ForbiddenException', hint: expect.stringContaining('member') });
    valueOf(await give(id, 'skip', ada, { ...why, step: 'hello' }));
    await reaches(id, { state: 'running', steps: [{ status: 'skipped' }, { status: 'now' }] });
  });

  test('that is held up by an outage can be skipped', async () => {
    await emulator.fault(
      'SendChannelMessage',
      { kind: 'exception', name: 'ServiceUnavailableException' },
      { count: 1_000 },
    );
    const { id, member } = await start([hello(), wait('long')]);
    await reaches(id, { steps: [{ status: 'now' }, {}] });
    valueOf(await give(id, 'skip', ada, { ...why, step: 'hello' }));
    await reaches(id, { steps: [{ status: 'skipped' }, { status: 'now' }] });
    await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
    expect(await sentTo(member)).toEqual([]);
  });
});

test('whatever was done here, the code does the same again', async () => {
  expect(started.length).toBeGreaterThan(3);
  expect(await replayFailures(client, started)).toEqual({});
});
