import type { ExplainNode } from './explain.ts';
import type { Membership } from './facts.ts';
import type { JoinRequest } from './request.ts';
import { durationMs, durationText } from './duration.ts';
import type { InputSchema } from './input-schema.ts';
import { deadTogether } from './approval/distinct.ts';
import { CHIME_ROLES, isAmong, isReachable, stageText, type Candidate, type Requirement } from './requirement.ts';
import type { TermLimit, Verdict } from './verdict.ts';

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
  /** Every fact that its conditions and its policy may look at, also where they did not: the decision depends on no other. */
  readonly reads?: readonly string[];
}

/** What a verdict came to under a binding. */
export interface Consequence {
  readonly evaluation: Verdict['verdict'] | 'error';
  readonly action: 'admit' | 'deny' | 'ask' | 'defer' | 'pend' | 'none';
  readonly code?: string;
  readonly message?: string;
  readonly field?: string;
  readonly visibility?: 'full' | 'opaque';
  readonly retryAfter?: string;
  readonly validFor?: string;
  readonly requirement?: Requirement;
  /** What the requester is asked, and for how long. */
  readonly schema?: InputSchema;
  readonly prompt?: string;
  readonly expiresIn?: string;
  /** When to ask again (ISO 8601), and for how long at most. */
  readonly until?: string;
  readonly giveUpAfter?: string;
  readonly term?: TermLimit;
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
    case 'requireInput': {
      const { verdict: evaluation, ...rest } = result;
      return { ...rest, evaluation, action: act('ask') };
    }
    case 'defer': {
      const { verdict: evaluation, because: message, ...rest } = result;
      return { ...rest, evaluation, action: act('defer'), message };
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

/** What a binding asks of the requester. */
export interface BoundInput {
  readonly binding: string;
  readonly schema: InputSchema;
  readonly prompt: string;
  /** Counted from when it is asked for. */
  readonly expiresIn: string;
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
  | { readonly action: 'ask'; readonly inputs: readonly BoundInput[] }
  /** `until`: when all who want to wait may be asked again; `giveUpAfterMs`: counted from when the request was made. */
  | {
      readonly action: 'defer';
      readonly until: string;
      readonly giveUpAfterMs: number;
      readonly bindings: readonly string[];
    }
  | { readonly action: 'pend'; readonly requirements: readonly BoundRequirement[] }
  | { readonly action: 'admit' }
  | { readonly action: 'alreadyMember' };

export type DefaultVerdict = 'deny' | 'requireApproval';

/** What everybody is asked for when nothing else decides and the default is `requireApproval`. */
export const DEFAULT_REQUIREMENT: Requirement = {
  stages: [
    {
      name: 'review',
      approvers: { roles: [...CHIME_ROLES] },
      anyOf: [{ approve: 1, deny: 1 }],
      outcomeIfNoApprovers: 'deny',
      timedActions: [],
      justification: 'optional',
    },
  ],
};

/**
 * Composes decisions in the one fixed order: a deny, then what the requester has to answer, then waiting, then a
 * requirement, then an allow, then the default. People are asked last, so that they see a request that is complete.
 * The order of the bindings never matters: among several denials the first by name is the reason, and all are kept.
 */
export function compose(decisions: readonly Decision[], defaultVerdict: DefaultVerdict): Composition {
  const byName = decisions.toSorted((a, b) => (a.binding < b.binding ? -1 : 1));
  const denial = byName.find((decision) => decision.action === 'deny');
  if (denial) return { action: 'deny', reason: reasonOf(denial) };
  const inputs = byName.flatMap((decision) => inputOf(decision) ?? []);
  if (inputs.length > 0) return { action: 'ask', inputs };
  const deferral = deferralOf(byName.filter(({ action }) => action === 'defer'));
  if (deferral) return deferral;
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

function inputOf({ binding, action, schema, prompt, expiresIn }: Decision): BoundInput | undefined {
  if (action !== 'ask' || !schema || prompt === undefined || expiresIn === undefined) return undefined;
  return { binding, schema, prompt, expiresIn };
}

function deferralOf(deferring: readonly Decision[]): Composition | undefined {
  if (deferring.length === 0) return undefined;
  const until = deferring
    .map((decision) => decision.until ?? '')
    .reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b));
  const giveUpAfterMs = Math.min(...deferring.map(({ giveUpAfter = '0s' }) => durationMs(giveUpAfter)));
  return { action: 'defer', until, giveUpAfterMs, bindings: deferring.map(({ binding }) => binding) };
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

/**
 * The host's own rule about a term that people decided, or that an office holder set: it gets longer only if somebody
 * else agrees. Where policies would let it pass, a moderator or admin is asked; neither time nor a lack of approvers
 * approves anything then.
 */
export function withSomebodyElse(composition: Composition): Composition {
  if (composition.action === 'admit') {
    return { action: 'pend', requirements: [{ binding: 'host', ...DEFAULT_REQUIREMENT }] };
  }
  if (composition.action !== 'pend') return composition;
  const requirements = composition.requirements.map((one) => ({
    ...one,
    stages: one.stages.map((stage) => ({
      ...stage,
      outcomeIfNoApprovers: 'deny' as const,
      timedActions: stage.timedActions.filter((action) => action.do !== 'approve'),
    })),
  }));
  return { action: 'pend', requirements };
}

/** A longer term is no longer than the shortest that policies allow: a new one is cut to that, this one is refused. */
export function withinTerm(composition: Composition, { term }: JoinRequest, limitMs = Infinity): Composition {
  if (composition.action === 'deny' || term === undefined || durationMs(term) <= limitMs) return composition;
  const message = `A membership may last at most ${durationText(limitMs)} here.`;
  return deny('TERM_TOO_LONG', message, 'full', 'term');
}

/**
 * The host's own rule about dead ends: of `people`, who could review, enough must be able to decide every stage. Where an
 * operator named others (`reassigned`), the panel tells.
 */
export function withApprovers(
  composition: Composition,
  people: readonly Candidate[],
  reassigned: readonly string[] = [],
): Composition {
  if (composition.action !== 'pend') return composition;
  for (const { binding, stages } of composition.requirements.filter((one) => !reassigned.includes(one.binding))) {
    const dead = stages.find((stage) => stage.outcomeIfNoApprovers === 'deny' && !isReachable(stage, people));
    if (!dead) continue;
    const eligible = people.filter((person) => isAmong(dead.approvers, person)).length;
    const message = `${binding} asks for ${stageText(dead)}, but only ${eligible} person(s) could give one.`;
    return deny('NO_ELIGIBLE_APPROVER', message);
  }
  const dead = reassigned.length > 0 ? undefined : deadTogether(composition.requirements, people);
  if (!dead) return composition;
  const others = dead.distinctFrom?.join(', ') ?? 'the other requirements';
  return deny('NO_ELIGIBLE_APPROVER', `${dead.binding} needs other people than ${others}, and too few could approve.`);
}

function deny(code: string, message: string, visibility: Reason['visibility'] = 'full', field?: string): Composition {
  return {
    action: 'deny',
    reason: { code, message, visibility, binding: 'host', ...(field === undefined ? {} : { field }) },
  };
}
