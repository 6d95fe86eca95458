import { afterEach, describe, expect, test } from 'vitest';
import type { CheckCall } from '../../src/activities/check-command.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import type { Approvers } from '../../src/domain/requirement.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { activities, admitting, NOW, readsOf, run, scene, useScene } from './scene.ts';

useScene();

afterEach(() => {
  scene.onCall = [scene.emulator.user('erin'), scene.emulator.user('max')];
});

const reviewBy = (name: string) => ({
  actor: { principal: name.startsWith('arn:') ? name : scene.emulator.user(name) },
  decision: 'approve',
});

const verifying = (name: string, approvers: readonly Approvers[] | null): CheckCall => ({
  of: 'request',
  name: 'review',
  input: reviewBy(name),
  workflowId: 'join:1',
  subject: scene.request,
  requestedAt: NOW,
  standing: approvers && { request: scene.request, approvers },
});

const ALL = "reviewer.id == 'mona'";
const asked: Approvers[] = [
  { roles: ['oncall.people', 'channel_moderator'] },
  { expression: ALL },
  { expression: 'false' },
];

describe('checkCommand', () => {
  test.each<[string, string[], string[]]>([
    ['mona', ['channel_moderator'], [ALL]],
    ['max', ['channel_moderator', 'oncall.people'], []],
    ['ada', ['app_instance_admin'], []],
    ['erin', ['oncall.people'], []],
    ['bob', [], []],
  ])('%s holds %j, and %j is true', async (name, roles, matched) => {
    const requestDigest = digestOf(scene.request);
    expect(await run(() => activities().checkCommand(verifying(name, asked)))).toEqual({
      verified: false,
      command: reviewBy(name),
      roles,
      matched,
      requestDigest,
    });
  });

  test('the service bearer is an admin, but a bot holds nothing', async () => {
    const reads = await readsOf(async () => {
      expect(await run(() => activities().checkCommand(verifying(scene.emulator.bearer, asked)))).toMatchObject({
        roles: [],
        matched: [],
      });
    });
    expect(reads).toEqual([]);
  });

  test('who is not believed is refused before anything is read', async () => {
    const distrustful = activities({ trustClients: false });
    const reads = await readsOf(async () => {
      expect(await run(() => distrustful.checkCommand(verifying('mona', asked)))).toMatchObject({
        code: 'Unauthenticated',
      });
    });
    expect(reads).toEqual([]);
  });

  test('where only the proof is asked for, nothing is read', async () => {
    const reads = await readsOf(async () => {
      expect(await run(() => activities().checkCommand(verifying('mona', null)))).toMatchObject({
        verified: false,
        roles: [],
        matched: [],
      });
    });
    expect(reads).toEqual([]);
  });

  test('offices are read each time, with two calls, whatever is remembered', async () => {
    const same = activities();
    await run(() => same.admit(admitting()));
    const reads = await readsOf(async () => {
      await run(() => same.checkCommand(verifying('mona', asked)));
      await run(() => same.checkCommand(verifying('mona', asked)));
    });
    expect(reads).toEqual([
      'DescribeChannelModerator',
      'DescribeChannelModerator',
      'ListAppInstanceAdmins',
      'ListAppInstanceAdmins',
    ]);
  });

  test('so are roles of our own', async () => {
    const same = activities();
    expect(await run(() => same.checkCommand(verifying('erin', asked)))).toMatchObject({ roles: ['oncall.people'] });
    scene.onCall = [scene.emulator.user('bob')];
    expect(await run(() => same.checkCommand(verifying('erin', asked)))).toMatchObject({ roles: [] });
  });

  test.each<[string, unknown, RegExp]>([
    ['cannot be read', new Error('the rota is down'), /oncall.people could not be read: the rota is down/],
    ['is no list', 'erin', /oncall.people is no list/],
  ])('a role that %s is worth another attempt, and never means nobody', async (_title, value, message) => {
    scene.onCall = value;
    await expect(run(() => activities().checkCommand(verifying('mona', asked)))).rejects.toMatchObject({
      type: 'RoleUnavailable',
      nonRetryable: false,
      message: expect.stringMatching(message),
    });
  });

  test('nor does a role that no policy provides any more', async () => {
    const without = activities({ bindings: [] });
    await expect(run(() => without.checkCommand(verifying('mona', asked)))).rejects.toMatchObject({
      type: 'RoleUnavailable',
    });
  });

  test.each([
    ['DescribeChannelModerator', ''],
    ['DescribeChannelModerator', '{"ChannelModerator":{}}'],
    ['ListAppInstanceAdmins', '{}'],
  ])('a success of %s that says %j is no office', async (operation, body) => {
    await scene.emulator.fault(operation, { kind: 'status', status: 200, body });
    await expect(run(() => activities().checkCommand(verifying('bob', asked)))).rejects.toMatchObject({
      type: 'UnreadableAnswer',
      nonRetryable: false,
    });
  });

  test('a failing read is not an office that is not held', async () => {
    await scene.emulator.fault('DescribeChannelModerator', {
      kind: 'exception',
      name: 'ForbiddenException',
      status: 403,
    });
    await expect(run(() => activities().checkCommand(verifying('mona', asked)))).rejects.toMatchObject({
      type: 'ForbiddenException',
    });
  });
});

test('confirmStandings tells everybody in their order, also who holds nothing any more', async () => {
  const principals = [scene.emulator.user('bob'), scene.emulator.user('ada'), scene.emulator.bearer];
  const found = await run(() =>
    activities().confirmStandings({ principals, request: scene.request, approvers: asked }),
  );
  expect(found).toEqual([
    { arn: principals[0], roles: [], matched: [] },
    { arn: principals[1], roles: ['app_instance_admin'], matched: [] },
    { arn: principals[2], roles: [], matched: [] },
  ]);
});

async function names(approvers: readonly Approvers[], about: Partial<JoinRequest> = {}): Promise<string[]> {
  const found = await run(() => activities().readRoster({ request: { ...scene.request, ...about }, approvers }));
  return found.map(({ arn }) => arn.slice(arn.lastIndexOf('/') + 1)).toSorted();
}

describe('readRoster', () => {
  test('gives everybody whom the approvers mean, and nobody else', async () => {
    expect(await names([{ roles: ['channel_moderator'] }])).toEqual(['max', 'mona']);
    expect(await names([{ roles: ['oncall.people'] }, { expression: "reviewer.id == 'ada'" }])).toEqual([
      'ada',
      'erin',
      'max',
    ]);
    expect(await names([{ users: [scene.emulator.user('dave')] }])).toEqual(['dave']);
    expect(await names([])).toEqual([]);
  });

  test('leaves out parties and bots', async () => {
    const about = { requestedBy: scene.emulator.user('mona'), memberArn: scene.emulator.user('erin') };
    expect(await names([{ roles: ['channel_moderator', 'app_instance_admin', 'oncall.people'] }], about)).toEqual([
      'ada',
      'max',
    ]);
  });

  test('is read now, whatever is remembered', async () => {
    const same = activities();
    const call = { request: scene.request, approvers: [{ roles: ['channel_moderator'] }] };
    const reads = await readsOf(async () => {
      await run(() => same.readRoster(call));
      await run(() => same.readRoster(call));
    });
    expect(reads.filter((read) => read === 'ListChannelModerators')).toHaveLength(2);
  });
});
