import { expect, test } from 'vitest';
import { emulator, errorOf, outcome } from './support.ts';

const { identity, messaging } = await emulator();

async function newInstance() {
  const { AppInstanceArn = '' } = await identity.createAppInstance({ Name: 'Fresh' });
  const add = (AppInstanceUserId: string) =>
    identity.createAppInstanceUser({ AppInstanceArn, AppInstanceUserId, Name: AppInstanceUserId.toUpperCase() });
  return { AppInstanceArn, add };
}

const Configuration = {
  Lex: { LexBotAliasArn: 'arn:aws:lex:us-east-1:111122223333:bot-alias/ABCDEFGHIJ/KLMNOPQRST', LocaleId: 'en_US' },
};

test('an app instance with users, bots and admins is made, listed, described and deleted', async () => {
  const { AppInstanceArn, add } = await newInstance();
  const { AppInstanceUserArn = '' } = await add('alice');
  expect(AppInstanceUserArn).toBe(`${AppInstanceArn}/user/alice`);
  const bot = await identity.createAppInstanceBot({ AppInstanceArn, Name: 'Robot', Configuration });
  const AppInstanceAdminArn = bot.AppInstanceBotArn;
  await identity.createAppInstanceAdmin({ AppInstanceArn, AppInstanceAdminArn });

  const users = await identity.listAppInstanceUsers({ AppInstanceArn });
  expect(users.AppInstanceUsers).toEqual([{ AppInstanceUserArn, Name: 'ALICE' }]);
  const bots = await identity.listAppInstanceBots({ AppInstanceArn });
  expect(bots.AppInstanceBots).toEqual([{ AppInstanceBotArn: AppInstanceAdminArn, Name: 'Robot' }]);
  const admins = await identity.listAppInstanceAdmins({ AppInstanceArn });
  expect(admins.AppInstanceAdmins).toEqual([{ Admin: { Arn: AppInstanceAdminArn, Name: 'Robot' } }]);
  const { AppInstanceBot } = await identity.describeAppInstanceBot({ AppInstanceBotArn: AppInstanceAdminArn });
  expect(AppInstanceBot?.Configuration).toEqual(Configuration);
  expect(AppInstanceBot?.CreatedTimestamp).toBeInstanceOf(Date);

  await identity.deleteAppInstance({ AppInstanceArn });
  expect(await outcome(identity.describeAppInstance({ AppInstanceArn }))).toBe('ForbiddenException');
});

test('updates show up in later answers', async () => {
  const { AppInstanceArn, add } = await newInstance();
  const { AppInstanceUserArn } = await add('bob');
  await identity.updateAppInstanceUser({ AppInstanceUserArn, Name: 'Robert', Metadata: 'm' });
  await identity.updateAppInstance({ AppInstanceArn, Name: 'Renamed', Metadata: '' });
  const { AppInstanceUser } = await identity.describeAppInstanceUser({ AppInstanceUserArn });
  expect(AppInstanceUser).toMatchObject({ Name: 'Robert', Metadata: 'm' });
  expect((await identity.describeAppInstance({ AppInstanceArn })).AppInstance?.Name).toBe('Renamed');
});

test('duplicates conflict, and an idempotency token makes a repeat harmless', async () => {
  const { AppInstanceArn, add } = await newInstance();
  const { AppInstanceUserArn } = await add('carol');
  expect(await outcome(add('carol'))).toBe('ConflictException');
  const admin = { AppInstanceArn, AppInstanceAdminArn: AppInstanceUserArn };
  await identity.createAppInstanceAdmin(admin);
  expect(await outcome(identity.createAppInstanceAdmin(admin))).toBe('ConflictException');
  const repeat = { AppInstanceArn, AppInstanceUserId: 'dave', Name: 'Dave', ClientRequestToken: 'same' };
  const [first, second] = [await identity.createAppInstanceUser(repeat), await identity.createAppInstanceUser(repeat)];
  expect(second.AppInstanceUserArn).toBe(first.AppInstanceUserArn);
});

test('what is absent is NotFound where modelled and Forbidden elsewhere', async () => {
  const { AppInstanceArn } = await newInstance();
  const bot = identity.describeAppInstanceBot({ AppInstanceBotArn: `${AppInstanceArn}/bot/none` });
  expect(await errorOf(bot)).toMatchObject({ name: 'NotFoundException', Code: 'NotFound' });
  const someone = identity.describeAppInstanceUser({ AppInstanceUserArn: `${AppInstanceArn}/user/none` });
  expect(await outcome(someone)).toBe('ForbiddenException');
});

test('deleting a user ends its memberships, roles and bans', async () => {
  const { AppInstanceArn, add } = await newInstance();
  const { AppInstanceUserArn: owner } = await add('owner');
  const { AppInstanceUserArn: leaver } = await add('leaver');
  const request = { AppInstanceArn, Name: 'c', MemberArns: [leaver ?? ''], ModeratorArns: [leaver ?? ''] };
  const { ChannelArn } = await messaging.createChannel({ ...request, ChimeBearer: owner });
  await identity.deleteAppInstanceUser({ AppInstanceUserArn: leaver });
  const about = { ChannelArn, ChimeBearer: owner };
  expect((await messaging.listChannelMemberships(about)).ChannelMemberships).toHaveLength(1);
  expect((await messaging.listChannelModerators(about)).ChannelModerators).toHaveLength(1);
  expect(await outcome(messaging.describeChannel({ ChannelArn, ChimeBearer: leaver }))).toBe('ForbiddenException');
});
