import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { builtIns } from '../../src/policies/built-ins.ts';
import { bind, createPolicySet, embeddedPolicySet, factsOf } from '../../src/policies/policy-set.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { bindingThat } from './fixtures.ts';

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

test('the embedded set enforces every built-in, fails closed and denies by default', () => {
  const { bindings, defaultVerdict } = embeddedPolicySet();
  expect(bindings.map(({ policy }) => policy)).toEqual(builtIns);
  expect(bindings.every((one) => one.enforcement === 'Enforce' && one.failurePolicy === 'Fail')).toBe(true);
  expect(defaultVerdict).toBe('deny');
});

test('a set asks for the facts of its bindings, each once, and for none of a binding that is off', () => {
  const on = bindingThat(() => undefined);
  expect(factsOf(createPolicySet([on, { ...on, name: 'second' }], 'deny'))).toEqual(['channel', 'requester.role']);
  expect(factsOf(createPolicySet([{ ...on, enforcement: 'Off' }], 'deny'))).toEqual([]);
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
