import { existsSync } from 'node:fs';
import { formatIssue } from '../load/load-issue.ts';
import { loadPolicySet } from '../load/load-policy-set.ts';
import { embeddedPolicySet } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';

/** Used where it lies in the folder and nothing else is named: the same as a worker would. */
const USUAL_FILE = 'admission.yaml';

/** The policy set of a file, or the one that a worker in this folder would use. */
export async function choosePolicySet(
  named: string | undefined,
): Promise<{ readonly ok: true; readonly set: PolicySet } | { readonly ok: false; readonly message: string }> {
  const file = named ?? (existsSync(USUAL_FILE) ? USUAL_FILE : undefined);
  if (file === undefined) return { ok: true, set: embeddedPolicySet() };
  const loaded = await loadPolicySet(file);
  if (loaded.ok) return loaded;
  const message = `the policy set cannot be used:\n${loaded.issues.map(formatIssue).join('\n')}`;
  return { ok: false, message };
}
