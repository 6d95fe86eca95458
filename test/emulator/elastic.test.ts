import { expect, test } from 'vitest';
import { channelArn, emulator, instance, outcome, seedOf, user } from './support.ts';

const small = { MaximumSubChannels: 2, TargetMembershipsPerSubChannel: 2, MinimumMembershipPercentage: 40 };
const { messaging } = await emulator({
  seed: seedOf(
    ['mona', 'max', 'u1', 'u2', 'u3', 'u4', 'u5'],
    [
      { id: 'fill', elastic: small },
      { id: 'staff', elastic: small, moderators: ['mona'], members: ['u1', 'u2', 'u3'] },
      { id: 'roles', elastic: small, members: ['u1', 'u2'] },
      { id: 'rules', elastic: small, moderators: ['mona'], members: ['u1'] },
      { id: 'plain', moderators: ['mona'], members: ['u1'] },
    ],
  ),
});
const about = (id: string) => ({ ChannelArn: channelArn(id), ChimeBearer: user('ada') });
const add = (channel: string, member: string, fields: { SubChannelId?: string; Type?: 'HIDDEN' } = {}) =>
  messaging.createChannelMembership({ ...about(channel), MemberArn: user(member), Type: 'DEFAULT', ...fields });
const subChannels = async (id: string) => (await messaging.listSubChannels(about(id))).SubChannels ?? [];

test('regular members fill one sub-channel after the other, then no more fit', async () => {
  const places: (string | undefined)[] = [];
  for (const id of ['u1', 'u2', 'u3', 'u4']) places.push((await add('fill', id)).SubChannelId);
  expect(places[0]).toBeDefined();
  expect([places[1], places[3]]).toEqual([places[0], places[2]]);
  expect(places[2]).not.toBe(places[0]);
  expect((await subChannels('fill')).map(({ MembershipCount }) => MembershipCount)).toEqual([2, 2]);
  expect(await outcome(add('fill', 'u5'))).toBe('ResourceLimitExceededException');
  expect(await outcome(add('fill', 'u1'))).toBe('ConflictException');
});

test('one sub-channel can be listed and described', async () => {
  const [, second] = await subChannels('fill');
  const request = { ...about('fill'), SubChannelId: second?.SubChannelId };
  const { ChannelMemberships } = await messaging.listChannelMemberships(request);
  expect(ChannelMemberships?.map(({ Member }) => Member?.Name)).toEqual(['u3', 'u4']);
  const described = await messaging.describeChannelMembership({ ...request, MemberArn: user('u3') });
  expect(described.ChannelMembership?.SubChannelId).toBe(second?.SubChannelId);
  const elsewhere = messaging.describeChannelMembership({ ...request, MemberArn: user('u1') });
  expect(await outcome(elsewhere)).toBe('NotFoundException');
});

test('a moderator names the sub-channel, may sit in several, and leaves one or all', async () => {
  const [full = {}, free = {}] = await subChannels('staff');
  expect(await outcome(add('staff', 'mona'))).toBe('BadRequestException');
  expect(await outcome(add('staff', 'mona', { SubChannelId: 'unknown' }))).toBe('NotFoundException');
  expect(await outcome(add('staff', 'mona', { SubChannelId: full.SubChannelId ?? '' }))).toBe(
    'ResourceLimitExceededException',
  );
  const target = { ...about('staff'), MemberArn: user('mona') };
  await messaging.deleteChannelMembership({ ...about('staff'), MemberArn: user('u1') });
  for (const { SubChannelId = '' } of [full, free]) await add('staff', 'mona', { SubChannelId });
  expect(await outcome(add('staff', 'mona', { SubChannelId: free.SubChannelId ?? '' }))).toBe('ConflictException');
  await messaging.deleteChannelMembership({ ...target, SubChannelId: free.SubChannelId });
  expect((await messaging.describeChannelMembership(target)).ChannelMembership?.SubChannelId).toBe(full.SubChannelId);
  await messaging.deleteChannelMembership(target);
  expect(await outcome(messaging.describeChannelMembership(target))).toBe('NotFoundException');
});

test('promotion and demotion drop the memberships, a ban too', async () => {
  const member = { ...about('roles'), MemberArn: user('u1') };
  const moderator = { ...about('roles'), ChannelModeratorArn: user('u1') };
  const isMember = () => outcome(messaging.describeChannelMembership(member));
  await messaging.createChannelModerator(moderator);
  expect(await isMember()).toBe('NotFoundException');
  const [{ SubChannelId = '' } = {}] = await subChannels('roles');
  await add('roles', 'u1', { SubChannelId });
  await messaging.deleteChannelModerator(moderator);
  expect(await isMember()).toBe('NotFoundException');
  await messaging.createChannelBan({ ...about('roles'), MemberArn: user('u2') });
  expect(await subChannels('roles')).toMatchObject([{ MembershipCount: 0 }]);
});

const bad = 'BadRequestException';
const own = { MemberArn: user('u1'), ChannelArn: channelArn('rules'), ChimeBearer: user('u1') };

test.each<[string, () => Promise<unknown>]>([
  ['a hidden membership', () => add('rules', 'u2', { Type: 'HIDDEN' })],
  ['a list of hidden members', () => messaging.listChannelMemberships({ ...about('rules'), Type: 'HIDDEN' })],
  ['SubChannelId for a regular member', () => add('rules', 'u2', { SubChannelId: 'rules-1' })],
  [
    'deleting a regular member by sub-channel',
    () => messaging.deleteChannelMembership({ ...about('rules'), MemberArn: user('u1'), SubChannelId: 'rules-1' }),
  ],
  ['SubChannelId on a plain channel', () => add('plain', 'u2', { SubChannelId: 'rules-1' })],
  ['sub-channels of a plain channel', () => messaging.listSubChannels(about('plain'))],
  ['UNRESTRICTED mode', () => messaging.updateChannel({ ...about('rules'), Mode: 'UNRESTRICTED' })],
  ['preferences', () => messaging.getChannelMembershipPreferences(own)],
  [
    'the moderated view',
    () => messaging.describeChannelModeratedByAppInstanceUser({ ...about('rules'), AppInstanceUserArn: user('mona') }),
  ],
])('an elastic channel or its rules refuse %s', async (_, call) => {
  expect(await outcome(call())).toBe(bad);
});

test('the creator of an elastic channel is a moderator without membership', async () => {
  const request = { AppInstanceArn: instance, Name: 'Elastic', ChimeBearer: user('max') };
  const elastic = { ...request, ElasticChannelConfiguration: small };
  expect(await outcome(messaging.createChannel({ ...elastic, Mode: 'UNRESTRICTED' }))).toBe(bad);
  expect(await outcome(messaging.createChannel({ ...elastic, MemberArns: [user('u1')] }))).toBe(bad);
  const { ChannelArn } = await messaging.createChannel({ ...elastic, ModeratorArns: [user('mona')] });
  const channel = { ChannelArn, ChimeBearer: user('max') };
  expect((await messaging.listChannelModerators(channel)).ChannelModerators).toHaveLength(2);
  expect((await messaging.listChannelMemberships(channel)).ChannelMemberships).toEqual([]);
  expect((await messaging.describeChannel(channel)).Channel?.ElasticChannelConfiguration).toEqual(small);
});
