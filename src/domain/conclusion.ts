import {
  compose,
  withApprovers,
  withinTerm,
  withMembership,
  withSomebodyElse,
  type Composition,
  type Decision,
  type DefaultVerdict,
} from './admission.ts';
import { durationMs } from './duration.ts';
import { mayCreateMembership, type Eligible, type FactName, type Facts, type FactValues } from './facts.ts';
import type { JoinRequest } from './request.ts';
import type { Candidate } from './requirement.ts';

/** What all decisions came to. */
export interface Conclusion {
  readonly composition: Composition;
  /** Who makes the call unless an approver does: the explicit bearer, or the requester where Chime lets them. */
  readonly executor: string | null;
  /** The shortest term that a policy allows; none where no policy limits it. */
  readonly term?: { readonly limitMs: number; readonly remindMs: readonly number[] };
  /** The shortest time for which a verdict says that it holds, in ms. */
  readonly validForMs?: number;
  /** All facts, with those that only the host's rules needed. */
  readonly facts: Facts;
}

/** What a conclusion is drawn from, once every policy has answered. */
export interface Answered {
  readonly request: JoinRequest;
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly defaultVerdict: DefaultVerdict;
  /** `extend`: the member is there already, and asks to stay longer. */
  readonly purpose: Purpose;
  /** Who asks for a longer term. */
  readonly askedBy?: string | undefined;
  /** The term that is to get longer was decided by people, or set by an office holder. */
  readonly termDecided?: boolean | undefined;
  /** Bindings for whose requirements an operator named other people. */
  readonly reassigned?: readonly string[];
}

export type Purpose = 'join' | 'extend';

/** The host's own rules look at these, whatever the policies need; and at `approvers`, where somebody has to approve. */
export const HOST_FACTS: FactName[] = ['channel', 'requester.role', 'member.membership'];

/** A mistake of whoever called: the facts of the host's own rules were not read. */
export class MissingFactError extends Error {}

/**
 * Composes the decisions and applies the host's own rules. Where somebody has to approve, `approvers` may still be
 * unread: `needsApprovers` tells, and then the same has to be concluded again with that fact.
 */
export function concludeFrom(answered: Answered): Conclusion {
  const { request, decisions, facts, defaultVerdict, purpose, termDecided, reassigned } = answered;
  const composed = compose(decisions, defaultVerdict);
  const limit = termOf(decisions);
  const known =
    purpose === 'join'
      ? withMembership(composed, request, valueOf(facts, 'member.membership'))
      : withinTerm(termDecided ? withSomebodyElse(composed) : composed, request, limit.term?.limitMs);
  const composition = facts.approvers ? withApprovers(known, peopleOf(facts.approvers.value), reassigned) : known;
  const validFor = decisions.flatMap(({ validFor: time }) => (time === undefined ? [] : [durationMs(time)]));
  return {
    composition,
    executor: executorOf(request, facts),
    facts,
    ...limit,
    ...(validFor.length > 0 ? { validForMs: Math.min(...validFor) } : {}),
  };
}

/** Of several policies that limit the term, the shortest counts; all reminders that it leaves room for do. */
function termOf(decisions: readonly Decision[]): Pick<Conclusion, 'term'> {
  const limits = decisions.flatMap(({ term, enforcement }) => (term && enforcement === 'Enforce' ? [term] : []));
  if (limits.length === 0) return {};
  const limitMs = Math.min(...limits.map(({ max }) => durationMs(max)));
  const remindMs = [...new Set(limits.flatMap(({ remind }) => remind.map(durationMs)))].toSorted((a, b) => b - a);
  return { term: { limitMs, remindMs } };
}

/** Whether a conclusion still depends on who could approve. */
export function needsApprovers({ composition, facts }: Conclusion): boolean {
  return composition.action === 'pend' && facts.approvers === undefined;
}

/** Who could review. Where only numbers are known, they are as good as names for what asks for roles alone. */
export function peopleOf({ people, channel_moderator: moderators, app_instance_admin: admins, total }: Eligible) {
  if (people) return people;
  return Array.from({ length: total }, (_, index): Candidate => {
    const roles = [
      ...(index < moderators ? ['channel_moderator'] : []),
      ...(index >= total - admins ? ['app_instance_admin'] : []),
    ];
    return { arn: `#${index + 1}`, roles, matched: [] };
  });
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
