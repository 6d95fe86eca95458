import { expect, test } from 'vitest';
import { askedNow } from '../../src/policies/asking.ts';
import { bind } from '../../src/policies/binding.ts';
import { evaluate } from '../../src/policies/evaluate.ts';
import { http } from '../../src/policies/http.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { signatureOf, verifySignature } from '../../src/signature.ts';
import { NOW } from './cel/cel.ts';
import { factsOf, requestOf } from './fixtures.ts';

const SECRET = 'a secret of some length';

test.for([
  ['https://example.com/decide', true],
  ['https://example.com:8443/a?b=c', true],
  ['http://localhost:8080/', true],
  ['http://127.0.0.1/', true],
  ['http://127.1/', true],
  ['http://[::1]:3000/x', true],
  ['http://example.com/', false],
  ['http://localhost.example.com/', false],
  ['http://127.0.0.1.example.com/', false],
  ['http://evillocalhost/', false],
  ['http://10.0.0.1/', false],
  ['ftp://example.com/', false],
  ['file:///etc/passwd', false],
  ['https://user:pass@example.com/', false],
  ['https://user@example.com/', false],
  ['https://example.com/#part', false],
  ['https://example.com/{memberArn}', false],
  ['https://${HOST}/', false],
  ['/decide', false],
  ['', false],
] as const)('the url %s is fit: %j', ([text, fit]) => {
  const parsed = http.params.safeParse({ url: text, secretEnv: 'S' });
  expect(parsed.success).toBe(fit);
});

test.for([
  [{ secretEnv: 'S' }, 'url'],
  [{ url: 'https://example.com' }, 'secretEnv'],
  [{ url: 'https://example.com', secretEnv: 'lower' }, 'the name of an environment variable'],
  [{ url: 'https://example.com', secretEnv: 'S', secret: 'x' }, 'secret'],
  [{ url: 'https://example.com', secretEnv: 'S', timeout: '5' }, 'timeout'],
  [{ url: 'https://example.com', secretEnv: 'S', facts: ['a b'] }, 'the name of a fact'],
] as const)('%j is refused: %s', ([params, message]) => {
  expect(() => bind(http, params)).toThrow(message);
});

const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

test('a signature holds for 5 minutes, for its own time and body', () => {
  const timestamp = String(NOW.getTime() / 1_000);
  const message = { secret: SECRET, timestamp, body: '{}', signature: signatureOf(SECRET, timestamp, '{}') };
  for (const [seconds, ok] of [
    [0, true],
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ] as const) {
    expect(verifySignature({ ...message, now: at(seconds) })).toMatchObject({ ok });
  }
  const wrongs = [
    { signature: undefined },
    { signature: '' },
    { signature: message.signature.toUpperCase() },
    { signature: message.signature.slice(3) },
    { signature: `${message.signature}0` },
    { timestamp: undefined },
    { timestamp: String(Number(timestamp) + 1) },
    { timestamp: `${timestamp}.5` },
    { timestamp: 'now' },
    { body: '{} ' },
    { secret: '', signature: signatureOf('', timestamp, '{}') },
  ];
  const accepted = wrongs.filter((wrong) => verifySignature({ ...message, now: NOW, ...wrong }).ok);
  expect(accepted).toEqual([]);
  expect(verifySignature({ ...message, body: Buffer.from('{}'), now: NOW })).toEqual({ ok: true });
  // Known by heart, so that services in other languages can be checked with it.
  expect(signatureOf('secret', '1700000000', '{"a":1}')).toBe(
    'v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686',
  );
});

test('it is asked in an activity of its own, with the facts it names', async () => {
  const set = createPolicySet([
    bind(http, { url: 'https://example.com/decide', secretEnv: 'ON_CALL_SECRET', facts: ['member.ban'] }),
  ]);
  const { decisions, external } = await evaluate(set, requestOf(), {
    readFacts: async () => factsOf(),
    log: () => undefined,
    ...askedNow(NOW),
  });
  expect(decisions).toEqual([]);
  expect(external).toMatchObject([{ facts: ['member.ban'], timeoutMs: 10_000, origin: { policy: 'http' } }]);
});
