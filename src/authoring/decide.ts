import type { Decision } from '../domain/admission.ts';
import { HOST_FACTS, needsApprovers, type Conclusion } from '../domain/conclusion.ts';
import type { ExternalCall } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { PolicyBinding } from '../policies/binding.ts';
import { conclude } from '../policies/conclude.ts';
import { decisionOf, evaluate, type ReadFacts } from '../policies/evaluate.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import type { Asking, PolicyLog } from '../policies/run-policy.ts';

/** How an external policy is asked in a rehearsal; `undefined` if it is not. */
type AskExternal = (binding: PolicyBinding, facts: Facts, now: Date) => Promise<Verdict | Error | undefined>;

export interface Rehearsal extends Asking {
  readonly readFacts: ReadFacts;
  readonly now: Date;
  readonly ask: AskExternal;
  /** People decided the term that is to get longer, or an office holder set it. */
  readonly termDecided?: boolean | undefined;
  readonly log?: PolicyLog;
}

/** What a policy set would say of a request. */
export interface Decided {
  readonly decisions: readonly Decision[];
  /** Every fact that was looked at. */
  readonly facts: Facts;
  /** External policies that apply and were not asked; they are not among the decisions. */
  readonly notAsked: readonly ExternalCall[];
  /** Facts that somebody needs and nobody knows. Where there are any, the conclusion is worth nothing. */
  readonly missing: readonly string[];
  /** None where a fact of the host's own rules is missing. */
  readonly conclusion?: Conclusion;
  /** Somebody would have to approve, and who could is not known. */
  readonly approversUnknown: boolean;
}

/** Decides as a worker would, from facts that come from anywhere. Nothing is started and nothing written. */
export async function decide(set: PolicySet, request: JoinRequest, rehearsal: Rehearsal): Promise<Decided> {
  const { now, ask, log = () => undefined, purpose, askedBy, termDecided, requestedAt, answers } = rehearsal;
  const missing = new Set<string>();
  const readFacts = async (names: readonly string[]) => {
    const facts = names.length > 0 ? await rehearsal.readFacts(names) : {};
    for (const name of names) if (!facts[name]) missing.add(name);
    return facts;
  };
  const hostFacts = await readFacts(HOST_FACTS);
  const evaluation = await evaluate(set, request, {
    readFacts: async (names) => ({ ...hostFacts, ...(await readFacts(names.filter((name) => !hostFacts[name]))) }),
    now,
    log,
    purpose,
    askedBy,
    requestedAt,
    answers,
  });
  const asked = await Promise.all(
    evaluation.external.map(async (call) => ({
      call,
      answer: await answerTo(call, set, evaluation.facts, { ask, now }),
    })),
  );
  const decisions = [...evaluation.decisions, ...asked.flatMap(({ answer }) => answer ?? [])];
  const notAsked = asked.filter(({ answer }) => answer === undefined).map(({ call }) => call);
  const found = { decisions, facts: evaluation.facts, notAsked, missing: [...missing] };
  if (HOST_FACTS.some((name) => missing.has(name))) return { ...found, approversUnknown: false };
  const { facts } = evaluation;
  const answered = { request, purpose, askedBy, termDecided, decisions, facts, defaultVerdict: set.defaultVerdict };
  const conclusion = await conclude(answered, () => rehearsal.readFacts(['approvers']));
  return { ...found, facts: conclusion.facts, conclusion, approversUnknown: needsApprovers(conclusion) };
}

async function answerTo(
  { origin }: ExternalCall,
  { bindings }: PolicySet,
  facts: Facts,
  { ask, now }: Pick<Rehearsal, 'ask' | 'now'>,
): Promise<Decision | undefined> {
  const binding = bindings.find(({ name }) => name === origin.binding);
  const startedAt = performance.now();
  const answer = binding && (await ask(binding, facts, now));
  return binding && answer ? decisionOf(binding, origin, answer, performance.now() - startedAt) : undefined;
}

/** Reads from facts that are known already. */
export function knownFacts(facts: Facts): ReadFacts {
  return async (names) => Object.fromEntries(names.flatMap((name) => (facts[name] ? [[name, facts[name]]] : [])));
}
