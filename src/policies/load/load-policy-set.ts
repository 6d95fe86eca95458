import { existsSync } from 'node:fs';
import { FACT_NAMES } from '../../domain/facts.ts';
import { formatIssue, type LoadIssue, type Problem } from '../../yaml/problem.ts';
import { readYamlFile } from '../../yaml/yaml-file.ts';
import type { PolicyBinding } from '../binding.ts';
import { builtIns } from '../built-ins.ts';
import { createPolicySet, embeddedPolicySet, type PolicySet } from '../policy-set.ts';
import type { Policy } from '../policy.ts';
import { readEntries, type IndexedEntry } from './entries.ts';
import { findPolicy, hashOf, type FoundPolicy } from './find-policy.ts';
import { compileConditions, makeBinding } from './make-binding.ts';

export { formatIssue } from '../../yaml/problem.ts';
export type { LoadIssue } from '../../yaml/problem.ts';

export type LoadedPolicySet =
  | { readonly ok: true; readonly set: PolicySet; readonly warnings: readonly LoadIssue[] }
  | { readonly ok: false; readonly issues: readonly LoadIssue[] };

/**
 * Loads a policy set, or gives everything that is wrong with it. Its policy files and packages are trusted code: they
 * run in this process with all its rights, at once when they are loaded.
 */
export async function loadPolicySet(file: string): Promise<LoadedPolicySet> {
  const parsed = await readYamlFile(file);
  if (!parsed.ok) return parsed;
  const { value, issue } = parsed.yaml;
  const entries = readEntries(value);
  const found = await Promise.all(
    entries.bindings.map(async ({ index, entry }) => ({ index, entry, found: await findPolicy(entry.use, file) })),
  );
  const { bindings, problems } = bindAll(found);
  const issues = [...entries.problems, ...problems].map(issue).toSorted(byPlace);
  if (!entries.set || issues.length > 0) return { ok: false, issues };
  const { defaultVerdict, onPolicyChange } = entries.set;
  const policies = found.map((one) => one.found.ok && one.found.fingerprint);
  const set = createPolicySet(bindings, defaultVerdict, {
    onPolicyChange,
    file,
    fingerprint: hashOf({ value, policies }),
  });
  return { ok: true, set, warnings: setWarnings(set).map(issue) };
}

interface FoundEntry extends IndexedEntry {
  readonly found: FoundPolicy;
}

function bindAll(entries: readonly FoundEntry[]) {
  const used = entries.flatMap(({ index, found }) => (found.ok ? [{ index, policy: found.policy }] : []));
  const own = used.flatMap(({ policy }) => Object.keys(policy.provides ?? {}));
  const facts = [...new Set([...FACT_NAMES, ...own])];
  const names = entries.map(({ entry }) => entry.name);
  const made = entries.map(({ index, entry, found }) => {
    const { binding, problems } = found.ok
      ? makeBinding(entry, found.policy, { facts, names })
      : { problems: [...found.problems.map(inUse), ...compileConditions(entry, facts).problems] };
    return {
      binding,
      problems: problems.map((problem) => ({ ...problem, path: ['bindings', index, ...problem.path] })),
    };
  });
  // What a policy that cannot be loaded would bring is not known: who names a fact of it has done nothing wrong.
  const judged = ({ message }: Problem) => used.length === entries.length || !/unknown (fact|role)/.test(message);
  return {
    bindings: made.flatMap(({ binding }) => binding ?? []),
    problems: [...made.flatMap(({ problems }) => problems.filter(judged)), ...factClashes(used)],
  };
}

function inUse(problem: Problem): Problem {
  return { ...problem, path: ['use', ...problem.path] };
}

function byPlace(a: LoadIssue, b: LoadIssue): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Used where it lies in the folder and nothing else is named: the same as a worker would. */
const USUAL_FILE = 'admission.yaml';

/** Why a set cannot be used, an issue a line. */
export interface Unusable {
  readonly message: string;
  readonly details: readonly string[];
}

/** The policy set of a file, or the one that a worker in this folder would use. */
export async function choosePolicySet(
  named: string | undefined,
): Promise<{ readonly ok: true; readonly set: PolicySet } | ({ readonly ok: false } & Unusable)> {
  const file = named ?? (existsSync(USUAL_FILE) ? USUAL_FILE : undefined);
  if (file === undefined) return { ok: true, set: embeddedPolicySet() };
  const loaded = await loadPolicySet(file);
  if (loaded.ok) return loaded;
  return { ok: false, message: 'the policy set cannot be used', details: loaded.issues.map(formatIssue) };
}

/**
 * Facts of policies' own that could be taken for others: of the host or of another policy, by the same name or by one
 * that begins with it (`channel.privacy` would hide a field of `channel`).
 */
function factClashes(used: readonly { readonly index: number; readonly policy: Policy }[]): Problem[] {
  const taken = new Map<string, string>(FACT_NAMES.map((name) => [name, 'the host']));
  const seen = new Set<Policy>();
  return used.flatMap(({ index, policy }) => {
    if (seen.has(policy)) return [];
    seen.add(policy);
    const own = Object.keys(policy.provides ?? {});
    const problems = own.flatMap((name): Problem[] => {
      const because = clash(name, taken);
      const accepted = 'a name that nobody else has, such as one that begins with the id of the policy';
      return because
        ? [{ path: ['bindings', index, 'use'], message: `its own fact ${name} ${because}`, accepted }]
        : [];
    });
    for (const name of own) taken.set(name, `policy ${policy.id}`);
    return problems;
  });
}

function clash(name: string, taken: ReadonlyMap<string, string>): string | undefined {
  if (name in Object.prototype) return 'is a name that every object has';
  const other = [...taken].find(([known]) => `${name}.`.startsWith(`${known}.`) || `${known}.`.startsWith(`${name}.`));
  return other && `clashes with ${other[0]} of ${other[1]}`;
}

/** What may be meant and is probably not: only what is sure to be so, whatever is asked. */
function setWarnings({ bindings, defaultVerdict }: PolicySet): Problem[] {
  const every = defaultVerdict === 'deny' ? 'every request is denied' : 'every request waits for one approval';
  const enforced = bindings.filter(({ enforcement }) => enforcement === 'Enforce');
  const warnings = bindings.flatMap(bindingWarnings);
  if (bindings.length === 0) return [{ path: ['bindings'], message: `there are no bindings: ${every}` }];
  if (enforced.length === 0) return [{ path: ['bindings'], message: `no binding is enforced: ${every}` }, ...warnings];
  if (defaultVerdict === 'deny' && enforced.every(neverAdmits)) {
    return [
      { path: ['bindings'], message: 'no enforced binding can ever allow: every request is denied' },
      ...warnings,
    ];
  }
  return warnings;
}

const COUNTS_FOR_NOTHING = {
  Off: 'is Off: the binding is never evaluated',
  Warn: 'is Warn: what the binding says is shown, and counts for nothing',
  Audit: 'is Audit: what the binding says is recorded, and counts for nothing',
};

function bindingWarnings(binding: PolicyBinding, index: number): Problem[] {
  const { enforcement, matchConditions } = binding;
  const never = matchConditions.findIndex(isFalse);
  return [
    ...(enforcement === 'Enforce'
      ? []
      : [{ path: ['bindings', index, 'enforcement'], message: COUNTS_FOR_NOTHING[enforcement] }]),
    ...(never < 0
      ? []
      : [{ path: ['bindings', index, 'matchConditions', never, 'expression'], message: 'the binding never applies' }]),
    ...(allowsAll(binding)
      ? [
          {
            path: ['bindings', index, 'params', 'allowWhen'],
            message: 'allows every request that nothing else refuses',
          },
        ]
      : []),
  ];
}

function allowsAll({ policy, params, matchConditions, enforcement }: PolicyBinding): boolean {
  if (policy.id !== 'expression' || !builtIns.includes(policy)) return false;
  const { allowWhen } = params as { allowWhen?: string };
  return enforcement === 'Enforce' && matchConditions.length === 0 && allowWhen?.trim() === 'true';
}

function isFalse({ program }: PolicyBinding['matchConditions'][number]): boolean {
  return program.source.trim() === 'false';
}

/** Policies that only ever object. */
const OBJECTORS = ['ban', 'sub-channel', 'screening', 'cooling-off', 'term'];

function neverAdmits({ policy, failurePolicy, matchConditions }: PolicyBinding): boolean {
  // What fails and is escalated may be approved.
  const objects = builtIns.includes(policy) && OBJECTORS.includes(policy.id) && failurePolicy !== 'Escalate';
  return objects || matchConditions.some(isFalse);
}
