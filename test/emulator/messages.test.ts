import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { channelArn, emulator, errorOf, outcome, seedOf, user } from './support.ts';

const { messaging, control } = await emulator({
  seed: seedOf(
    ['mona', 'bob', 'hugo'],
    [
      { id: 'room', moderators: ['mona'], members: ['bob', { id: 'hugo', type: 'HIDDEN' }] },
      { id: 'arena', elastic: true, moderators: ['mona'] },
    ],
  ),
});

const send = (sender: string, more: object = {}) =>
  messaging.sendChannelMessage({
    ChannelArn: channelArn('room'),
    ChimeBearer: user(sender),
    Content: 'Welcome!',
    Type: 'STANDARD',
    Persistence: 'PERSISTENT',
    ClientRequestToken: randomUUID(),
    ...more,
  });

const sent = async () => (await control('GET', `/messages?channelArn=${channelArn('room')}`)).body as object[];

test('a member sends, and the control API tells what was sent', async () => {
  const { $metadata, ...answer } = await send('bob', { Content: 'Good morning' });
  expect($metadata.httpStatusCode).toBe(201);
  expect(answer).toEqual({
    ChannelArn: channelArn('room'),
    MessageId: expect.any(String) as string,
    Status: { Value: 'SENT' },
  });
  expect((await sent()).at(-1)).toMatchObject({
    channelArn: channelArn('room'),
    id: answer.MessageId,
    sender: user('bob'),
    content: 'Good morning',
  });
});

test('the same token by the same sender sends nothing twice; by another it is another message', async () => {
  await messaging.createChannelMembership({
    ChannelArn: channelArn('room'),
    MemberArn: user('ada'),
    Type: 'DEFAULT',
    ChimeBearer: user('ada'),
  });
  const before = (await sent()).length;
  const ClientRequestToken = randomUUID();
  const first = await send('bob', { ClientRequestToken });
  const again = await send('bob', { ClientRequestToken, Content: 'something else' });
  expect(again.MessageId).toBe(first.MessageId);
  const others = await send('ada', { ClientRequestToken });
  expect(others.MessageId).not.toBe(first.MessageId);
  expect((await sent()).slice(before)).toMatchObject([
    { content: 'Welcome!', sender: user('bob') },
    { content: 'Welcome!', sender: user('ada') },
  ]);
});

test.each([
  ['a moderator without a membership', 'mona'],
  ['a hidden member', 'hugo'],
])('%s may not send', async (_, sender) => {
  const before = await sent();
  expect(await outcome(send(sender))).toBe('ForbiddenException');
  expect(await sent()).toEqual(before);
});

test.each([
  ['more than 4 KB', { Content: 'ä'.repeat(2049) }, 'at most 4096 bytes'],
  ['a control message of more than 30 bytes', { Type: 'CONTROL', Content: 'x'.repeat(31) }, 'at most 30 bytes'],
  ['no text', { Content: '' }, "'Content' failed"],
  ['no such type', { Type: 'LOUD' }, "'Type' failed"],
  ['a token with spaces', { ClientRequestToken: 'a b' }, "'ClientRequestToken' failed"],
])('%s is a bad request', async (_, more, message) => {
  const error = await errorOf(send('bob', more));
  expect([error.name, error.message]).toEqual([
    'BadRequestException',
    expect.stringContaining(message) as unknown as string,
  ]);
});

test('4 KB pass', async () => {
  expect(await outcome(send('bob', { Content: 'ä'.repeat(2048) }))).toBe('ok');
});

test('a channel that does not exist is forbidden, since the operation models no NotFoundException', async () => {
  expect(await outcome(send('bob', { ChannelArn: channelArn('nowhere') }))).toBe('ForbiddenException');
});
