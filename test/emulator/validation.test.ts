import { expect, test } from 'vitest';
import { channelArn, emulator, seedOf, user } from './support.ts';

const { url } = await emulator({ seed: seedOf(['mona', 'u1'], [{ id: 'room', moderators: ['mona'] }]) });
const room = encodeURIComponent(channelArn('room'));
const memberships = `/channels/${room}/memberships`;
const member = { MemberArn: user('u1'), Type: 'DEFAULT' };

async function call(method: string, path: string, body?: unknown, bearer: string | null = user('mona')) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: bearer === null ? {} : { 'x-amz-chime-bearer': bearer },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { response, json: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) };
}

const channel = { AppInstanceArn: user('x'), Name: 'n', ClientRequestToken: 'tt' };

// prettier-ignore
test.each<[wrong: string, path: string, body: unknown, message: string]>([
  ['JSON', memberships, '{"MemberArn":', 'The request body is not a JSON object'],
  ['JSON kind', memberships, '[]', 'The request body is not a JSON object'],
  ['required member', memberships, { Type: 'DEFAULT' }, "'MemberArn' failed to satisfy constraint: Member must not be null"],
  ['null', memberships, { ...member, Type: null }, "'Type' failed to satisfy constraint: Member must not be null"],
  ['type', memberships, { ...member, MemberArn: 7 }, "'MemberArn' failed to satisfy constraint: Member must be a string"],
  ['enum', memberships, { ...member, Type: 'FOO' }, "'Type' failed to satisfy constraint: Member must satisfy enum value set: [DEFAULT, HIDDEN]"],
  ['pattern', memberships, { ...member, MemberArn: 'arn:AWS:x' }, "'MemberArn' failed to satisfy constraint: Member must satisfy regular expression pattern"],
  ['pattern that only matches in part', memberships, { ...member, MemberArn: ` ${user('u1')}` }, 'regular expression pattern'],
  ['length', memberships, { ...member, SubChannelId: '' }, "'SubChannelId' failed to satisfy constraint: Member must have length greater than or equal to 1"],
  ['length above', memberships, { ...member, SubChannelId: 'x'.repeat(129) }, 'length less than or equal to 128'],
  ['path label', '/channels//memberships', member, "'ChannelArn' failed to satisfy constraint: Member must have length greater than or equal to 5"],
  ['percent-encoding', '/channels/%E0%A4%A/memberships', member, 'malformed percent-encoding'],
  ['kind of channel', `/channels/${encodeURIComponent(user('u1'))}/memberships`, member, "'ChannelArn' must be the ARN of a channel"],
  ['kind of member', memberships, { ...member, MemberArn: channelArn('room') }, "'MemberArn' must be the ARN of a user or bot"],
  ['list length', `${memberships}?operation=batch-create`, { MemberArns: [] }, "'MemberArns' failed to satisfy constraint: Member must have length greater than or equal to 1"],
  ['list above', `${memberships}?operation=batch-create`, { MemberArns: Array<string>(101).fill(user('u1')) }, 'length less than or equal to 100'],
  ['list item', `${memberships}?operation=batch-create`, { MemberArns: [user('u1'), 'x'] }, "'MemberArns[1]' failed"],
  ['nested member', '/channels', { ...channel, ElasticChannelConfiguration: { MaximumSubChannels: 1, TargetMembershipsPerSubChannel: 2, MinimumMembershipPercentage: 1 } }, "'ElasticChannelConfiguration.MaximumSubChannels' failed to satisfy constraint: Member must have value greater than or equal to 2"],
  ['nested required', '/channels', { ...channel, ExpirationSettings: { ExpirationDays: 1 } }, "'ExpirationSettings.ExpirationCriterion' failed to satisfy constraint: Member must not be null"],
  ['control character', '/channels', { ...channel, Name: 'a\u0007' }, "'Name' failed to satisfy constraint: Member must satisfy regular expression pattern"],
])('a wrong %s is a bad request that names field and constraint', async (_, path, body, message) => {
  const { response, json } = await call('POST', path, body);
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-errortype')).toBe('BadRequestException');
  expect(json).toEqual({ Code: 'BadRequest', Message: expect.stringContaining(message) as string });
});

test('a missing bearer is a bad request', async () => {
  const { response, json } = await call('POST', memberships, member, null);
  expect(response.status).toBe(400);
  expect(json?.['Message']).toContain("'ChimeBearer' failed to satisfy constraint: Member must not be null");
});

test.each([
  ['0', 400],
  ['51', 400],
  ['1.5', 400],
  ['ten', 400],
  ['', 400],
  ['1', 200],
  ['50', 200],
])('max-results=%s answers %i', async (size, status) => {
  const { response } = await call('GET', `${memberships}?max-results=${size}`);
  expect(response.status).toBe(status);
});

test('unknown body keys are ignored, even one called exception, and astral names are fine', async () => {
  const { response } = await call('POST', memberships, { ...member, exception: 'x', Extra: { a: 1 } });
  expect(response.status).toBe(201);
  expect((await call('PUT', `/channels/${room}`, { Name: 'Zirkus 🎪' })).response.status).toBe(200);
});

test.each([
  ['GET', '/nothing', 404, 'UnknownOperationException', 'GET /nothing'],
  ['PATCH', `/channels/${room}`, 404, 'UnknownOperationException', 'PATCH'],
  ['POST', `${memberships}?operation=batch-delete`, 404, 'UnknownOperationException', 'batch-delete'],
  ['GET', `/channels/${channelArn('room')}`, 404, 'UnknownOperationException', '/channels/arn:aws'],
  ['GET', '/endpoints/messaging-session', 400, 'UnsupportedOperationException', 'GetMessagingSessionEndpoint'],
])('%s %s answers %i %s', async (method, path, status, name, named) => {
  const { response, json } = await call(method, path);
  expect(response.status).toBe(status);
  expect(response.headers.get('x-amzn-errortype')).toBe(name);
  expect(json?.['Message']).toContain(named);
});

test('answers carry a request id and the right time; 204 has no body; timestamps are seconds', async () => {
  const before = Date.now();
  const { response, json } = await call('GET', `/channels/${room}`);
  const after = Date.now();
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  // It has no fractions of a second.
  const date = Date.parse(response.headers.get('date') ?? '');
  expect(date).toBeGreaterThanOrEqual(before - 2_000);
  expect(date).toBeLessThanOrEqual(after);
  const { CreatedTimestamp } = Object(json?.['Channel']) as { CreatedTimestamp: number };
  expect(Math.abs(CreatedTimestamp - Date.now() / 1000)).toBeLessThan(3_600);
  const deleted = await call('DELETE', `/channels/${room}/bans/${encodeURIComponent(user('u1'))}`);
  expect([deleted.response.status, deleted.json]).toEqual([204, undefined]);
});
