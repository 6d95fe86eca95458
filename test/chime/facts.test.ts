import { describe, expect, test } from 'vitest';
import { createFactReader } from '../../src/chime/facts.ts';
import type { ChimeFactName, FactValues, Role } from '../../src/domain/facts.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { factsOf } from '../../src/policies/binding.ts';
import { embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { bot, channel, requestOf, RESTRICTED, user } from '../policies/fixtures.ts';
import { countedReads } from './counted-reads.ts';
import type { World } from './counted-reads.ts';

const ELASTIC = { ...RESTRICTED, elastic: true };
const scope = { channelArn: channel('board'), bearer: bot('service') };
/** What an admission reads at first: what the host and the embedded policies ask for. */
const usual = [
  ...new Set<ChimeFactName>([
    'member.membership',
    ...(embeddedPolicySet().bindings.flatMap(factsOf) as ChimeFactName[]),
  ]),
];

async function valuesOf(
  world: World,
  request: JoinRequest,
  names: readonly ChimeFactName[],
): Promise<Partial<FactValues>> {
  const facts = await createFactReader(countedReads(world).reads, 0).read(request, names, scope);
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, fact?.value]));
}

/** The calls of one evaluation. */
async function made(world: World, request: JoinRequest, names: readonly ChimeFactName[] = usual): Promise<string[]> {
  const { reads, calls } = countedReads(world);
  await createFactReader(reads, 0).read(request, names, scope);
  return calls();
}

describe('calls are scarce: one evaluation makes each once', () => {
  test('a self-join makes five', async () => {
    const calls = ['admins', 'channel', 'isBanned alice', 'isModerator alice', 'membership alice'];
    expect(await made({}, requestOf())).toEqual(calls);
  });

  test('a self-join with the requester as bearer makes no more', async () => {
    const calls = ['admins', 'channel', 'isBanned alice', 'isModerator alice', 'membership alice'];
    expect(await made({}, requestOf({ chimeBearer: user('alice') }))).toEqual(calls);
  });

  test('who asks for another is looked at too', async () => {
    const people = ['isBanned alice', 'isBanned bob', 'isModerator alice', 'isModerator bob'];
    const members = ['membership alice', 'membership bob'];
    expect(await made({}, requestOf({ requestedBy: user('bob') }))).toEqual([
      'admins',
      'channel',
      ...people,
      ...members,
    ]);
  });

  test.each<[string, World, string]>([
    ['a moderator of an elastic channel', { channel: ELASTIC, moderators: ['alice'] }, 'membership alice in s1'],
    ['a regular member of an elastic channel', { channel: ELASTIC }, 'membership alice'],
    ['a moderator of a normal channel', { moderators: ['alice'] }, 'membership alice'],
  ])('Chime is asked for a sub-channel only where one belongs: %s', async (_title, world, expected) => {
    const calls = await made(world, requestOf({ subChannelId: 's1' }), ['member.membership', 'member.moderator']);
    expect(calls.filter((call) => call.startsWith('membership'))).toEqual([expected]);
    expect(calls).toEqual([...new Set(calls)]);
  });

  test.each<[ChimeFactName[], string[]]>([
    [[], []],
    [['channel'], ['channel']],
    [['bearer.role'], []],
    [['member.ban'], ['isBanned alice']],
    [['member.moderator'], ['isModerator alice']],
    [['approvers'], ['admins', 'moderators']],
    [
      ['approvers', 'requester.role'],
      ['admins', 'isModerator alice', 'membership alice', 'moderators'],
    ],
  ])('for %j it calls %j', async (names, expected) => {
    expect(await made({}, requestOf(), names)).toEqual(expected);
  });

  test('an admin is not asked about further, nor a moderator about a membership', async () => {
    expect(await made({ admins: ['alice'] }, requestOf(), ['requester.role'])).toEqual(['admins']);
    const calls = ['admins', 'isModerator alice'];
    expect(await made({ moderators: ['alice'] }, requestOf(), ['requester.role'])).toEqual(calls);
  });
});

const member = (type: 'DEFAULT' | 'HIDDEN') => ({ members: { alice: { type } } });

describe('values', () => {
  test.each<[string, World, Role]>([
    ['admin before moderator', { admins: ['alice'], moderators: ['alice'], ...member('DEFAULT') }, 'admin'],
    ['moderator before member', { moderators: ['alice'], ...member('DEFAULT') }, 'moderator'],
    ['DEFAULT member', member('DEFAULT'), 'member'],
    ['HIDDEN member is an outsider', member('HIDDEN'), 'outsider'],
    ['nobody', {}, 'outsider'],
  ])('role: %s', async (_title, world, role) => {
    const values = await valuesOf(world, requestOf({ chimeBearer: user('alice') }), ['requester.role', 'bearer.role']);
    expect(values).toEqual({ 'requester.role': role, 'bearer.role': role });
  });

  test('a bot counts by its office alone, and without an explicit bearer there is no role of one', async () => {
    const request = requestOf({ requestedBy: bot('helper') });
    const world = { members: { helper: { type: 'DEFAULT' } } } as const;
    const names = ['requester.role', 'bearer.role'] as const;
    expect(await valuesOf(world, request, names)).toEqual({ 'requester.role': 'outsider', 'bearer.role': null });
    const admin = await valuesOf({ admins: [bot('helper')] }, request, names);
    expect(admin['requester.role']).toBe('admin');
  });

  test('approvers are people, each counted once, and never requester, member or bearer', async () => {
    const request = requestOf({ requestedBy: user('bob'), chimeBearer: user('bob') });
    const world = {
      moderators: ['mona', 'max', 'alice', 'bob', bot('mod')],
      admins: ['ada', 'mona', bot('service'), 'bob'],
    };
    const { approvers } = await valuesOf(world, request, ['approvers']);
    const holders: [string, string[]][] = [
      ['mona', ['channel_moderator', 'app_instance_admin']],
      ['max', ['channel_moderator']],
      ['ada', ['app_instance_admin']],
    ];
    const people = holders.map(([name, roles]) => ({ arn: user(name), roles, matched: [] }));
    expect(approvers).toEqual({ channel_moderator: 2, app_instance_admin: 2, total: 3, people });
  });

  test('bans are of the member and of the requester', async () => {
    const request = requestOf({ requestedBy: user('bob') });
    const values = await valuesOf({ banned: ['bob'] }, request, ['member.ban', 'requester.ban']);
    expect(values).toEqual({ 'member.ban': false, 'requester.ban': true });
  });

  test('a fact says where it came from and when it was read', async () => {
    const facts = await createFactReader(countedReads().reads, 0).read(requestOf(), ['channel', 'member.ban'], scope);
    expect(facts.channel).toMatchObject({ source: 'DescribeChannel', readAt: expect.stringMatching(/Z$/) });
    expect(facts['member.ban']?.source).toBe('DescribeChannelBan');
  });
});
