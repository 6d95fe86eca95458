import { paginateListChannelMemberships } from '@aws-sdk/client-chime-sdk-messaging';
import { expect, test } from 'vitest';
import { channelArn, emulator, instance, outcome, seedOf, user } from './support.ts';

const crowd = Array.from({ length: 120 }, (_, index) => `u${index}`);
const { messaging } = await emulator({
  seed: seedOf(
    ['mona', ...crowd],
    [
      { id: 'crowd', privacy: 'PUBLIC', moderators: ['mona'], members: crowd },
      { id: 'pair', privacy: 'PRIVATE', members: ['u0', 'u1'] },
      { id: 'alone', privacy: 'PRIVATE', members: ['u0'] },
    ],
  ),
});
const about = { ChannelArn: channelArn('crowd'), ChimeBearer: user('mona') };

async function walk(pageSize?: number) {
  const pages: string[][] = [];
  for await (const { ChannelMemberships } of paginateListChannelMemberships(
    { client: messaging, ...(pageSize !== undefined && { pageSize }), stopOnSameToken: true },
    { ...about },
  )) {
    pages.push(ChannelMemberships?.map(({ Member }) => Member?.Name ?? '') ?? []);
  }
  return pages;
}

test.each([
  [undefined, [50, 50, 20]],
  [40, [40, 40, 40]],
  [50, [50, 50, 20]],
])('pages of %s walk through all members in order', async (size, lengths) => {
  const pages = await walk(size);
  expect(pages.map(({ length }) => length)).toEqual(lengths);
  expect(pages.flat()).toEqual(crowd);
});

test('a page size outside 1 to 50 and a foreign token are bad requests', async () => {
  const { NextToken } = await messaging.listChannelMemberships({ ...about, MaxResults: 1 });
  expect(await outcome(messaging.listChannelMemberships({ ...about, MaxResults: 0 }))).toBe('BadRequestException');
  expect(await outcome(messaging.listChannelMemberships({ ...about, MaxResults: 51 }))).toBe('BadRequestException');
  expect(await outcome(messaging.listChannelBans({ ...about, NextToken }))).toBe('BadRequestException');
  expect(await outcome(messaging.listChannelMemberships({ ...about, NextToken: 'x' }))).toBe('BadRequestException');
});

test('listing channels without privacy shows the public ones, to admins too', async () => {
  const request = { AppInstanceArn: instance, ChimeBearer: user('ada') };
  const names = async (Privacy?: 'PUBLIC' | 'PRIVATE') =>
    (await messaging.listChannels({ ...request, ...(Privacy && { Privacy }) })).Channels?.map(({ Name }) => Name);
  expect(await names()).toEqual(['crowd']);
  expect(await names('PUBLIC')).toEqual(['crowd']);
  expect(await names('PRIVATE')).toEqual(['pair', 'alone']);
});

test.each([
  ['INCLUDES', ['u0'], 'u0', ['crowd', 'pair', 'alone']],
  ['EQUALS', ['u0', 'u1'], 'u0', ['pair']],
  ['INCLUDES', ['u0'], 'u1', ['crowd', 'pair']],
  ['INCLUDES', ['u0'], 'ada', ['crowd', 'pair', 'alone']],
  ['INCLUDES', ['u0'], 'mona', []],
] as const)('searching %s %s as %s finds %s', async (Operator, members, bearer, found) => {
  const Fields = [{ Key: 'MEMBERS' as const, Values: members.map(user), Operator }];
  const { Channels } = await messaging.searchChannels({ Fields, ChimeBearer: user(bearer) });
  expect(Channels?.map(({ Name }) => Name)).toEqual(found);
});

test('a user sees its own memberships and moderated channels', async () => {
  const mine = await messaging.listChannelMembershipsForAppInstanceUser({ ChimeBearer: user('u1') });
  expect(mine.ChannelMemberships?.map(({ ChannelSummary }) => ChannelSummary?.Name)).toEqual(['crowd', 'pair']);
  const moderated = await messaging.listChannelsModeratedByAppInstanceUser({ ChimeBearer: user('mona') });
  expect(moderated.Channels?.map(({ ChannelSummary }) => ChannelSummary?.ChannelArn)).toEqual([channelArn('crowd')]);
});
