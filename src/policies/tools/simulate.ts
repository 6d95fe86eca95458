import { DEFAULT_REQUIREMENT } from '../../domain/admission.ts';
import type { BoundInput, BoundRequirement, Composition } from '../../domain/admission.ts';
import { concludeFrom } from '../../domain/conclusion.ts';
import type { Conclusion } from '../../domain/conclusion.ts';
import type { ExternalCall } from '../../domain/external-call.ts';
import type { JoinRequest } from '../../domain/request.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { factsOf } from '../binding.ts';
import { decisionOf } from '../evaluate.ts';
import { shortDigest } from '../policy-set.ts';
import type { PolicySet } from '../policy-set.ts';
import { decide } from './decide.ts';
import type { Decided, Rehearsal } from './decide.ts';
import { explainDecisions } from './explain.ts';
import type { ExplainedDecisions } from './explain.ts';

/** What a request would come to. */
export interface Simulation extends ExplainedDecisions {
  readonly request: JoinRequest;
  /** Who asks, where a longer term is asked for. */
  readonly longerTermFor?: string;
  readonly now: string;
  readonly policySet: { readonly digest: string; readonly file?: string };
  readonly requirements: readonly BoundRequirement[];
  /** What the requester would have to answer first. */
  readonly inputs: readonly BoundInput[];
  /** Until when the policies would wait before they are asked again. */
  readonly deferredUntil?: string;
  readonly term?: Conclusion['term'];
  /** Who would make the call; `null` where nobody would. */
  readonly executor: string | null;
  /** External policies that apply and were not asked, with what would come of it if they all answered the same. */
  readonly notAsked?: { readonly bindings: readonly string[]; readonly ifTheySay: Record<Supposed, string> };
}

export type Simulated =
  { readonly ok: true; readonly simulation: Simulation } | { readonly ok: false; readonly missing: readonly string[] };

/** Decides a hypothetical request. Nothing is started and nothing written; facts that nobody knows are named. */
export async function simulate(set: PolicySet, request: JoinRequest, rehearsal: Rehearsal): Promise<Simulated> {
  const decided = await decide(set, request, rehearsal);
  const { conclusion, decisions, facts, notAsked } = decided;
  const missing = [...decided.missing, ...(decided.approversUnknown ? ['approvers'] : [])];
  if (!conclusion || missing.length > 0) return { ok: false, missing };
  const { composition, executor, term } = conclusion;
  const withFacts = decisions.map((decision) => {
    const binding = set.bindings.find(({ name }) => name === decision.binding);
    return { ...decision, facts: binding ? factsOf(binding) : [] };
  });
  const simulation = {
    request,
    ...(rehearsal.purpose === 'extend' ? { longerTermFor: rehearsal.askedBy ?? request.requestedBy } : {}),
    now: rehearsal.now.toISOString(),
    policySet: { digest: shortDigest(set), ...(set.file === undefined ? {} : { file: set.file }) },
    ...explainDecisions(withFacts, facts, composition),
    requirements: composition.action === 'pend' ? composition.requirements : [],
    inputs: composition.action === 'ask' ? composition.inputs : [],
    ...(composition.action === 'defer' ? { deferredUntil: composition.until } : {}),
    ...(term ? { term } : {}),
    executor: executorOf(composition, executor),
    ...(notAsked.length > 0 ? { notAsked: supposed(set, request, { ...decided, ...rehearsal }) } : {}),
  };
  return { ok: true, simulation };
}

/** In the order of the worker: the one that was named or may do it, else who approves last, else the service bearer. */
function executorOf({ action }: Composition, executor: string | null): string | null {
  if (action === 'deny' || action === 'alreadyMember') return null;
  if (executor !== null) return executor;
  return action === 'pend'
    ? 'the approver who completes the last requirement, else a service bearer'
    : 'a service bearer';
}

const SUPPOSED = {
  allow: { verdict: 'allow' },
  deny: { verdict: 'deny', code: 'SUPPOSED', message: 'supposed', visibility: 'full' },
  requireApproval: { verdict: 'requireApproval', requirement: DEFAULT_REQUIREMENT },
  notApplicable: { verdict: 'notApplicable', because: 'supposed' },
} satisfies Record<string, Verdict>;
type Supposed = keyof typeof SUPPOSED | 'error';

function supposed(
  { defaultVerdict }: PolicySet,
  request: JoinRequest,
  { decisions, facts, notAsked, purpose, askedBy, termDecided }: Decided & Rehearsal,
) {
  const actionIf = (verdict: Verdict | Error) => {
    const answers = notAsked.map((call) => supposedDecision(call, verdict));
    const all = [...decisions, ...answers];
    const answered = { request, purpose, askedBy, termDecided, decisions: all, facts, defaultVerdict };
    return concludeFrom(answered).composition.action;
  };
  const verdicts = { ...SUPPOSED, error: new Error('supposed') };
  const ifTheySay = Object.fromEntries(Object.entries(verdicts).map(([name, verdict]) => [name, actionIf(verdict)]));
  return { bindings: notAsked.map(({ origin }) => origin.binding), ifTheySay: ifTheySay as Record<Supposed, string> };
}

function supposedDecision({ origin, failurePolicy }: ExternalCall, verdict: Verdict | Error) {
  return decisionOf({ enforcement: origin.enforcement, failurePolicy }, origin, verdict, 0);
}
