import { consequenceOf, type Decision, type DecisionOrigin, type MatchedCondition } from '../domain/admission.ts';
import type { ExternalCall } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Verdict } from '../domain/verdict.ts';
import { factsOf, isOn, type PolicyBinding } from './binding.ts';
import { onlyThose } from './cel/bounded.ts';
import { shortDigest, type PolicySet } from './policy-set.ts';
import { runPolicy, type Asking, type PolicyLog, type Question } from './run-policy.ts';

/** What the pure policies decided, the facts that were read for all, and the external policies that are still to be asked. */
export interface Evaluation {
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly external: readonly ExternalCall[];
}

/** Reads the named facts, each once. */
export type ReadFacts = (names: readonly string[]) => Promise<Facts>;

export interface EvaluateOptions extends Asking {
  readonly readFacts: ReadFacts;
  readonly log: PolicyLog;
  /** Facts that are read whatever the policies need. */
  readonly always?: readonly string[];
  readonly now?: Date;
}

/**
 * Evaluates every binding that is on; each gives exactly one decision or call, whatever its policy does. Facts are read
 * first for the conditions, then for the bindings that apply: what nobody needs is not read.
 */
export async function evaluate(
  set: PolicySet,
  request: JoinRequest,
  { readFacts, log, always = [], now = new Date(), ...asking }: EvaluateOptions,
): Promise<Evaluation> {
  const bindings = set.bindings.filter(isOn);
  const conditional = bindings.flatMap(({ matchConditions }) =>
    matchConditions.flatMap(({ program }) => program.facts),
  );
  let facts = await readFacts([...new Set(conditional)]);
  const known = { request, facts, now, purpose: asking.purpose, askedBy: asking.askedBy };
  const found = await Promise.all(
    bindings.map(async (binding) => ({ binding, found: await applicability(binding, known) })),
  );
  const applying = found.filter((one) => one.found.applies === 'yes').map((one) => one.binding);
  const needed = new Set([...always, ...applying.flatMap(factsOf)].filter((name) => !(name in facts)));
  facts = { ...facts, ...(await readFacts([...needed])) };
  const names = set.bindings.map(({ name }) => name);
  const question = { request, facts, now, log, bindings: names, ...asking };
  const decisions = found
    .filter((one) => one.found.applies !== 'yes' || one.binding.policy.kind === 'pure')
    .map(async (one): Promise<Decision> => {
      const startedAt = performance.now();
      const result = settled(one.found) ?? (await runPolicy(one.binding, question));
      return decisionOf(one.binding, originOf(set, one.binding, one.found), result, performance.now() - startedAt);
    });
  const external = found
    .filter((one) => one.found.applies === 'yes' && one.binding.policy.kind === 'external')
    .map((one) => callOf(one.binding, originOf(set, one.binding, one.found)));
  return { decisions: await Promise.all(decisions), facts, external };
}

/** What is decided without asking the policy. */
function settled(found: Applicability): Verdict | Error | undefined {
  if (found.applies === 'yes') return undefined;
  return found.applies === 'error' ? found.error : { verdict: 'notApplicable', because: found.because };
}

/** The record of one evaluation. */
export function decisionOf(
  { enforcement, failurePolicy }: Pick<PolicyBinding, 'enforcement' | 'failurePolicy'>,
  origin: DecisionOrigin,
  result: Verdict | Error,
  elapsedMs: number,
): Decision {
  return { ...origin, ...consequenceOf(result, enforcement, failurePolicy), elapsedMs: Math.round(elapsedMs) };
}

function originOf(set: PolicySet, binding: PolicyBinding, found: Applicability): DecisionOrigin {
  const { name, policy, enforcement } = binding;
  return {
    binding: name,
    policy: policy.id,
    version: policy.version,
    enforcement,
    policyDigest: shortDigest(set),
    ...(found.conditions.length > 0 ? { conditions: found.conditions } : {}),
    ...(found.applies === 'yes' ? { facts: factsOf(binding) } : {}),
    reads: [...new Set([...binding.matchConditions.flatMap(({ program }) => program.facts), ...factsOf(binding)])],
  };
}

function callOf(binding: PolicyBinding, origin: DecisionOrigin): ExternalCall {
  const { failurePolicy, timeoutMs, retry } = binding;
  return { origin, failurePolicy, timeoutMs, retry, facts: factsOf(binding) };
}

/** Whether a binding applies: `no` names the first condition that was false; `error`, the first that gave no boolean. */
type Applicability = { readonly conditions: readonly MatchedCondition[] } & (
  | { readonly applies: 'yes' }
  | { readonly applies: 'no'; readonly because: string }
  | { readonly applies: 'error'; readonly error: Error }
);

/** Evaluates the conditions of a binding, in their order, up to the first that is not true. */
async function applicability(
  { matchConditions }: PolicyBinding,
  { facts, ...asked }: Pick<Question, 'request' | 'facts' | 'now' | 'askedBy'> & Partial<Pick<Question, 'purpose'>>,
): Promise<Applicability> {
  const conditions: MatchedCondition[] = [];
  const values = plainValues(facts);
  for (const { name, program } of matchConditions) {
    const result = await program.evaluate({ ...asked, facts: onlyThose(program.facts, values) });
    const { explain } = result;
    conditions.push({ name, expression: program.source, value: result.ok && result.value === true, explain });
    if (!result.ok) return { conditions, applies: 'error', error: new Error(`condition ${name}: ${result.error}`) };
    if (result.value === false) return { conditions, applies: 'no', because: `condition ${name} does not hold` };
    if (result.value !== true) {
      return { conditions, applies: 'error', error: new Error(`condition ${name} gives no boolean`) };
    }
  }
  return { conditions, applies: 'yes' };
}

/** The values of facts that could be read, by name. */
export function plainValues(facts: Facts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, fact]) => (fact && fact.error === undefined ? [[name, fact.value]] : [])),
  );
}
