import { decide, knownFacts, type Rehearsal } from '../../src/authoring/decide.ts';
import type { Composition, Decision } from '../../src/domain/admission.ts';
import type { Facts } from '../../src/domain/facts.ts';
import type { RequestView } from '../../src/domain/view.ts';
import type { CelScope, Evaluable } from '../../src/policies/cel/program.ts';
import { createPolicySet, type PolicySet } from '../../src/policies/policy-set.ts';
import { askedNow } from '../../src/policies/run-policy.ts';
import { factsOf, requestOf } from '../policies/fixtures.ts';

export const NOW = new Date('2026-11-23T12:00:00.000Z');

/** A condition without a CEL engine: the text is only shown. */
export function programThat(
  source: string,
  value: (scope: CelScope) => unknown,
  facts: readonly string[] = [],
): Evaluable {
  return {
    source,
    facts,
    evaluate(scope) {
      try {
        const found = value(scope);
        return { ok: true, value: found, explain: { text: source, value: found } };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { ok: false, error: message, explain: { text: source, error: message } };
      }
    },
  };
}

/** Where nobody but the given facts is asked. */
export function rehearsalOn(facts: Facts, options: Partial<Rehearsal> = {}): Rehearsal {
  return { readFacts: knownFacts(facts), now: NOW, ask: async () => undefined, ...askedNow(NOW), ...options };
}

/** The record of a request as a worker with this set would leave it. */
export async function recordedBy(
  set: PolicySet,
  { id = 'join:board:alice:1', request = requestOf(), facts = factsOf(), ask = rehearsalOn({}).ask } = {},
): Promise<RequestView> {
  const decided = await decide(set, request, { ...rehearsalOn(facts), ask });
  if (!decided.conclusion) throw new Error(`not decided: ${decided.missing.join(', ')}`);
  const { composition } = decided.conclusion;
  return viewOf({ id, request, decisions: decided.decisions, facts: decided.facts, composition });
}

export function viewOf(
  fields: Partial<RequestView> & { decisions: readonly Decision[]; composition?: Composition },
): RequestView {
  return {
    id: 'join:board:alice:1',
    runId: 'run',
    request: requestOf(),
    state: 'closed',
    outcome: 'denied',
    policyDigest: createPolicySet([]).digest,
    facts: factsOf(),
    requirements: [],
    progress: [],
    approvals: [],
    inputs: [],
    answers: [],
    notes: [],
    requestedAt: NOW.toISOString(),
    ...fields,
  };
}
