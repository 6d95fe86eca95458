import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { bind } from '../binding.ts';
import { findPolicy, loadPolicyFile } from '../load/find-policy.ts';
import type { FoundPolicy } from '../load/find-policy.ts';
import { formatIssue } from '../load/load-issue.ts';
import type { Problem } from '../load/load-issue.ts';
import { loadPolicySet } from '../load/load-policy-set.ts';
import { problemsOf } from '../load/zod-problems.ts';
import type { Policy } from '../policy.ts';
import { createPolicySet } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';
import type { Fixture } from './fixture.ts';
import { codesInSource, codesOfParams } from './reason-codes.ts';

/** What a fixture tests: one policy, or a whole set. */
export interface FixtureTarget {
  readonly kind: 'policy' | 'set';
  /** The same for fixtures that test the same thing, so that their coverage counts together. */
  readonly key: string;
  readonly set: PolicySet;
  /** The reason codes that each binding may give, as far as they can be read. */
  readonly codes: ReadonlyMap<string, readonly string[]>;
}

type Found =
  { readonly ok: true; readonly target: FixtureTarget } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Loads what a fixture names. A policy file is trusted code: it runs here as it would in a worker. */
export async function loadTarget(fixture: Fixture, fixtureFile: string): Promise<Found> {
  const fileOf = (name: string) => resolve(dirname(fixtureFile), name);
  if ('set' in fixture) return setTarget(fileOf(fixture.set));
  if ('use' in fixture) {
    const { use, params } = fixture;
    return policyTarget(await findPolicy(use, fixtureFile), { at: 'use', key: `use:${use}`, params, source: '' });
  }
  const key = fileOf(fixture.policy);
  const found = await loadPolicyFile(key, fixture.policy);
  const source = found.ok ? await readFile(key, 'utf8') : '';
  return policyTarget(found, { at: 'policy', key, params: fixture.params, source });
}

async function setTarget(file: string): Promise<Found> {
  const loaded = await loadPolicySet(file);
  if (!loaded.ok) {
    return { ok: false, problems: loaded.issues.map((issue) => ({ path: ['set'], message: formatIssue(issue) })) };
  }
  const { set } = loaded;
  const codes = new Map(set.bindings.map((binding) => [binding.name, codesOfParams(binding)]));
  return { ok: true, target: { kind: 'set', key: file, set, codes } };
}

function policyTarget(
  found: FoundPolicy,
  { at, key, params = {}, source }: { at: string; key: string; params: unknown; source: string },
): Found {
  if (!found.ok) return { ok: false, problems: found.problems.map((problem) => ({ ...problem, path: [at] })) };
  const problems = paramProblems(found.policy, params);
  if (problems.length > 0) return { ok: false, problems };
  const binding = bind(found.policy, params);
  const codes = new Set([...codesInSource(source), ...codesOfParams(binding)]);
  const set = createPolicySet([binding]);
  return { ok: true, target: { kind: 'policy', key, set, codes: new Map([[binding.name, [...codes]]]) } };
}

function paramProblems(policy: Policy, params: unknown): Problem[] {
  const parsed = policy.params.safeParse(params);
  return parsed.success ? [] : problemsOf(parsed.error, params, { at: ['params'], schema: policy.params });
}
