import type { Config } from '../config.ts';
import type { ConfiguredFlow } from '../onboarding/flows.ts';
import { loadFlows } from '../onboarding/load-flows.ts';
import { formatIssue } from '../yaml/problem.ts';
import { ownFacts } from '../policies/policy-set.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { StartError } from './start-checks.ts';

/** The flows of `ADMISSION_FLOWS`; none where it is not set. Any mistake in one of them stops the worker. */
export async function configuredFlows({ ADMISSION_FLOWS: places }: Config, set: PolicySet): Promise<ConfiguredFlow[]> {
  const own = ownFacts(set);
  const loaded = await loadFlows(places, (name) => own.has(name));
  if (loaded.ok) return loaded.value;
  throw new StartError(`the flows cannot be used:\n${loaded.issues.map(formatIssue).join('\n')}`);
}
