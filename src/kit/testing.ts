import { isDeepStrictEqual } from 'node:util';
import { exportedPolicy } from '../policies/load/find-policy.ts';
import type { Policy } from '../policies/policy.ts';
import { ask, textOf } from './ask.ts';
import { EXTRA_FACTS, inputOf, oddRequests, type ConformanceCase, type Input } from './conformance-input.ts';

/** What a policy has to keep to. */
export type Rule =
  'definition' | 'case' | 'verdict' | 'determinism' | 'timeout' | 'purity' | 'unknown input' | 'mutation';

export interface Finding {
  /** The name of the case, or its number. */
  readonly case: string;
  readonly rule: Rule;
  readonly message: string;
}

export interface Conformance {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export interface ConformanceOptions {
  /** How long one evaluation may take; as a binding's `timeout`, 1 s for pure policies and 10 s for others. */
  readonly timeoutMs?: number;
}

/**
 * Asks a policy about each case and says which rules it breaks: it always answers with a verdict and in time, also about
 * what it does not know; it changes nothing of what it is given; and if it is pure, it answers the same again and uses
 * neither network, files, timers, clock nor chance. External policies are really asked. An endless loop is not survived.
 */
export async function policyConformance(
  policy: Policy,
  cases: readonly ConformanceCase[],
  { timeoutMs = policy.kind === 'pure' ? 1_000 : 10_000 }: ConformanceOptions = {},
): Promise<Conformance> {
  const defined = exportedPolicy(policy, 'it');
  if (!defined.ok) {
    const wrong = defined.problems.map(({ message }) => ({ case: '', rule: 'definition' as const, message }));
    return { ok: false, findings: wrong };
  }
  const findings: Finding[] = [];
  if (cases.length === 0) findings.push({ case: '', rule: 'case', message: 'there are no cases' });
  for (const [index, one] of cases.entries()) {
    const found = await checkCase(policy, one, timeoutMs);
    findings.push(...found.map((finding) => ({ case: one.name ?? `case ${index + 1}`, ...finding })));
  }
  return { ok: findings.length === 0, findings };
}

/** The same, and throws what was found. */
export async function assertPolicyConformance(...args: Parameters<typeof policyConformance>): Promise<void> {
  const { findings } = await policyConformance(...args);
  if (findings.length === 0) return;
  const lines = findings.map(
    (finding) => `  ${[finding.case, finding.rule, finding.message].filter(Boolean).join(': ')}`,
  );
  throw new Error(`policy ${args[0].id} does not conform:\n${lines.join('\n')}`);
}

type Found = Omit<Finding, 'case'>;

async function checkCase(policy: Policy, one: ConformanceCase, timeoutMs: number): Promise<Found[]> {
  let input: Input;
  try {
    input = inputOf(policy, one);
  } catch (error) {
    return [{ rule: 'case', message: textOf(error) }];
  }
  const asked = (about: Input) => ask(policy, about, timeoutMs);
  const given = structuredClone(input);
  const first = await asked(given);
  // What fails already would only fail again, in other words.
  if ('failed' in first) return [first.failed];
  const findings: Found[] = [];
  const add = (rule: Rule, message: string) => findings.push({ rule, message });
  const again = await asked(frozen(structuredClone(input)));
  if (!isDeepStrictEqual(given, input)) add('mutation', 'it changes what it is given');
  else if ('failed' in again) add('mutation', `it fails when its input is frozen: ${again.failed.message}`);
  else if (policy.kind === 'pure' && !isDeepStrictEqual(first.verdict, again.verdict)) {
    add('determinism', `it says ${JSON.stringify(first.verdict)}, then ${JSON.stringify(again.verdict)}`);
  }
  if (policy.kind === 'pure' && first.used.length > 0) add('purity', `it uses ${first.used.join(', ')}`);
  const more = await asked({ ...structuredClone(input), facts: { ...structuredClone(input.facts), ...EXTRA_FACTS } });
  if ('failed' in more) add('unknown input', `with facts that it did not ask for: ${more.failed.message}`);
  for (const [what, request] of oddRequests(input)) {
    const odd = await asked({ ...structuredClone(input), request });
    if ('failed' in odd) add('unknown input', `with ${what}: ${odd.failed.message}`);
  }
  return findings;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

/** `channel-admission/testing`: what every policy has to keep to, checked in any test runner. */
export type { ConformanceCase } from './conformance-input.ts';
