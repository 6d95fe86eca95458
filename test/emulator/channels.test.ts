import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { bot, channelArn, emulator, errorOf, instance, outcome, seedOf, user } from './support.ts';

const people = ['mona', 'member', 'outsider', 'other'];
const seed = seedOf(people, [
  { id: 'room', privacy: 'PRIVATE', moderators: ['mona'], members: ['member'] },
  { id: 'bans', privacy: 'PUBLIC', moderators: ['mona'], members: ['member'] },
  { id: 'batch', privacy: 'PRIVATE', mode: 'UNRESTRICTED', moderators: ['mona'], members: ['member'], bans: ['other'] },
]);
seed.appInstances.push({ id: 'elsewhere', users: [{ id: 'stranger' }] });
seed.channels?.push({ appInstance: 'elsewhere', id: 'room' });
const { messaging } = await emulator({ seed });
const stranger = `${instance.replace(/[^/]+$/, 'elsewhere')}/user/stranger`;
const asAdmin = { ChimeBearer: user('ada') };

function create(fields: { Name?: string; ClientRequestToken?: string; ChannelId?: string; MemberArns?: string[] }) {
  return messaging.createChannel({
    AppInstanceArn: instance,
    Name: 'New',
    Privacy: 'PRIVATE',
    ChimeBearer: user('outsider'),
    ...fields,
  });
}

test('the creator of a channel becomes its moderator and member', async () => {
  const { ChannelArn } = await create({ MemberArns: [user('other')] });
  const about = { ChannelArn, ChimeBearer: user('outsider') };
  const { ChannelMemberships } = await messaging.listChannelMemberships(about);
  expect(ChannelMemberships?.map(({ Member }) => Member?.Arn)).toEqual([user('outsider'), user('other')]);
  const { ChannelModerators } = await messaging.listChannelModerators(about);
  expect(ChannelModerators).toEqual([{ Moderator: { Arn: user('outsider'), Name: 'outsider' } }]);
  const { Channel } = await messaging.describeChannel(about);
  expect(Channel).toMatchObject({ Privacy: 'PRIVATE', Mode: 'RESTRICTED', CreatedBy: { Arn: user('outsider') } });
});

test('a repeated ClientRequestToken returns the same channel, a taken ChannelId conflicts', async () => {
  const ClientRequestToken = randomUUID();
  const first = await create({ ClientRequestToken, ChannelId: 'mine' });
  expect(first.ChannelArn).toBe(channelArn('mine'));
  expect((await create({ ClientRequestToken, ChannelId: 'mine' })).ChannelArn).toBe(first.ChannelArn);
  expect(await outcome(create({ ChannelId: 'mine' }))).toBe('ConflictException');
});

test('a membership tells who invited, its type and when, as dates the SDK understands', async () => {
  const before = Date.now();
  const about = { ChannelArn: channelArn('room'), MemberArn: user('other'), ChimeBearer: user('mona') };
  const { $metadata, ...created } = await messaging.createChannelMembership({ ...about, Type: 'HIDDEN' });
  expect(created).toEqual({ ChannelArn: about.ChannelArn, Member: { Arn: user('other'), Name: 'other' } });
  expect($metadata).toMatchObject({ httpStatusCode: 201, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  const { ChannelMembership } = await messaging.describeChannelMembership(about);
  expect(ChannelMembership).toMatchObject({ Type: 'HIDDEN', InvitedBy: { Arn: user('mona') } });
  expect(ChannelMembership?.CreatedTimestamp?.getTime()).toBeGreaterThanOrEqual(before);
  expect(ChannelMembership?.CreatedTimestamp?.getTime()).toBeLessThanOrEqual(Date.now());
});

test('hidden members are listed by type=HIDDEN alone', async () => {
  const about = { ChannelArn: channelArn('room'), ChimeBearer: user('mona') };
  const shown = await messaging.listChannelMemberships(about);
  const hidden = await messaging.listChannelMemberships({ ...about, Type: 'HIDDEN' });
  expect(shown.ChannelMemberships?.map(({ Member }) => Member?.Name)).toEqual(['member']);
  expect(hidden.ChannelMemberships?.map(({ Member }) => Member?.Name)).toEqual(['other']);
});

test('a new moderator gets no membership and may still add people', async () => {
  const about = { ChannelArn: channelArn('room'), ChimeBearer: user('mona') };
  await messaging.createChannelModerator({ ...about, ChannelModeratorArn: user('outsider') });
  const described = messaging.describeChannelMembership({ ...about, MemberArn: user('outsider') });
  expect(await errorOf(described)).toMatchObject({ name: 'NotFoundException', Code: 'NotFound' });
  const again = messaging.createChannelModerator({ ...about, ChannelModeratorArn: user('outsider') });
  expect(await outcome(again)).toBe('ConflictException');
});

test('a ban removes the membership, blocks everyone from adding, and lifting it restores nothing', async () => {
  const about = { ChannelArn: channelArn('bans'), MemberArn: user('member') };
  const add = (bearer: string) =>
    outcome(messaging.createChannelMembership({ ...about, Type: 'DEFAULT', ChimeBearer: user(bearer) }));
  const isMember = () => outcome(messaging.describeChannelMembership({ ...about, ...asAdmin }));
  await messaging.createChannelBan({ ...about, ChimeBearer: user('mona') });
  expect(await isMember()).toBe('NotFoundException');
  for (const bearer of ['ada', 'mona', 'member']) expect(await add(bearer)).toBe('ForbiddenException');
  await messaging.deleteChannelBan({ ...about, ...asAdmin });
  expect(await isMember()).toBe('NotFoundException');
  expect(await add('member')).toBe('ok');
});

test('a batch reports each member that could not be added', async () => {
  const { BatchChannelMemberships, Errors } = await messaging.batchCreateChannelMembership({
    ChannelArn: channelArn('batch'),
    MemberArns: [user('outsider'), user('member'), user('other'), user('nobody'), user('outsider'), stranger],
    ChimeBearer: user('member'),
  });
  expect(BatchChannelMemberships).toMatchObject({ Type: 'DEFAULT', Members: [{ Arn: user('outsider') }] });
  expect(Errors?.map(({ MemberArn, ErrorCode }) => [MemberArn, ErrorCode])).toEqual([
    [user('member'), 'Conflict'],
    [user('other'), 'Forbidden'],
    [user('nobody'), 'NotFound'],
    [user('outsider'), 'Conflict'],
    [stranger, 'Forbidden'],
  ]);
});

test('a batch by someone who may add nobody is refused as a whole', async () => {
  const call = messaging.batchCreateChannelMembership({
    ChannelArn: channelArn('room'),
    MemberArns: [user('other')],
    ChimeBearer: user('member'),
  });
  expect(await outcome(call)).toBe('ForbiddenException');
});

test.each([
  ['of no existing person', user('ghost')],
  ['of no existing bot', bot('ghost')],
  ['of another app instance', stranger],
  ['of a channel', channelArn('room')],
  ['that is malformed', 'ada'],
])('a bearer %s is forbidden', async (_, ChimeBearer) => {
  expect(await outcome(messaging.describeChannel({ ChannelArn: channelArn('bans'), ChimeBearer }))).toBe(
    'ForbiddenException',
  );
});

test('a missing channel is NotFound where the operation models it, Forbidden elsewhere', async () => {
  const about = { ChannelArn: channelArn('nowhere'), ...asAdmin };
  const add = messaging.createChannelMembership({ ...about, MemberArn: user('other'), Type: 'DEFAULT' });
  expect(await outcome(add)).toBe('NotFoundException');
  expect(await outcome(messaging.describeChannel(about))).toBe('ForbiddenException');
  expect(await outcome(messaging.listChannelMemberships(about))).toBe('ForbiddenException');
});

test('deleting what is absent answers 204, deleting a channel ends it', async () => {
  const about = { ChannelArn: channelArn('bans'), ...asAdmin };
  const absent = await messaging.deleteChannelMembership({ ...about, MemberArn: user('other') });
  expect(absent.$metadata.httpStatusCode).toBe(204);
  await messaging.deleteChannel(about);
  expect(await outcome(messaging.describeChannel(about))).toBe('ForbiddenException');
});

test('preferences belong to the member', async () => {
  const about = { ChannelArn: channelArn('batch'), MemberArn: user('member'), ChimeBearer: user('member') };
  const Preferences = { PushNotifications: { AllowNotifications: 'NONE' } } as const;
  await messaging.putChannelMembershipPreferences({ ...about, Preferences });
  expect((await messaging.getChannelMembershipPreferences(about)).Preferences).toEqual(Preferences);
});

test('expiration settings are kept, and cleared when left out', async () => {
  const about = { ChannelArn: channelArn('batch'), ...asAdmin };
  const ExpirationSettings = { ExpirationDays: 3, ExpirationCriterion: 'CREATED_TIMESTAMP' } as const;
  await messaging.putChannelExpirationSettings({ ...about, ExpirationSettings });
  expect((await messaging.describeChannel(about)).Channel?.ExpirationSettings).toEqual(ExpirationSettings);
  await messaging.putChannelExpirationSettings(about);
  expect((await messaging.describeChannel(about)).Channel?.ExpirationSettings).toBeUndefined();
});
