import { FACT_NAMES } from '../../domain/facts.ts';
import { createPolicySet } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';
import { factClashes } from './fact-clashes.ts';
import { findPolicy } from './find-policy.ts';
import type { FoundPolicy } from './find-policy.ts';
import type { LoadIssue, Problem } from './load-issue.ts';
import { compileConditions, makeBinding } from './make-binding.ts';
import { readEntries } from './read-entries.ts';
import type { IndexedEntry } from './read-entries.ts';
import { setWarnings } from './set-warnings.ts';
import { hashOf } from './source-hash.ts';
import { readYamlFile } from './yaml-file.ts';

export { formatIssue } from './load-issue.ts';
export type { LoadIssue } from './load-issue.ts';

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
