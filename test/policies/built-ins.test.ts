import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { builtIns } from '../../src/policies/built-ins.ts';
import type { Facts } from '../../src/domain/facts.ts';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet } from '../../src/policies/policy-set.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { askedNow } from '../../src/policies/run-policy.ts';
import { evaluate } from '../../src/policies/evaluate.ts';
import { bindingThat, factsOf, policyThat, requestOf } from './fixtures.ts';

const folder = new URL('../../src/policies/', import.meta.url);

async function policiesIn(file: string): Promise<[string, Policy][]> {
  const exports = Object.values((await import(new URL(file, folder).href)) as Record<string, Policy | undefined>);
  const policies = exports.filter((one) => typeof one === 'object' && typeof one.evaluate === 'function');
  return policies.flatMap((policy) => (policy ? [[basename(file, '.ts'), policy]] : []));
}

test('the built-ins are the policies of the folder, each in a file named by its id', async () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const found = (await Promise.all(files.map(policiesIn))).flat();
  expect(new Set(builtIns)).toEqual(new Set(found.map(([, policy]) => policy)));
  for (const [file, policy] of found) expect(policy.id).toBe(file);
  expect(new Set(builtIns.map(({ id }) => id)).size).toBe(builtIns.length);
});

test('the embedded set enforces privacy, bans, sub-channels and HIDDEN approval, fails closed and denies by default', () => {
  const { bindings, defaultVerdict } = embeddedPolicySet();
  expect(bindings.map(({ name }) => name)).toEqual(['privacy', 'ban', 'sub-channel', 'hidden-approval']);
  expect(bindings.every((one) => one.enforcement === 'Enforce' && one.failurePolicy === 'Fail')).toBe(true);
  expect(defaultVerdict).toBe('deny');
});

test('a set asks for the facts of its bindings, each once, and for none of a binding that is off', async () => {
  const asked: string[] = [];
  const readFacts = async (names: readonly string[]): Promise<Facts> => {
    asked.push(...names);
    return Object.fromEntries(names.map((name) => [name, factsOf()[name]]));
  };
  const on = bindingThat(() => ({ verdict: 'allow' }));
  const off = bind({ ...policyThat(() => ({ verdict: 'allow' })), facts: ['member.ban'] }, {}, { enforcement: 'Off' });
  const options = { readFacts, log: () => undefined, ...askedNow(new Date()) };
  await evaluate(createPolicySet([on, { ...on, name: 'twin' }, off]), requestOf(), options);
  expect(asked.toSorted()).toEqual(['channel', 'requester.role']);
});

test('the digest is stable, and differs where a decision could', () => {
  const [policy] = builtIns;
  if (!policy) throw new Error('there are built-ins');
  const digestOf = (options: object, params = {}, by: 'deny' | 'requireApproval' = 'deny') =>
    createPolicySet([bind(policy, params, options)], by).digest;
  const variants = [
    digestOf({}),
    digestOf({}, { publicSelfJoin: 'deny' }),
    digestOf({}, {}, 'requireApproval'),
    digestOf({ enforcement: 'Warn' }),
    digestOf({ failurePolicy: 'Ignore' }),
    digestOf({ timeoutMs: 5 }),
    digestOf({ policy: { ...policy, version: '9.9.9' } }),
    createPolicySet([], 'deny').digest,
  ];
  expect(new Set(variants).size).toBe(variants.length);
  expect(variants.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
  expect(digestOf({}, { publicSelfJoin: 'allow' })).toBe(digestOf({}));
});
