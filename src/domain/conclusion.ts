import { compose, withApprovers, withMembership } from './admission.ts';
import type { Composition, Decision, DefaultVerdict } from './admission.ts';
import { mayCreateMembership } from './facts.ts';
import type { FactName, Facts, FactValues } from './facts.ts';
import type { JoinRequest } from './request.ts';
import type { Requirement } from './verdict.ts';

/** What all decisions came to. */
export interface Conclusion {
  readonly composition: Composition;
  /** Who makes the call unless an approver does: the explicit bearer, or the requester where Chime lets them. */
  readonly executor: string | null;
  /** All facts, with those that only the host's rules needed. */
  readonly facts: Facts;
}

/** What a conclusion is drawn from, once every policy has answered. */
export interface Answered {
  readonly request: JoinRequest;
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly defaultVerdict: DefaultVerdict;
}

/** The host's own rules look at these, whatever the policies need; and at `approvers`, where somebody has to approve. */
export const HOST_FACTS: FactName[] = ['channel', 'requester.role', 'member.membership'];

/** A mistake of whoever called: the facts of the host's own rules were not read. */
export class MissingFactError extends Error {}

/**
 * Composes the decisions and applies the host's own rules. Where somebody has to approve, `approvers` may still be
 * unread: `needsApprovers` tells, and then the same has to be concluded again with that fact.
 */
export function concludeFrom({ request, decisions, facts, defaultVerdict }: Answered): Conclusion {
  const composed = withMembership(compose(decisions, defaultVerdict), request, valueOf(facts, 'member.membership'));
  const composition = facts.approvers ? withApprovers(composed, eligibleFor(facts)) : composed;
  return { composition, executor: executorOf(request, facts), facts };
}

/** Whether a conclusion still depends on who could approve. */
export function needsApprovers({ composition, facts }: Conclusion): boolean {
  return composition.action === 'pend' && facts.approvers === undefined;
}

function eligibleFor(facts: Facts): (requirement: Requirement) => number {
  const { total, ...byRole } = valueOf(facts, 'approvers');
  return ({ approvers: { roles } }) => {
    const [role, ...others] = new Set(roles);
    return role && others.length === 0 ? byRole[role] : total;
  };
}

function executorOf(request: JoinRequest, facts: Facts): string | null {
  if (request.chimeBearer) return request.chimeBearer;
  const self = request.requestedBy === request.memberArn;
  const role = valueOf(facts, 'requester.role');
  return mayCreateMembership(role, self, request.type, valueOf(facts, 'channel')) ? request.requestedBy : null;
}

function valueOf<N extends FactName>(facts: Facts, name: N): FactValues[N] {
  const fact = facts[name];
  if (!fact) throw new MissingFactError(`the fact ${name} was not read`);
  return fact.value as FactValues[N];
}
