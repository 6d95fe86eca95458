import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createChimeClients } from '../../src/chime/client.ts';
import type { ChimeClients } from '../../src/chime/client.ts';
import { createChimeReads } from '../../src/chime/reads.ts';
import { bot, channel, user } from '../policies/fixtures.ts';

// The real SDK, against a server that pages as no emulator should.
let answers: object[] = [];
let asked: string[] = [];
let clients: ChimeClients;
const server = createServer((request, response) => {
  asked.push(new URL(request.url ?? '', 'http://x').searchParams.get('next-token') ?? '-');
  // The last answer is repeated for ever.
  const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
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
const admins = (...names: string[]) => names.map((name) => ({ Admin: { Arn: user(name) } }));

test('every page of a roster is read, and whoever has no ARN is left out', async () => {
  answers = [
    { ChannelModerators: [...moderators('mona'), {}], NextToken: 'a' },
    { NextToken: 'b' },
    { ChannelModerators: moderators('max') },
  ];
  expect(await createChimeReads(clients).moderators(scope)).toEqual([user('mona'), user('max')]);
  expect(asked).toEqual(['-', 'a', 'b']);
});

test('a service that sends the same token twice does not hold us for ever', async () => {
  answers = [{ AppInstanceAdmins: admins('ada'), NextToken: 'same' }];
  expect(await createChimeReads(clients).admins('arn:aws:chime:::x')).toEqual([user('ada'), user('ada')]);
  expect(asked).toEqual(['-', 'same']);
});

test('a channel that tells nothing of itself counts as PRIVATE and RESTRICTED', async () => {
  answers = [{ Channel: {} }];
  const closed = { privacy: 'PRIVATE', mode: 'RESTRICTED', elastic: false };
  expect(await createChimeReads(clients).channel(scope)).toEqual(closed);
  answers = [{}];
  expect(await createChimeReads(clients).channel(scope)).toEqual(closed);
});
