import type { ChimeSDKMessaging, SearchField } from '@aws-sdk/client-chime-sdk-messaging';
import { describe, expect, test } from 'vitest';
import { channelArn, emulator, instance, outcome, seedOf, user } from './support.ts';

type Send = (client: ChimeSDKMessaging, about: { ChannelArn: string; ChimeBearer: string }) => Promise<unknown>;

const MemberArn = user('existing');
const Preferences = { PushNotifications: { AllowNotifications: 'ALL' } } as const;
const Fields = [{ Key: 'MEMBERS', Values: [MemberArn], Operator: 'INCLUDES' }] as SearchField[];

type Row = readonly [name: string, send: Send, admin: string, moderator: string, member: string, outsider: string];

// One row per row of the role table; each cell gives the answer on a PUBLIC and on a PRIVATE channel:
// A allowed, D denied.
// prettier-ignore
const table: readonly Row[] = [
  ['DeleteChannelMembership of another', (c, a) => c.deleteChannelMembership({ ...a, MemberArn }), 'AA', 'AA', 'DD', 'DD'],
  ['DeleteChannelMembership of itself', (c, a) => c.deleteChannelMembership({ ...a, MemberArn: a.ChimeBearer }), 'AA', 'AA', 'AA', 'DD'],
  ['DescribeChannelMembership', (c, a) => c.describeChannelMembership({ ...a, MemberArn }), 'AA', 'AA', 'AA', 'AD'],
  ['ListChannelMemberships', (c, a) => c.listChannelMemberships(a), 'AA', 'AA', 'AA', 'AD'],
  ['ListChannelMemberships HIDDEN', (c, a) => c.listChannelMemberships({ ...a, Type: 'HIDDEN' }), 'AA', 'AA', 'DD', 'DD'],
  ['CreateChannelModerator', (c, a) => c.createChannelModerator({ ...a, ChannelModeratorArn: MemberArn }), 'AA', 'AA', 'DD', 'DD'],
  ['DeleteChannelModerator', (c, a) => c.deleteChannelModerator({ ...a, ChannelModeratorArn: user('second') }), 'AA', 'AA', 'DD', 'DD'],
  ['DescribeChannelModerator', (c, a) => c.describeChannelModerator({ ...a, ChannelModeratorArn: user('second') }), 'AA', 'AA', 'DD', 'DD'],
  ['ListChannelModerators', (c, a) => c.listChannelModerators(a), 'AA', 'AA', 'DD', 'DD'],
  ['CreateChannelBan', (c, a) => c.createChannelBan({ ...a, MemberArn }), 'AA', 'AA', 'DD', 'DD'],
  ['CreateChannelBan of a moderator', (c, a) => c.createChannelBan({ ...a, MemberArn: user('second') }), 'DD', 'DD', 'DD', 'DD'],
  ['CreateChannelBan of an admin', (c, a) => c.createChannelBan({ ...a, MemberArn: user('ada') }), 'DD', 'DD', 'DD', 'DD'],
  ['DeleteChannelBan', (c, a) => c.deleteChannelBan({ ...a, MemberArn: user('banned') }), 'AA', 'AA', 'DD', 'DD'],
  ['DescribeChannelBan', (c, a) => c.describeChannelBan({ ...a, MemberArn: user('banned') }), 'AA', 'AA', 'DD', 'DD'],
  ['ListChannelBans', (c, a) => c.listChannelBans(a), 'AA', 'AA', 'DD', 'DD'],
  ['DescribeChannel', (c, a) => c.describeChannel(a), 'AA', 'AA', 'AA', 'AD'],
  ['UpdateChannel', (c, a) => c.updateChannel({ ...a, Name: 'new' }), 'AA', 'AA', 'DD', 'DD'],
  ['DeleteChannel', (c, a) => c.deleteChannel(a), 'AA', 'AA', 'DD', 'DD'],
  ['PutChannelExpirationSettings', (c, a) => c.putChannelExpirationSettings(a), 'AA', 'AA', 'DD', 'DD'],
  ['ListChannels', (c, a) => c.listChannels({ ...a, AppInstanceArn: instance }), 'AA', 'AA', 'AA', 'AA'],
  ['ListChannels PRIVATE', (c, a) => c.listChannels({ ...a, AppInstanceArn: instance, Privacy: 'PRIVATE' }), 'AA', 'DD', 'DD', 'DD'],
  ['SearchChannels', (c, a) => c.searchChannels({ ...a, Fields }), 'AA', 'AA', 'AA', 'AA'],
  ['ListChannelMembershipsForAppInstanceUser of itself', (c, a) => c.listChannelMembershipsForAppInstanceUser({ ...a, AppInstanceUserArn: a.ChimeBearer }), 'AA', 'AA', 'AA', 'AA'],
  ['ListChannelMembershipsForAppInstanceUser of another', (c, a) => c.listChannelMembershipsForAppInstanceUser({ ...a, AppInstanceUserArn: MemberArn }), 'AA', 'DD', 'DD', 'DD'],
  ['DescribeChannelMembershipForAppInstanceUser of another', (c, a) => c.describeChannelMembershipForAppInstanceUser({ ...a, AppInstanceUserArn: MemberArn }), 'AA', 'DD', 'DD', 'DD'],
  ['DescribeChannelMembershipForAppInstanceUser of itself', (c, a) => c.describeChannelMembershipForAppInstanceUser({ ...a, AppInstanceUserArn: a.ChimeBearer }), 'AA', 'AA', 'AA', 'DD'],
  ['ListChannelsModeratedByAppInstanceUser of itself', (c, a) => c.listChannelsModeratedByAppInstanceUser({ ...a, AppInstanceUserArn: a.ChimeBearer }), 'AA', 'AA', 'AA', 'AA'],
  ['ListChannelsModeratedByAppInstanceUser of another', (c, a) => c.listChannelsModeratedByAppInstanceUser({ ...a, AppInstanceUserArn: user('second') }), 'AA', 'DD', 'DD', 'DD'],
  ['DescribeChannelModeratedByAppInstanceUser of another', (c, a) => c.describeChannelModeratedByAppInstanceUser({ ...a, AppInstanceUserArn: user('second') }), 'AA', 'DD', 'DD', 'DD'],
  ['PutChannelMembershipPreferences of itself', (c, a) => c.putChannelMembershipPreferences({ ...a, MemberArn: a.ChimeBearer, Preferences }), 'AA', 'AA', 'AA', 'DD'],
  ['PutChannelMembershipPreferences of another', (c, a) => c.putChannelMembershipPreferences({ ...a, MemberArn, Preferences }), 'DD', 'DD', 'DD', 'DD'],
  ['GetChannelMembershipPreferences of another', (c, a) => c.getChannelMembershipPreferences({ ...a, MemberArn }), 'DD', 'DD', 'DD', 'DD'],
];

const roles = ['ada', 'moderator', 'member', 'outsider'];
const privacies = ['PUBLIC', 'PRIVATE'] as const;

const cells = table.flatMap(([name, send, ...answers], row) =>
  roles.flatMap((bearer, column) =>
    privacies.map((privacy, index) => ({
      id: `c${row}-${column}-${index}`,
      name,
      send,
      bearer,
      privacy,
      expected: answers[column]?.[index] === 'A' ? 'ok' : 'ForbiddenException',
    })),
  ),
);

describe('role table', async () => {
  const channels = cells.map(({ id, privacy }) => ({
    id,
    privacy,
    moderators: ['moderator', 'second'],
    members: ['ada', 'moderator', 'member', 'existing'],
    bans: ['banned'],
  }));
  const people = ['moderator', 'second', 'member', 'existing', 'banned', 'outsider'];
  const { messaging } = await emulator({ seed: seedOf(people, channels) });

  test.each(cells)('$name on $privacy by $bearer: $expected', async ({ id, send, bearer, expected }) => {
    expect(await outcome(send(messaging, { ChannelArn: channelArn(id), ChimeBearer: user(bearer) }))).toBe(expected);
  });
});
