import type { BoundRequirement, Composition, Decision, Reason } from '../domain/admission.ts';
import type { Progress, Review } from '../domain/approval/panel.ts';
import type { Fact, Facts } from '../domain/facts.ts';
import type { Deed, Extension, RequestView } from '../domain/view.ts';

/** A fact with its name. */
export type NamedFact = Fact<unknown> & { readonly name: string };

/** A decision; the record may say which facts the policy was given. */
export type DecisionWithFacts = Decision & { readonly facts?: readonly string[] };

/** One policy's decision with the facts that it was given, and whether the outcome rests on it. */
export interface ExplainedPolicy extends Decision {
  readonly read: readonly NamedFact[];
  readonly decided: boolean;
}

/** What the policies said and what it came to. */
export interface ExplainedDecisions {
  readonly policies: readonly ExplainedPolicy[];
  /** Facts that no policy was given: the host's own rules looked at them, or the record does not say who did. */
  readonly otherFacts: readonly NamedFact[];
  readonly composition?: { readonly action: Composition['action']; readonly reason?: Reason } & DecidingRule;
}

export interface ExplainedRequirement extends BoundRequirement {
  /** Of its open stage, or of its last. */
  readonly progress?: Progress;
}

type FromView = Pick<
  RequestView,
  'id' | 'runId' | 'request' | 'state' | 'outcome' | 'policyDigest' | 'reason' | 'error' | 'override'
>;

/** Why a request stands where it stands. `reason` is other than the composition's where people or time decided. */
export interface Explanation extends FromView, ExplainedDecisions {
  readonly requirements: readonly ExplainedRequirement[];
  readonly reviews: readonly Review[];
  /** A longer term that people are asked about now, and why they are. */
  readonly extension?: ExplainedDecisions & Deed;
}

/** Explains a request from its record alone: no policy runs and nothing is read, so it says what was so then. */
export function explainRequest(view: RequestView): Explanation {
  const { decisions, facts, composition, progress, approvals: reviews, extension, ...rest } = view;
  return {
    ...rest,
    ...explainDecisions(decisions, facts, composition),
    requirements: view.requirements.map((requirement) => {
      const found = progress.find(({ binding }) => binding === requirement.binding);
      return { ...requirement, ...(found ? { progress: found } : {}) };
    }),
    reviews,
    ...(extension ? { extension: explainExtension(extension) } : {}),
  };
}

function explainExtension({ by, at, verified, decisions, facts, composition }: Extension) {
  return { by, at, verified, ...explainDecisions(decisions, facts, composition) };
}

export function explainDecisions(
  decisions: readonly DecisionWithFacts[],
  facts: Facts,
  composition: Composition | undefined,
): ExplainedDecisions {
  const rule = composition && decidingRule(composition, decisions);
  const policies = decisions.map((decision) => ({
    ...decision,
    read: factsRead(decision, facts),
    decided: rule?.bindings.includes(decision.binding) ?? false,
  }));
  const shown = new Set(policies.flatMap(({ read }) => read.map(({ name }) => name)));
  const otherFacts = named(Object.keys(facts), facts).filter(({ name }) => !shown.has(name));
  if (!composition || !rule) return { policies, otherFacts };
  const reason = composition.action === 'deny' ? { reason: composition.reason } : {};
  return { policies, otherFacts, composition: { action: composition.action, ...reason, ...rule } };
}

/** The facts that a policy was given, and those that its expressions name. */
function factsRead({ conditions, explain, facts: given = [] }: DecisionWithFacts, facts: Facts): NamedFact[] {
  const expressions = JSON.stringify([conditions, explain]);
  const mentioned = Object.keys(facts).filter((name) => mentions(expressions, `facts.${name}`));
  return named([...new Set([...given, ...mentioned])], facts);
}

function mentions(text: string, path: string): boolean {
  return text
    .split(path)
    .slice(1)
    .some((rest) => !/^\w/.test(rest));
}

function named(names: readonly string[], facts: Facts): NamedFact[] {
  return names.flatMap((name) => (facts[name] ? [{ name, ...facts[name] }] : []));
}

/** The fixed order in which decisions become one action (docs/architecture.md). */
export const RULES = {
  deny: 'a deny that is enforced, or an error under failurePolicy Fail, denies',
  input: 'else a question that is open waits for the requester',
  deferral: 'else a policy that says not yet is asked again later',
  requirement: 'else a requirement that is not met waits for people',
  allow: 'else at least one allow admits',
  default: 'else the defaultVerdict of the policy set decides',
  alreadyMember: "the host's own rule: who is a member already stays one, with no approval and no call",
  otherMembership: "the host's own rule: a membership of the other type cannot be changed",
  somebodyElse: "the host's own rule: a term that was decided gets longer only if somebody else agrees",
  termLimit: "the host's own rule: no term is longer than the shortest that policies allow",
  noApprover: "the host's own rule: a requirement that nobody could meet denies",
} as const;

export type Rule = keyof typeof RULES;

/** The rule that decided, and the bindings whose decisions it looked at. */
export interface DecidingRule {
  readonly rule: Rule;
  readonly text: string;
  readonly bindings: readonly string[];
}

/** Reads from a composition which rule of the fixed order made it; nothing is composed again. */
export function decidingRule(composition: Composition, decisions: readonly Decision[]): DecidingRule {
  const rule = ruleOf(composition, decisions);
  return { rule, text: RULES[rule], bindings: bindingsOf(rule, decisions) };
}

function ruleOf(composition: Composition, decisions: readonly Decision[]): Rule {
  switch (composition.action) {
    case 'admit':
      return 'allow';
    case 'alreadyMember':
      return 'alreadyMember';
    case 'ask':
      return 'input';
    case 'defer':
      return 'deferral';
    case 'pend':
      if (composition.requirements.some(({ binding }) => binding === 'host')) return 'somebodyElse';
      return decisions.some(({ action }) => action === 'pend') ? 'requirement' : 'default';
    case 'deny':
      return decisions.some(({ action }) => action === 'deny') ? 'deny' : (HOST[composition.reason.code] ?? 'default');
  }
}

const HOST: Record<string, Rule> = {
  OTHER_MEMBERSHIP_TYPE: 'otherMembership',
  NO_ELIGIBLE_APPROVER: 'noApprover',
  TERM_TOO_LONG: 'termLimit',
};

const ACTIONS: Partial<Record<Rule, Decision['action']>> = {
  deny: 'deny',
  input: 'ask',
  deferral: 'defer',
  requirement: 'pend',
  noApprover: 'pend',
  allow: 'admit',
  somebodyElse: 'admit',
};

function bindingsOf(rule: Rule, decisions: readonly Decision[]): string[] {
  const action = ACTIONS[rule];
  return decisions.filter((decision) => decision.action === action).map(({ binding }) => binding);
}
