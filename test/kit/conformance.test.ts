import { readFileSync } from 'node:fs';
import { allow, definePolicy, deny, notApplicable, z } from 'channel-admission/policy';
import type { Policy } from 'channel-admission/policy';
import { assertPolicyConformance, policyConformance } from 'channel-admission/testing';
import { describe, expect, test } from 'vitest';

type Evaluate = Policy['evaluate'];

function policyOf(evaluate: Evaluate, kind: 'pure' | 'external' = 'pure'): Policy {
  const params = z.strictObject({ list: z.array(z.string()).default([]) });
  return definePolicy({ id: 'tested', version: '1.0.0', title: 'Tested', params, facts: ['channel'], kind, evaluate });
}

/** `timeoutMs`: longer than any policy takes that answers, on any machine. */
async function rulesBroken(
  evaluate: Evaluate,
  kind?: 'pure' | 'external',
  options = { timeoutMs: 25_000 },
): Promise<string[]> {
  const { findings } = await policyConformance(policyOf(evaluate, kind), [{ name: 'one' }], options);
  return [...new Set(findings.map(({ rule, message }) => `${rule}: ${message}`))];
}

let count = 0;

describe('a policy is caught that', () => {
  test.each<[string, Evaluate, string[]]>([
    [
      'answers nonsense',
      () => ({ verdict: 'perhaps' }) as never,
      [expect.stringMatching(/^verdict: its answer is not a verdict: verdict: /)],
    ],
    ['answers nothing', () => undefined as never, [expect.stringMatching(/^verdict: its answer is not a verdict: /)]],
    [
      'throws',
      () => {
        throw new Error('no luck');
      },
      ['verdict: it throws: no luck'],
    ],
    [
      'changes the request',
      (request) => {
        (request as { reason?: string }).reason = 'mine';
        return allow();
      },
      ['mutation: it changes what it is given'],
    ],
    [
      'changes a fact deep inside',
      (_request, { facts }) => {
        (facts.channel as { privacy: string }).privacy = 'PUBLIC!';
        return allow();
      },
      ['mutation: it changes what it is given'],
    ],
    [
      'changes the clock that it is given',
      (_request, { now }) => {
        now.setFullYear(1999);
        return allow();
      },
      ['mutation: it changes what it is given'],
    ],
    [
      'changes its params and changes them back',
      (_request, { params }) => {
        const { list } = params as { list: string[] };
        list.push('x');
        list.pop();
        return allow();
      },
      [expect.stringMatching(/^mutation: it fails when its input is frozen: it throws: Cannot add property 0/)],
    ],
    [
      'answers something else the next time',
      () => {
        count += 1;
        return deny('CODE', `call ${count}`);
      },
      [
        'determinism: it says {"verdict":"deny","code":"CODE","message":"call 1","visibility":"full"}, then {"verdict":"deny","code":"CODE","message":"call 2","visibility":"full"}',
      ],
    ],
    [
      'throws dice',
      () => (Math.random() < 2 ? allow() : notApplicable('never')),
      ['purity: it uses chance (Math.random)'],
    ],
    ['makes ids', () => notApplicable(crypto.randomUUID().slice(0, 0) || 'x'), ['purity: it uses chance (crypto)']],
    ['reads the clock', () => notApplicable(Date.now() > 0 ? 'late' : 'early'), ['purity: it uses the clock']],
    [
      'makes a date of now',
      () => notApplicable(new Date().getTime() > 0 ? 'late' : 'early'),
      ['purity: it uses the clock'],
    ],
    [
      'waits',
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return allow();
      },
      ['purity: it uses a timer'],
    ],
    [
      'reads files',
      () => notApplicable(readFileSync(import.meta.filename, 'utf8').slice(0, 6)),
      ['purity: it uses files'],
    ],
    [
      'reads files later',
      async () => {
        const { readFile } = await import('node:fs/promises');
        return notApplicable((await readFile(import.meta.filename, 'utf8')).slice(0, 6));
      },
      ['purity: it uses files'],
    ],
    [
      'calls a service',
      async () => {
        await fetch('http://127.0.0.1:1').catch(() => undefined);
        return allow();
      },
      [expect.stringMatching(/^purity: it uses .*the network/)],
    ],
    [
      'fails for HIDDEN members',
      ({ type }) => {
        if (type === 'HIDDEN') throw new Error('what is that');
        return allow();
      },
      ['unknown input: with a HIDDEN member: it throws: what is that'],
    ],
    [
      'fails for fields that it does not know',
      (request) => {
        if (Object.keys(request).includes('unknownField')) throw new Error('what is that');
        return allow();
      },
      ['unknown input: with an unknown field: it throws: what is that'],
    ],
    [
      'fails for facts that it did not ask for',
      (_request, { facts }) => {
        if (Object.keys(facts).length > 1) throw new Error('too many');
        return allow();
      },
      ['unknown input: with facts that it did not ask for: it throws: too many'],
    ],
  ])('%s', async (_title, evaluate, rules) => {
    expect(await rulesBroken(evaluate)).toEqual(rules);
  });

  test('never answers', async () => {
    const found = await rulesBroken(never, 'pure', { timeoutMs: 200 });
    expect(found).toEqual(['timeout: no answer within 200 ms']);
  });

  test('cannot be asked: bad params, a bad request, an own fact without a value, no cases', async () => {
    const provides = { score: { source: 'here', ttlMs: 0, read: () => 1 } };
    const own = definePolicy({ ...policyOf(() => allow()), provides });
    const { findings } = await policyConformance(own, [
      { params: { list: 1 }, facts: { score: 1 } },
      { request: { member: '?' }, facts: { score: 1 } },
      {},
      { facts: { score: 1 } },
    ]);
    expect(findings.map((one) => [one.case, one.rule])).toEqual([
      ['case 1', 'case'],
      ['case 2', 'case'],
      ['case 3', 'case'],
    ]);
    expect(findings[2]?.message).toBe('the case gives no value for the fact score');
    expect(
      await policyConformance(
        policyOf(() => allow()),
        [],
      ),
    ).toEqual({
      ok: false,
      findings: [{ case: '', rule: 'case', message: 'there are no cases' }],
    });
  });

  test('is defined badly', async () => {
    const bad = definePolicy({ ...policyOf(() => allow()), version: 'one' });
    expect(await policyConformance(bad, [{}])).toEqual({
      ok: false,
      findings: [{ case: '', rule: 'definition', message: 'it: version is "one"' }],
    });
    const none = await policyConformance({ id: 'none' } as Policy, [{}]);
    expect(none.findings[0]?.message).toBe('it has no default export that definePolicy made');
  });
});

async function never() {
  return new Promise<never>(() => undefined);
}

async function patient() {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  return allow();
}

async function lateForTheClock() {
  for (let turn = 0; turn < 1_000; turn += 1) await Promise.resolve();
  return notApplicable(String(Date.now() > 0));
}

async function worldly() {
  await new Promise((resolve) => setTimeout(resolve, 1));
  count += 1;
  return deny('CODE', `at ${Date.now()} ${count}`);
}

function globals(): unknown[] {
  return [globalThis.fetch, Math.random, Date, Reflect.get(crypto, 'randomUUID'), readFileSync];
}

test('what runs beside is not blamed on the policy', async () => {
  const ticking = setInterval(() => [Date.now(), Math.random()], 1);
  const both = await Promise.all([rulesBroken(patient), rulesBroken(patient), rulesBroken(lateForTheClock)]);
  clearInterval(ticking);
  expect(both).toEqual([[], [], ['purity: it uses the clock']]);
});

test('afterwards everything is as before', async () => {
  const before = globals();
  await rulesBroken(never, 'pure', { timeoutMs: 200 });
  globals().forEach((one, index) => expect(one).toBe(before[index]));
  expect(Object.hasOwn(crypto, 'randomUUID')).toBe(false);
  expect(Date.name).toBe('Date');
});

test('an external policy may do all that', async () => {
  expect(await rulesBroken(worldly, 'external')).toEqual([]);
});

test('assertPolicyConformance throws what was found, or nothing', async () => {
  await assertPolicyConformance(
    policyOf(() => allow()),
    [{}],
  );
  const bad = assertPolicyConformance(
    policyOf(() => undefined as never),
    [{ name: 'a guest' }],
  );
  await expect(bad).rejects.toThrow(
    /^policy tested does not conform:\n  a guest: verdict: its answer is not a verdict/,
  );
});
