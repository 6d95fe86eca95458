import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReplayGuard } from '../src/kit/webhook.ts';
import { readWebhookSecrets, signedHeaders } from '../src/standard-webhooks.ts';

const NOW = new Date('2026-01-05T12:00:00Z');
const secretOf = (bytes: Uint8Array | string) => `whsec_${Buffer.from(bytes).toString('base64')}`;
const SECRET = secretOf('a secret of some length.');

// The library's verifier goes by the clock of the process.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

function accepts(headers: object, body: string | Buffer = '{}', secret = SECRET): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

test('a signature holds for 5 minutes, for its own id, time and body', () => {
  const headers = signedHeaders([SECRET], 'q-1', '{}');
  for (const [seconds, ok] of [
    [0, true],
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ] as const) {
    vi.setSystemTime(NOW.getTime() + seconds * 1_000);
    expect(accepts(headers)).toBe(ok);
  }
  vi.setSystemTime(NOW);
  const { 'webhook-signature': signature, 'webhook-timestamp': timestamp } = headers;
  const wrongs = [
    { 'webhook-signature': undefined },
    { 'webhook-signature': '' },
    { 'webhook-signature': signature.toUpperCase() },
    { 'webhook-signature': signature.slice(3) },
    { 'webhook-signature': `${signature}0` },
    { 'webhook-signature': signature.replace('v1,', 'v2,') },
    { 'webhook-timestamp': undefined },
    { 'webhook-timestamp': String(Number(timestamp) + 1) },
    { 'webhook-timestamp': 'now' },
    { 'webhook-id': undefined },
    { 'webhook-id': 'q-2' },
  ];
  expect(wrongs.filter((wrong) => accepts({ ...headers, ...wrong }))).toEqual([]);
  expect(accepts(headers, '{} ')).toBe(false);
  expect(accepts(headers, Buffer.from('{}'))).toBe(true);
  expect(() => signedHeaders([''], 'q-1', '{}')).toThrow('empty');
});

test('any body and id, signed with several secrets, are accepted with each of them and with no other', () => {
  const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
  const several = fc.uniqueArray(bytes.map(secretOf), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(several, fc.uuid(), fc.json(), ([other = '', ...secrets], id, body) => {
      const headers = signedHeaders(secrets, id, body);
      expect(readWebhookSecrets(secrets.join(' '))).toEqual({ ok: true, secrets });
      expect(secrets.every((secret) => accepts(headers, body, secret))).toBe(true);
      expect(accepts(headers, body, other)).toBe(false);
    }),
  );
});

test('it is the HMAC that the specification says: services in other languages can be checked with it', () => {
  const [id, body] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}'];
  const headers = signedHeaders([SECRET], id, body, new Date(1_614_265_330_000));
  const hmac = createHmac('sha256', 'a secret of some length.').update(`${id}.1614265330.${body}`).digest('base64');
  expect(headers).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': `v1,${hmac}`,
  });
  expect(hmac).toBe('AlF/UtMv1z8/sKMuDpGuTlza9DTO0eHmsJ1BzZfiZkc=');
});

test.each([
  ['24 bytes', secretOf(Buffer.alloc(24)), true],
  ['64 bytes', secretOf(Buffer.alloc(64)), true],
  ['blanks around two', ` ${SECRET}\n${SECRET} `, true],
  ['23 bytes', secretOf(Buffer.alloc(23)), false],
  ['65 bytes', secretOf(Buffer.alloc(65)), false],
  ['no prefix', SECRET.slice(6), false],
  ['a private key of the asymmetric kind', SECRET.replace('whsec_', 'whsk_'), false],
  ['no padding', secretOf(Buffer.alloc(25)).replaceAll('=', ''), false],
  ['the alphabet of URLs', secretOf(Buffer.alloc(24, 255)).replaceAll('/', '_'), false],
  ['a comma between two', `${SECRET},${SECRET}`, false],
  ['nothing', '', false],
  ['blanks', '  ', false],
])('a secret of %s', (_, value, ok) => {
  const read = readWebhookSecrets(value);
  expect(read.ok).toBe(ok);
  expect(JSON.stringify(read.ok ? {} : read)).not.toContain(value.trim() || 'whsec_');
});

test('the guard forgets the oldest ids first, and every id after its time', async () => {
  const guard = createReplayGuard({ max: 2, forMs: 60_000 });
  expect(['a', 'b', 'a', 'c', 'b', 'a'].map((id) => guard.take(id))).toEqual([true, true, false, true, false, true]);
  vi.useRealTimers();
  const brief = createReplayGuard({ forMs: 1 });
  brief.take('a');
  await expect.poll(() => brief.take('a')).toBe(true);
});
