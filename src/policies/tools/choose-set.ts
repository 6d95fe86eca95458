import { existsSync } from 'node:fs';
import { formatIssue } from '../load/load-issue.ts';
import { loadPolicySet } from '../load/load-policy-set.ts';
import { embeddedPolicySet } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';

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
