import type { Composition, Decision } from '../../domain/admission.ts';

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
