import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admit, admitProcess, endOf, startAdmit } from '../support/admit.ts';
import { startAdmission } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';

let admission: TestAdmission;
beforeAll(async () => {
  admission = await startAdmission();
});
afterAll(() => admission.close());

const run = (...args: string[]) => admit(args, { env: admission.env });
const channel = (name: string) => admission.emulator.channel(name);
const user = (name: string) => admission.emulator.user(name);

interface Shown {
  id: string;
  state: string;
  outcome: string | null;
  invitedBy?: string;
  reason?: { code: string };
  error?: { type: string; hint: string; requestId: string };
  approvals: object[];
  decisions: object[];
  next?: string;
}

describe('admit join', () => {
  test('exits 0 when the member is joined, and when they were already', async () => {
    const args = ['join', '--channel', channel('lobby'), '--member', user('alice'), '--json'];
    const first = await run(...args);
    expect(first.json()).toMatchObject({ state: 'closed', outcome: 'joined', invitedBy: user('alice'), approvals: [] });
    expect(first.code).toBe(0);
    const again = await run(...args);
    expect([again.code, again.json<Shown>().outcome]).toEqual([0, 'alreadyMember']);
  });

  test('exits 4 while pending, and its own command decides; --wait sees the end', async () => {
    const pending = await run('join', '--channel', channel('board'), '--member', user('carol'), '--json');
    const { id, next } = pending.json<Shown>();
    expect(pending.code).toBe(4);
    const [program, ...command] = next?.replace('MODERATOR', 'mona').split(' ') ?? [];
    expect(program).toBe('admit');
    const waiting = startAdmit(['join', '--channel', channel('board'), '--member', user('carol'), '--wait'], admission);
    const closed = endOf(waiting);
    expect(String(await once(waiting.stderr, 'data'))).toContain(`${id} is pending; waiting`);
    expect((await run(...command, '--comment', 'welcome')).code).toBe(0);
    expect((await closed).stdout).toMatch(/^joined: Carol\n/);
    expect((await closed).code).toBe(0);
    expect((await run('show', id, '--json')).json()).toMatchObject({
      id,
      outcome: 'joined',
      invitedBy: user('mona'),
      approvals: [{ reviewer: user('mona'), decision: 'approve', verified: false, comment: 'welcome' }],
    });
    const shown = await run('show', id);
    expect(shown.stdout).toMatch(/^joined: Carol\n/);
    expect(shown.stdout).toContain('not verified  welcome');
  });

  test('exits 3 when denied, with the field to blame', async () => {
    const denied = await run(
      'join',
      '--channel',
      channel('lobby'),
      '--member',
      user('dave'),
      '--sub-channel',
      'x',
      '--json',
    );
    expect(denied.json()).toMatchObject({
      outcome: 'denied',
      reason: { code: 'SUB_CHANNEL_NOT_ALLOWED', field: 'subChannelId' },
    });
    expect(denied.code).toBe(3);
  });

  test('exits 3 when withdrawn, and 5 when failed, with exception, hint and request id', async () => {
    const asked = await run('join', '--channel', channel('board'), '--member', user('dave'), '--json');
    const { id } = asked.json<Shown>();
    const waiting = startAdmit(['join', '--channel', channel('board'), '--member', user('dave'), '--wait'], admission);
    const closed = endOf(waiting);
    await once(waiting.stderr, 'data');
    expect((await run('withdraw', id, '--as', user('dave'))).stdout).toContain('withdrawn');
    expect((await closed).code).toBe(3);

    await admission.emulator.fault('CreateChannelMembership', { kind: 'exception', name: 'NotFoundException' });
    const failed = await run('join', '--channel', channel('lobby'), '--member', user('erin'), '--json');
    expect(failed.json<Shown>().error).toMatchObject({
      type: 'NotFoundException',
      hint: expect.any(String),
      requestId: expect.any(String),
    });
    expect(failed.code).toBe(5);
  });

  test.each([
    ['a user where a channel belongs', () => ['--channel', user('bob'), '--member', user('bob')], 'channelArn'],
    ['a broken member', () => ['--channel', channel('lobby'), '--member', 'alice'], 'memberArn'],
    [
      'another app instance',
      () => ['--channel', channel('lobby'), '--member', user('bob').replace('instance/', 'instance/f')],
      'memberArn',
    ],
    ['an unknown type', () => ['--channel', channel('lobby'), '--member', user('bob'), '--type', 'SECRET'], 'type'],
    [
      'an empty sub-channel',
      () => ['--channel', channel('lobby'), '--member', user('bob'), '--sub-channel', ''],
      'subChannelId',
    ],
    [
      'a foreign bearer',
      () => ['--channel', channel('lobby'), '--member', user('bob'), '--bearer', user('carol')],
      'chimeBearer',
    ],
  ])('exits 2 on %s, names the field and what is accepted, and starts nothing', async (_name, args, field) => {
    const refused = await run('join', ...args(), '--json');
    expect(refused.json()).toEqual({
      error: { code: 'InvalidRequest', field, message: expect.any(String), accepted: expect.any(String) },
    });
    expect(refused.code).toBe(2);
  });

  test('refuses a foreign bearer with exit 2 also where only the worker knows the service bearers', async () => {
    const env = { ...admission.env, ADMISSION_BEARERS: '' };
    const args = [
      'join',
      '--channel',
      channel('lobby'),
      '--member',
      user('frank'),
      '--bearer',
      user('carol'),
      '--json',
    ];
    const refused = await admit(args, { env });
    expect(refused.json()).toMatchObject({ error: { code: 'InvalidRequest', field: 'chimeBearer' } });
    expect(refused.code).toBe(2);
    expect(await admission.emulator.calls('CreateChannelMembership', user('frank'))).toEqual([]);
  });

  test('tells an outsider nothing of a ban, and a moderator everything', async () => {
    const { service, emulator } = admission;
    await emulator.ban('lobby', 'frank');
    const outsider = await run('join', '--channel', channel('lobby'), '--member', user('frank'), '--json');
    expect(outsider.code).toBe(3);
    expect(outsider.stdout).toContain('NOT_ADMITTED');
    expect(outsider.stdout).not.toMatch(/ban/i);
    const moderator = await run(
      'join',
      '--channel',
      channel('lobby'),
      '--member',
      user('frank'),
      '--as',
      user('mona'),
      '--json',
    );
    expect(moderator.json<Shown>().reason?.code).toBe('BANNED');
    expect((await service.show(moderator.json<Shown>().id)).ok).toBe(true);
  });
});

describe('the other commands', () => {
  test('list finds by state, channel and member, and never HIDDEN requests by member', async () => {
    await run('join', '--channel', channel('square'), '--member', user('erin'), '--type', 'HIDDEN');
    const byChannel = () => run('list', '--channel', channel('square'), '--state', 'pending', '--json');
    await expect
      .poll(async () => (await byChannel()).json<object[]>())
      .toMatchObject([{ type: 'HIDDEN', memberArn: null }]);
    const byMember = await run('list', '--channel', channel('square'), '--member', user('erin'), '--json');
    expect(byMember.json()).toEqual([]);
    const wrong = await run('list', '--state', 'open', '--json');
    expect([wrong.code, wrong.json()]).toMatchObject([
      2,
      { error: { field: 'state', accepted: expect.stringContaining('pending') } },
    ]);
  });

  test('review wants one decision, an approver and a known id', async () => {
    const { id } = (
      await run('join', '--channel', channel('guild'), '--member', user('alice'), '--json')
    ).json<Shown>();
    const codes = await Promise.all([
      run('review', id, '--approve', '--deny', '--as', user('mona'), '--json'),
      run('review', id, '--approve', '--as', user('alice'), '--json'),
      run('review', id, '--approve', '--as', user('bob'), '--json'),
      run('review', id, '--approve', '--as', 'mona', '--json'),
      run('review', 'join:nobody:knows:00000000', '--approve', '--as', user('mona'), '--json'),
    ]);
    expect(codes.map((ran) => [ran.code, ran.json<{ error: { code: string } }>().error.code])).toEqual([
      [2, 'InvalidReview'],
      [2, 'OwnRequest'],
      [2, 'NotAnApprover'],
      [2, 'InvalidCall'],
      [2, 'UnknownRequest'],
    ]);
    expect((await run('show', id, '--json')).json()).toMatchObject({ state: 'pending', approvals: [] });
  });

  test('doctor finds all well here, and says how to mend what is not', async () => {
    const well = await run('doctor', '--json');
    expect(well.json<{ checks: { ok: boolean }[] }>().checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(well.code).toBe(0);
    const env = { ...admission.env, ADMISSION_TASK_QUEUE: 'nobody', ADMISSION_BEARERS: user('alice') };
    const ill = await admit(['doctor', '--json'], { env });
    const failed = ill
      .json<{ checks: { name: string; ok: boolean; mend?: string }[] }>()
      .checks.filter(({ ok }) => !ok);
    expect(failed).toMatchObject([
      { name: 'worker', mend: expect.any(String) },
      { name: 'service bearer', mend: expect.any(String) },
    ]);
    expect(ill.code).toBe(1);
  });

  test('setup may be repeated', async () => {
    const ran = await run('setup', '--json');
    expect(ran.json()).toMatchObject({ added: [], present: expect.arrayContaining(['AdmissionState']) });
    expect(ran.code).toBe(0);
  });

  test('a misspelled option is refused in JSON too', async () => {
    const ran = await admitProcess(['list', '--stat', 'pending', '--json'], admission);
    expect(ran.json()).toMatchObject({ error: { code: 'InvalidCall', message: expect.stringContaining('--state') } });
    expect(ran.code).toBe(2);
  });
});

describe('without an answer', () => {
  test('exits 6 with the id where no worker is, and the request runs when one comes', async () => {
    const env = { ...admission.env, ADMISSION_TASK_QUEUE: `${admission.taskQueue}-later` };
    const ran = await admit(['join', '--channel', channel('lobby'), '--member', user('bob'), '--json'], { env });
    expect(ran.json()).toMatchObject({ error: { code: 'NoWorker', id: expect.stringMatching(/^join:[0-9a-f]{24}$/) } });
    expect(ran.code).toBe(6);
  });

  test('exits 6 where no server is', async () => {
    const ran = await admitProcess(['list', '--json'], { env: { ...admission.env, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(ran.json()).toMatchObject({ error: { code: 'NoServer' } });
    expect(ran.code).toBe(6);
  });
});
