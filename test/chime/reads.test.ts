import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { signsOf } from '../../src/chime/error-signs.ts';
import { createChimeClients } from '../../src/chime/client.ts';
import type { ChimeClients } from '../../src/chime/client.ts';
import { classify } from '../../src/domain/chime-errors.ts';
import { createChimeReads } from '../../src/chime/reads.ts';
import type { ChimeReads } from '../../src/chime/reads.ts';
import { bot, channel, user } from '../policies/fixtures.ts';

// The real SDK, against a server that pages as no emulator should.
let answers: unknown[] = [];
let asked: string[] = [];
let clients: ChimeClients;
let reads: ChimeReads;
const server = createServer((request, response) => {
  asked.push(new URL(request.url ?? '', 'http://x').searchParams.get('next-token') ?? '-');
  // The last answer is repeated for ever.
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
  response.setHeader('content-type', 'application/json').end(body);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: url,
    AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  clients = createChimeClients({ callTimeoutMs: 2_000 });
  reads = createChimeReads(clients);
});
afterAll(() => {
  clients.destroy();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

const scope = { channelArn: channel('board'), bearer: bot('service') };
const moderators = (...names: string[]) => names.map((name) => ({ Moderator: { Arn: user(name) } }));
const pages = (...tokens: string[]) => tokens.map((NextToken) => ({ AppInstanceAdmins: admins('ada'), NextToken }));
const admins = (...names: string[]) => names.map((name) => ({ Admin: { Arn: user(name) } }));

/** Of a failed read: what the retry table says. */
async function rowOf(reading: Promise<unknown>): Promise<string> {
  return reading.then(
    (value) => `read as ${JSON.stringify(value)}`,
    (error: unknown) => classify(signsOf(error)).id,
  );
}

test('every page of a roster is read, and each person counts once', async () => {
  answers = [
    { ChannelModerators: moderators('mona'), NextToken: 'a' },
    { ChannelModerators: [], NextToken: 'b' },
    { ChannelModerators: moderators('max', 'mona') },
  ];
  expect(await reads.moderators(scope)).toEqual([user('mona'), user('max')]);
  expect(asked).toEqual(['-', 'a', 'b']);
});

test('a token that comes again makes the list unreadable, and holds nobody for ever', async () => {
  answers = pages('same');
  expect(await rowOf(reads.admins('arn:aws:chime:::x'))).toBe('unreadable-success');
  expect(asked).toEqual(['-', 'same']);
  answers = pages('a', 'b', 'a');
  expect(await rowOf(reads.admins('arn:aws:chime:::x'))).toBe('unreadable-success');
  answers = [...pages(...Array.from({ length: 300 }, (_, index) => `t${index}`)), { AppInstanceAdmins: [] }];
  asked = [];
  expect(await rowOf(reads.admins('arn:aws:chime:::x'))).toBe('unreadable-success');
  expect(asked.length).toBeLessThan(300);
});

const mona = user('mona');
const membership = {
  Member: { Arn: mona, Name: 'Mona' },
  Type: 'DEFAULT',
  ChannelArn: channel('board'),
  InvitedBy: { Arn: user('ada') },
  CreatedTimestamp: 1_700_000_000,
};
const board = { ChannelArn: channel('board'), Privacy: 'PUBLIC', Mode: 'RESTRICTED' };
const someoneElse = { Arn: user('max') };

/** Each read, its answer, what that says, and answers that leave out or contradict something of it. */
const table: [read: keyof ChimeReads, of: (from: ChimeReads) => Promise<unknown>, object, unknown, unknown[]][] = [
  [
    'channel',
    (from) => from.channel(scope),
    { Channel: { ...board, ElasticChannelConfiguration: { MaximumSubChannels: 2 } } },
    { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: true },
    [
      { Channel: {} },
      { Channel: { ...board, ChannelArn: channel('lobby') } },
      { Channel: { ...board, Privacy: undefined } },
      { Channel: { ...board, Mode: 'OPEN' } },
      { Channel: { ...board, ElasticChannelConfiguration: 'yes' } },
    ],
  ],
  [
    'membership',
    (from) => from.membership(scope, mona),
    { ChannelMembership: membership },
    { type: 'DEFAULT', name: 'Mona', invitedBy: user('ada'), createdAt: '2023-11-14T22:13:20.000Z' },
    [
      { ChannelMembership: { ...membership, Member: undefined } },
      { ChannelMembership: { ...membership, Member: someoneElse } },
      { ChannelMembership: { ...membership, Type: undefined } },
      { ChannelMembership: { ...membership, Type: 'MODERATOR' } },
      { ChannelMembership: { ...membership, CreatedTimestamp: 1e30 } },
      { ChannelMembership: { ...membership, ChannelArn: channel('lobby') } },
    ],
  ],
  [
    'membership',
    (from) => from.membership(scope, mona, 'sub-1'),
    { ChannelMembership: { ...membership, SubChannelId: 'sub-1' } },
    expect.objectContaining({ subChannelId: 'sub-1' }),
    [{ ChannelMembership: { ...membership, SubChannelId: 'sub-2' } }],
  ],
  [
    'madeMembership',
    (from) => from.madeMembership(scope, mona),
    { ChannelMembership: membership },
    expect.objectContaining({ invitedBy: user('ada') }),
    [
      { ChannelMembership: { ...membership, InvitedBy: undefined } },
      { ChannelMembership: { ...membership, InvitedBy: {} } },
      { ChannelMembership: { ...membership, CreatedTimestamp: undefined } },
    ],
  ],
  [
    'isModerator',
    (from) => from.isModerator(scope, mona),
    { ChannelModerator: { Moderator: { Arn: mona } } },
    true,
    [{ ChannelModerator: {} }, { ChannelModerator: 'mona' }, { ChannelModerator: { Moderator: someoneElse } }],
  ],
  [
    'isBanned',
    (from) => from.isBanned(scope, mona),
    { ChannelBan: { Member: { Arn: mona } } },
    true,
    [{ ChannelBan: {} }, { ChannelBan: { Member: someoneElse } }, { ChannelBan: { Member: mona } }],
  ],
  [
    'moderators',
    (from) => from.moderators(scope),
    { ChannelModerators: moderators('mona') },
    [mona],
    [
      { ChannelModerators: { 0: { Moderator: { Arn: mona } }, length: 1 } },
      { ChannelModerators: 'mona' },
      { ChannelModerators: [...moderators('mona'), {}] },
      { ChannelModerators: [null] },
      { ChannelModerators: moderators('mona'), NextToken: 5 },
      { ChannelModerators: moderators('mona'), ChannelArn: channel('lobby') },
      { NextToken: 'a' },
    ],
  ],
  [
    'members',
    (from) => from.members(scope, 'DEFAULT'),
    { ChannelMemberships: [{ Member: { Arn: mona } }] },
    [mona],
    [{ ChannelMemberships: [{ Member: {} }] }],
  ],
  [
    'admins',
    (from) => from.admins('arn:aws:chime:::x'),
    { AppInstanceAdmins: admins('ada') },
    [user('ada')],
    [
      { AppInstanceAdmins: [{ Admin: { Arn: 'ada' } }] },
      { AppInstanceAdmins: admins('ada'), AppInstanceArn: 'arn:aws:chime:::y' },
    ],
  ],
  [
    'nameOf',
    (from) => from.nameOf(mona),
    { AppInstanceUser: { AppInstanceUserArn: mona, Name: 'Mona' } },
    'Mona',
    [{ AppInstanceUser: { Name: 'Mona' } }, { AppInstanceUser: { AppInstanceUserArn: user('max'), Name: 'Max' } }],
  ],
];

test.each(table)('%s: an answer that lacks what was asked for is no fact', async (_name, read, good, value, bad) => {
  answers = [good];
  expect(await read(reads)).toEqual(value);
  for (const answer of [...bad, '', '{}', '[]', '"x"', 'null', '5', 'true', '<html>', '{"Chan']) {
    answers = [answer];
    expect([answer, await rowOf(read(reads))]).toEqual([answer, 'unreadable-success']);
  }
});

test('every read of Chime stands in the table', () => {
  expect(Object.keys(reads).toSorted()).toEqual([...new Set(table.map(([name]) => name))].toSorted());
});
