import { DEFAULT_REQUIREMENT, type BoundInput, type BoundRequirement, type Composition } from '../domain/admission.ts';
import { shortName } from '../domain/arn.ts';
import { concludeFrom, type Conclusion } from '../domain/conclusion.ts';
import { durationText } from '../domain/duration.ts';
import type { ExternalCall } from '../domain/external-call.ts';
import type { JoinRequest } from '../domain/request.ts';
import { requirementText } from '../domain/requirement.ts';
import { cells } from '../domain/text.ts';
import type { Verdict } from '../domain/verdict.ts';
import { factsOf } from '../policies/binding.ts';
import { decisionOf } from '../policies/evaluate.ts';
import { shortDigest, type PolicySet } from '../policies/policy-set.ts';
import { decide, type Decided, type Rehearsal } from './decide.ts';
import { describeAsked, reasonLines, ruleLines, factLine, LEGEND, policyLines, section } from './explain-text.ts';
import { explainDecisions, type ExplainedDecisions } from './explain.ts';

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

/** A simulation for people. */
export function formatSimulation(simulation: Simulation): string[] {
  const shown = cells(simulation);
  const { request, now, policySet, policies, otherFacts, composition, requirements, executor, notAsked } = shown;
  const { inputs, deferredUntil, term, longerTermFor } = shown;
  const { file, digest } = policySet;
  return [
    `would ${WOULD[composition?.action ?? 'deny']}   (simulated: nothing was started)`,
    `  ${describeAsked(request)}, at ${now}`,
    ...(longerTermFor === undefined
      ? []
      : [`  to stay longer, ${request.term ?? 'without a term'} in all, asked by ${shortName(longerTermFor)}`]),
    `  policy set ${digest}, ${file ?? 'the embedded one'}`,
    ...section(`policies   ${LEGEND}`, policies.flatMap(policyLines)),
    ...section('other facts', otherFacts.map(factLine)),
    ...(composition
      ? section(`composition: ${composition.action}`, [...ruleLines(composition), ...reasonLines(composition.reason)])
      : []),
    ...section('would wait for', [
      ...inputs.map(({ binding, prompt }) => `answers of the requester: ${prompt} (${binding})`),
      ...(deferredUntil === undefined ? [] : [`${deferredUntil}: then the policies are asked again`]),
      ...requirements.map((requirement) => `${requirementText(requirement)} (${requirement.binding})`),
    ]),
    ...section('longest membership', term ? [durationText(term.limitMs)] : []),
    ...section('who would make the call', executor === null ? [] : [shortName(executor)]),
    ...(notAsked ? notAskedLines(notAsked) : []),
  ];
}

const WOULD = {
  admit: 'admit',
  deny: 'deny',
  pend: 'wait for people',
  ask: 'ask the requester',
  defer: 'wait, and ask the policies again',
  alreadyMember: 'end at once: already a member',
};

function notAskedLines({ bindings, ifTheySay }: NonNullable<Simulation['notAsked']>): string[] {
  const lines = Object.entries(ifTheySay).map(([verdict, action]) => `${verdict} ⇒ ${action}`);
  return section(`not asked: ${bindings.join(', ')} (--ask-external asks). If they say`, lines);
}
