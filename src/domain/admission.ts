import type { ExplainNode } from './explain.ts';
import type { Membership } from './facts.ts';
import type { JoinRequest } from './request.ts';
import type { Requirement, Verdict } from './verdict.ts';

export type Enforcement = 'Enforce' | 'Warn' | 'Audit' | 'Off';
export type FailurePolicy = 'Fail' | 'Ignore' | 'Escalate';

/** A condition of a binding, as it was found: only `true` makes the binding apply. */
export interface MatchedCondition {
  readonly name: string;
  readonly expression: string;
  readonly value: boolean;
  readonly explain?: ExplainNode;
}

/** What a decision is about: one binding of one policy set. */
export interface DecisionOrigin {
  readonly binding: string;
  readonly policy: string;
  readonly version: string;
  readonly enforcement: Enforcement;
  /** Of the policy set, its first 12 digits. */
  readonly policyDigest: string;
  readonly conditions?: readonly MatchedCondition[];
  /** Names of the facts that the policy was given; its values stand with the facts of the request. */
  readonly facts?: readonly string[];
}

/** What a verdict came to under a binding. */
export interface Consequence {
  readonly evaluation: 'allow' | 'deny' | 'requireApproval' | 'notApplicable' | 'error';
  readonly action: 'admit' | 'deny' | 'pend' | 'none';
  readonly code?: string;
  readonly message?: string;
  readonly field?: string;
  readonly visibility?: 'full' | 'opaque';
  readonly retryAfter?: string;
  readonly validFor?: string;
  readonly requirement?: Requirement;
  readonly warnings?: readonly string[];
  readonly explain?: ExplainNode;
}

/** The host's record of one evaluation: what the policy said (`evaluation`) apart from what it does (`action`). */
export interface Decision extends DecisionOrigin, Consequence {
  readonly elapsedMs: number;
}

/** What a verdict does under a binding: Warn and Audit count for nothing, and an error is never an allow. */
export function consequenceOf(result: Verdict | Error, enforcement: Enforcement, onError: FailurePolicy): Consequence {
  const act = (action: Consequence['action']) => (enforcement === 'Enforce' ? action : 'none');
  if (result instanceof Error) {
    const action = { Fail: 'deny', Ignore: 'none', Escalate: 'pend' } as const;
    const message = `The policy could not decide: ${result.message.slice(0, 500)}`;
    return { evaluation: 'error', action: act(action[onError]), code: 'POLICY_ERROR', message };
  }
  switch (result.verdict) {
    case 'allow': {
      const { verdict: evaluation, ...rest } = result;
      return { ...rest, evaluation, action: act('admit') };
    }
    case 'deny': {
      const { verdict: evaluation, ...rest } = result;
      return { ...rest, evaluation, action: act('deny') };
    }
    case 'requireApproval': {
      const { verdict: evaluation, ...rest } = result;
      return { ...rest, evaluation, action: act('pend') };
    }
    case 'notApplicable': {
      const { verdict: evaluation, because: message, ...rest } = result;
      return { ...rest, evaluation, action: 'none', message };
    }
  }
}

export interface BoundRequirement extends Requirement {
  /** The binding that asks for it. */
  readonly binding: string;
}

/** Why a request ended as it did, in a stable code, with the field that is to blame where one is. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly visibility: 'full' | 'opaque';
  readonly binding: string;
}

export type Composition =
  | { readonly action: 'deny'; readonly reason: Reason }
  | { readonly action: 'pend'; readonly requirements: readonly BoundRequirement[] }
  | { readonly action: 'admit' }
  | { readonly action: 'alreadyMember' };

export type DefaultVerdict = 'deny' | 'requireApproval';

/** What everybody is asked for when nothing else decides and the default is `requireApproval`. */
export const DEFAULT_REQUIREMENT: Requirement = {
  approvers: { roles: ['channel_moderator', 'app_instance_admin'] },
  approve: 1,
};

/**
 * Composes decisions in the one fixed order (design §2): a deny, then a requirement, then an allow, then the default.
 * The order of the bindings never matters: among several denials the first by name is the reason, and all are kept.
 */
export function compose(decisions: readonly Decision[], defaultVerdict: DefaultVerdict): Composition {
  const byName = decisions.toSorted((a, b) => (a.binding < b.binding ? -1 : 1));
  const denial = byName.find((decision) => decision.action === 'deny');
  if (denial) return { action: 'deny', reason: reasonOf(denial) };
  const requirements = byName.flatMap((d) =>
    d.action === 'pend' ? [{ binding: d.binding, ...(d.requirement ?? DEFAULT_REQUIREMENT) }] : [],
  );
  if (requirements.length > 0) return { action: 'pend', requirements };
  if (byName.some((decision) => decision.action === 'admit')) return { action: 'admit' };
  if (defaultVerdict === 'requireApproval') {
    return { action: 'pend', requirements: [{ binding: 'default', ...DEFAULT_REQUIREMENT }] };
  }
  return deny('NOTHING_ALLOWS', 'No policy allows this request, and the default is to deny.');
}

function reasonOf(denial: Decision): Reason {
  return {
    code: denial.code ?? 'DENIED',
    message: denial.message ?? 'A policy denies this request.',
    visibility: denial.visibility ?? 'full',
    binding: denial.binding,
    ...(denial.field === undefined ? {} : { field: denial.field }),
  };
}

/** The host's own rule about members, after the policies and unless they deny: nobody approves or writes what is there. */
export function withMembership(
  composition: Composition,
  request: Pick<JoinRequest, 'type'>,
  membership: Membership | null,
): Composition {
  if (composition.action === 'deny' || membership === null) return composition;
  if (membership.type === request.type) return { action: 'alreadyMember' };
  const message = `The member already has a ${membership.type} membership; Chime cannot change its type.`;
  return deny('OTHER_MEMBERSHIP_TYPE', message, membership.type === 'HIDDEN' ? 'opaque' : 'full', 'type');
}

/** The host's own rule about dead ends: `eligible` says how many people could meet a requirement. */
export function withApprovers(composition: Composition, eligible: (requirement: Requirement) => number): Composition {
  if (composition.action !== 'pend') return composition;
  const dead = composition.requirements.find((requirement) => eligible(requirement) < requirement.approve);
  if (!dead) return composition;
  const message = `${dead.binding} asks for ${dead.approve} approval(s) by ${dead.approvers.roles.join(' or ')}, but only ${eligible(dead)} person(s) could give one.`;
  return deny('NO_ELIGIBLE_APPROVER', message);
}

function deny(code: string, message: string, visibility: Reason['visibility'] = 'full', field?: string): Composition {
  return {
    action: 'deny',
    reason: { code, message, visibility, binding: 'host', ...(field === undefined ? {} : { field }) },
  };
}
