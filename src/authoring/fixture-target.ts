import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { bind, type PolicyBinding } from '../policies/binding.ts';
import { findPolicy, loadPolicyFile, type FoundPolicy } from '../policies/load/find-policy.ts';
import { loadPolicySet } from '../policies/load/load-policy-set.ts';
import { createPolicySet, type PolicySet } from '../policies/policy-set.ts';
import type { Policy } from '../policies/policy.ts';
import { formatIssue, type Problem } from '../yaml/problem.ts';
import { problemsOf } from '../yaml/zod-problems.ts';
import type { Fixture } from './fixture.ts';

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

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/** Comments, and the codes that stand as literals in `deny('CODE'` or `code: 'CODE'`. */
const IN_SOURCE =
  /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*|\b(?:deny\(\s*|code:\s*)(['"`])([A-Z][A-Z0-9_]{1,63})\1(?=\s*(?:[,;)}]|$))/g;

/** The reason codes that a policy's own source names. One that is put together at run time is not found. */
function codesInSource(source: string): string[] {
  return [...new Set([...source.matchAll(IN_SOURCE)].flatMap((match) => match[2] ?? []))];
}

/** The reason codes that a binding may give by its params: every text under a key `code`, or else the policy's own. */
function codesOfParams({ policy, params }: Pick<PolicyBinding, 'policy' | 'params'>): string[] {
  const codes = [...new Set(codesIn(params))];
  return codes.length > 0 ? codes : (USUAL[policy.id]?.(params as Record<string, unknown>) ?? []);
}

function codesIn(params: unknown): string[] {
  if (typeof params !== 'object' || params === null) return [];
  return Object.entries(params).flatMap(([key, value]: [string, unknown]) =>
    key === 'code' && typeof value === 'string' && CODE.test(value) ? [value] : codesIn(value),
  );
}

/** What the declarative policies say where their params name no code. */
const USUAL: Record<string, (params: Readonly<Record<string, unknown>>) => string[]> = {
  expression: ({ denyWhen }) => (denyWhen === undefined ? [] : ['EXPRESSION']),
  screening: ({ questions }) => (JSON.stringify(questions).includes('"accept"') ? ['SCREENING_FAILED'] : []),
  term: ({ required }) => ['TERM_TOO_LONG', ...(required === true ? ['TERM_REQUIRED'] : [])],
  'allow-list': ({ otherwise }) => (otherwise === 'deny' ? ['NOT_ON_LIST'] : []),
};
