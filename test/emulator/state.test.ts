import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startEmulator, type Seed } from '../../emulator/server.ts';
import { bot, channelArn, emulator, instance, instanceId, outcome, user } from './support.ts';

const dev = JSON.parse(readFileSync(new URL('../../emulator/seeds/dev.json', import.meta.url), 'utf8')) as Seed;

test('a saved state restores everything', async () => {
  const first = await emulator({ seed: dev });
  const as = { ChimeBearer: user('mona') };
  const add = { MemberArn: user('carol'), Type: 'DEFAULT' } as const;
  await first.messaging.createChannelMembership({ ...as, ...add, ChannelArn: channelArn('board') });
  await first.messaging.createChannelMembership({ ...as, ...add, ChannelArn: channelArn('arena') });
  await first.messaging.createChannelBan({ ...as, MemberArn: user('dave'), ChannelArn: channelArn('board') });
  const Preferences = { PushNotifications: { AllowNotifications: 'ALL' } } as const;
  const own = { ChimeBearer: user('carol'), MemberArn: user('carol'), ChannelArn: channelArn('board'), Preferences };
  await first.messaging.putChannelMembershipPreferences(own);
  const ClientRequestToken = 'token-1';
  const made = { AppInstanceArn: instance, Name: 'by bot', ChimeBearer: bot('admission-bot'), ClientRequestToken };
  const { ChannelArn } = await first.messaging.createChannel(made);
  const saved = (await first.control('GET', '/state')).body as Seed;

  expect(saved.channels?.find(({ id }) => id === 'board')).toMatchObject({
    moderators: [{ id: 'mona' }, { id: 'max' }],
    members: [{ id: 'bob' }, { id: 'carol', invitedBy: 'mona', preferences: Preferences }],
    bans: [{ id: 'dave', createdBy: 'mona' }],
  });
  const second = await emulator({ seed: saved });
  expect((await second.control('GET', '/state')).body).toEqual(saved);
  const about = { ...as, MemberArn: user('carol'), ChannelArn: channelArn('board') };
  const before = (await first.messaging.describeChannelMembership(about)).ChannelMembership;
  expect((await second.messaging.describeChannelMembership(about)).ChannelMembership).toEqual(before);
  expect((await second.messaging.createChannel(made)).ChannelArn).toBe(ChannelArn);
});

test('the examples of the README are accepted', async () => {
  const readme = readFileSync(new URL('../../emulator/README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```json\n(.*?)```/gs)].map(
    ([, block = '']) => JSON.parse(block) as Partial<Seed>,
  );
  const [fault = ''] = /(?<=curl -d ')[^']+/.exec(readme) ?? [];
  const { control } = await emulator({ seed: blocks.find(({ appInstances }) => appInstances) as Seed });
  expect((await control('POST', '/faults', JSON.parse(fault))).status).toBe(201);
});

test('a reset empties state, faults and calls', async () => {
  const { messaging, control } = await emulator({ seed: dev });
  const about = { ChannelArn: channelArn('lobby'), ChimeBearer: user('ada') };
  expect(await outcome(messaging.describeChannel(about))).toBe('ok');
  await control('POST', '/faults', { operation: 'DescribeChannel', fault: { kind: 'dropBefore' } });
  await control('DELETE', '');
  expect((await control('GET', '/state')).body).toEqual({ appInstances: [], channels: [] });
  expect((await control('GET', '/calls')).body).toEqual([]);
  expect(await outcome(messaging.describeChannel(about))).toBe('ForbiddenException');
});

test('a channel holds at most 10,000 memberships and 1,000 moderators', async () => {
  const users = Array.from({ length: 10_001 }, (_, index) => ({ id: `u${index}` }));
  const ids = users.slice(0, -1).map(({ id }) => id);
  const { messaging } = await emulator({
    seed: {
      appInstances: [{ id: instanceId, users }],
      channels: [{ appInstance: instanceId, id: 'full', members: ids, moderators: ids.slice(0, 1_000) }],
    },
  });
  const about = { ChannelArn: channelArn('full'), ChimeBearer: user('u0') };
  const join = messaging.createChannelMembership({ ...about, MemberArn: user('u10000'), Type: 'DEFAULT' });
  expect(await outcome(join)).toBe('ResourceLimitExceededException');
  const promote = messaging.createChannelModerator({ ...about, ChannelModeratorArn: user('u10000') });
  expect(await outcome(promote)).toBe('ResourceLimitExceededException');
});

describe('a wrong seed is refused at its place', () => {
  const people = [{ id: instanceId, users: [{ id: 'a' }], bots: [{ id: 'b' }] }];
  const channel = { appInstance: instanceId, id: 'c' };

  test.each<[unknown, string]>([
    [{}, 'appInstances: Invalid input'],
    [{ appInstances: [{ id: '-', users: [] }] }, 'appInstances[0].id: must be 1 to 64'],
    [{ appInstances: people, chanels: [] }, 'Unrecognized key: "chanels"'],
    [{ appInstances: people, channels: [{ ...channel, privacy: 'SECRET' }] }, 'channels[0].privacy: Invalid option'],
    [
      { appInstances: people, channels: [{ ...channel, members: ['a', 'z'] }] },
      'channels[0].members[1]: "z" is no user',
    ],
    [
      { appInstances: people, channels: [{ ...channel, members: [{ id: 'a', type: 'X' }] }] },
      'channels[0].members[0].type',
    ],
    [{ appInstances: people, channels: [{ ...channel, bans: ['bot/a'] }] }, 'known: user/a, bot/b'],
    [{ appInstances: people, channels: [{ ...channel, appInstance: 'other' }] }, 'channels[0].appInstance'],
    [{ appInstances: people, channels: [channel, channel] }, 'channels[1].id: "c" is used twice'],
    [
      { appInstances: people, channels: [{ ...channel, elastic: true, members: [{ id: 'a', subChannelId: 'z' }] }] },
      'no such SubChannel',
    ],
    [{ appInstances: [...people, ...people] }, 'appInstances[1].id'],
  ])('%j', async (seed, message) => {
    await expect(startEmulator({ seed: seed as Seed })).rejects.toThrow(message);
  });
});
