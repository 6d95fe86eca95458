import { ConflictException, ThrottledClientException } from '@aws-sdk/client-chime-sdk-messaging';
import { afterEach, describe, expect, test } from 'vitest';
import { channelArn, emulator, errorOf, outcome, seedOf, user } from './support.ts';

const rooms = ['before', 'after', 'truncate', 'garbage', 'delay', 'plain', 'member', 'count', 'order', 'log', 'late'];
const { messaging, control, url } = await emulator({
  seed: seedOf(
    ['mona', 'u1', 'u2'],
    rooms.map((id) => ({ id, moderators: ['mona'] })),
  ),
});

const operation = 'CreateChannelMembership';
const order = (fault: object, more: object = {}) => control('POST', '/faults', { operation, fault, ...more });
const about = (room: string, member = 'u1') => ({
  ChannelArn: channelArn(room),
  MemberArn: user(member),
  ChimeBearer: user('mona'),
});
const add = (room: string, member?: string) =>
  messaging.createChannelMembership({ ...about(room, member), Type: 'DEFAULT' });
const isMember = async (room: string) => (await outcome(messaging.describeChannelMembership(about(room)))) === 'ok';

afterEach(async () => {
  await control('DELETE', '/faults');
  await control('DELETE', '/calls');
});

// prettier-ignore
test.each([
  [{ kind: 'exception', name: 'ConflictException' }, ConflictException, { $fault: 'client', Code: 'Conflict' }, 409],
  [{ kind: 'exception', name: 'ThrottledClientException' }, ThrottledClientException, { Code: 'Throttled' }, 429],
  [{ kind: 'exception', name: 'ServiceFailureException', message: 'boom' }, Error, { message: 'boom', $fault: 'server' }, 500],
  [{ kind: 'exception', name: 'ExpiredTokenException', status: 403 }, Error, { name: 'ExpiredTokenException' }, 403],
  [{ kind: 'status', status: 503 }, Error, { name: 'Unknown', $fault: 'server' }, 503],
  [{ kind: 'status', status: 400, body: '{"__type":"SlowDown"}' }, Error, { name: 'SlowDown' }, 400],
  [{ kind: 'html', status: 502 }, SyntaxError, { name: 'SyntaxError' }, 502],
])('fault %j surfaces as the SDK reports it', async (fault, constructor, fields, status) => {
  expect((await order(fault)).status).toBe(201);
  const error = await errorOf(add('plain'));
  expect(error).toBeInstanceOf(constructor);
  expect(error).toMatchObject({ ...fields, $metadata: { httpStatusCode: status } });
  expect(await isMember('plain')).toBe(false);
});

test('retryAfter becomes a header', async () => {
  await order({ kind: 'exception', name: 'ThrottledClientException', retryAfter: 7 });
  const path = `${url}/channels/${encodeURIComponent(channelArn('plain'))}/memberships`;
  const { headers } = await fetch(path, { method: 'POST', body: '{}' });
  expect(headers.get('retry-after')).toBe('7');
});

describe('broken connections', () => {
  test.each([
    ['dropBefore', 'before', false],
    ['dropAfter', 'after', true],
  ])('%s resets the connection', async (kind, room, applied) => {
    await order({ kind });
    expect(await errorOf(add(room))).toMatchObject({ name: 'TimeoutError', code: 'ECONNRESET' });
    expect(await isMember(room)).toBe(applied);
  });

  test('truncate applies the change, promises a body and cuts it', async () => {
    await order({ kind: 'truncate' });
    const error = await errorOf(add('truncate'));
    expect(error).toMatchObject({ code: 'ECONNRESET', $metadata: { httpStatusCode: 201 } });
    expect(await isMember('truncate')).toBe(true);
  });

  test('garbage applies the change and answers no JSON', async () => {
    await order({ kind: 'garbage' });
    expect(await errorOf(add('garbage'))).toMatchObject({ name: 'SyntaxError', $metadata: { httpStatusCode: 201 } });
    expect(await isMember('garbage')).toBe(true);
  });
});

test('delay answers normally, later', async () => {
  await order({ kind: 'delay', ms: 150 });
  const start = performance.now();
  expect(await outcome(add('delay'))).toBe('ok');
  expect(performance.now() - start).toBeGreaterThanOrEqual(149);
});

const calls = async () => (await control('GET', `/calls?operation=${operation}`)).body;

test('a client that gives up during a delay leaves an unanswered call, and the change', async () => {
  await order({ kind: 'delay', ms: 1_000 });
  const path = `${url}/channels/${encodeURIComponent(channelArn('late'))}/memberships`;
  const request = { method: 'POST', headers: { 'x-amz-chime-bearer': user('mona') } };
  const body = JSON.stringify({ MemberArn: user('u1'), Type: 'DEFAULT' });
  const client = new AbortController();
  const call = outcome(fetch(path, { ...request, body, signal: client.signal }));
  await expect.poll(calls).toHaveLength(1);
  client.abort();
  expect(await call).toBe('AbortError');
  await expect.poll(() => isMember('late')).toBe(true);
  expect(await calls()).toMatchObject([{ status: 0, fault: 'delay' }]);
});

test('a fault meant for one member spares the others, and is used up after its count', async () => {
  await order({ kind: 'status', status: 500 }, { memberArn: user('u2'), count: 2 });
  expect(await outcome(add('member', 'u1'))).toBe('ok');
  expect(await outcome(add('member', 'u2'))).toBe('Unknown');
  expect((await control('GET', '/faults')).body).toMatchObject([{ operation, memberArn: user('u2'), count: 1 }]);
  expect(await outcome(add('member', 'u2'))).toBe('Unknown');
  expect(await outcome(add('member', 'u2'))).toBe('ok');
});

test('a fault finds the member in the path too', async () => {
  const fault = { kind: 'exception', name: 'ThrottledClientException' };
  await order(fault, { operation: 'DescribeChannelMembership', memberArn: user('u1') });
  expect(await outcome(messaging.describeChannelMembership(about('count')))).toBe('ThrottledClientException');
});

test('faults are taken in the order they were given', async () => {
  await order({ kind: 'status', status: 500 });
  await order({ kind: 'html', status: 502 });
  expect([await outcome(add('order')), await outcome(add('order')), await outcome(add('order'))]).toEqual([
    'Unknown',
    'SyntaxError',
    'ok',
  ]);
});

test('the call log tells what was asked and answered; unanswered calls have status 0', async () => {
  await order({ kind: 'dropAfter' });
  await outcome(add('log'));
  await outcome(add('log'));
  await outcome(messaging.describeChannelMembership(about('log')));
  const { body } = await control('GET', `/calls?operation=${operation}`);
  const line = { at: expect.any(String), operation, bearer: user('mona'), memberArn: user('u1') };
  expect(body).toMatchObject([
    { ...line, status: 0, fault: 'dropAfter' },
    { ...line, status: 409 },
  ]);
  expect(((await control('GET', '/calls')).body as unknown[]).length).toBe(3);
  await control('DELETE', '/calls');
  expect((await control('GET', '/calls')).body).toEqual([]);
});

// prettier-ignore
test.each([
  [{ operation: 'Nonsense', fault: { kind: 'dropAfter' } }, 'operation', 'CreateChannelMembership'],
  [{ operation, fault: { kind: 'explode' } }, 'fault.kind', 'dropBefore'],
  [{ operation, fault: { kind: 'exception', name: 'ExpiredTokenException' } }, 'fault.name', 'ConflictException'],
  [{ operation: 'ListChannels', fault: { kind: 'exception', name: 'ConflictException' } }, 'models other', 'ForbiddenException'],
  [{ operation, fault: { kind: 'delay', ms: 1 }, count: 0 }, 'count', 'count (optional, from 1)'],
  [{ operation, fault: { kind: 'delay', ms: 1 }, member: 'x' }, 'member', 'memberArn (optional)'],
  ['no JSON object', '(top level)', 'operation'],
])('the fault %j is refused with what is accepted', async (fault, message, accepted) => {
  const { status, body } = await control('POST', '/faults', fault);
  expect(status).toBe(400);
  expect(body).toEqual({
    error: { message: expect.stringContaining(message), accepted: expect.arrayContaining([accepted]) },
  });
});

test('an unknown control names the known ones', async () => {
  const { status, body } = await control('GET', '/nonsense');
  expect([status, body]).toEqual([
    404,
    { error: { message: expect.any(String), accepted: expect.arrayContaining(['GET /_emulator/state']) } },
  ]);
  expect(await control('GET', '/health')).toEqual({ status: 200, body: { status: 'ok' } });
});
