import { afterEach, expect, test, vi } from 'vitest';
import { askedNow, runPolicy } from '../../src/policies/run-policy.ts';
import { bind } from '../../src/policies/binding.ts';
import { evaluate } from '../../src/policies/evaluate.ts';
import { http } from '../../src/policies/http.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { WEBHOOK_SECRET } from '../../src/standard-webhooks.ts';
import { NOW } from './cel/cel.ts';
import { factsOf, requestOf } from './fixtures.ts';

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

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.for([
  [undefined, 'has no secret'],
  ['', 'has no secret'],
  ['a secret of some length', 'holds something else than webhook secrets'],
  [`whsec_${'a'.repeat(32)} and more`, 'holds something else than webhook secrets'],
] as const)('with the secret %j nothing is sent, and asking again would not help', async ([value, problem]) => {
  vi.stubEnv('ON_CALL_SECRET', value);
  const fetched = vi.spyOn(globalThis, 'fetch');
  const binding = bind(http, { url: 'https://example.com/decide', secretEnv: 'ON_CALL_SECRET' });
  const question = { request: requestOf(), facts: factsOf(), now: NOW, log: () => undefined, ...askedNow(NOW) };
  const message = `the environment variable that \`secretEnv\` names ${problem} (accepted: ${WEBHOOK_SECRET})`;
  expect(await runPolicy(binding, question)).toMatchObject({ message, nonRetryable: true });
  expect(fetched).not.toHaveBeenCalled();
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
