import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { FactReader } from '../chime/facts.ts';
import { compose, withApprovers, withMembership } from '../domain/admission.ts';
import type { Composition, Decision } from '../domain/admission.ts';
import { mayCreateMembership } from '../domain/facts.ts';
import type { FactName, Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Settings } from '../domain/settings.ts';
import type { Requirement } from '../domain/verdict.ts';
import { evaluate } from '../policies/evaluate.ts';
import { factsOf } from '../policies/policy-set.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { checkedBearer } from './bearers.ts';
import { chimeFailure } from './chime-failure.ts';

/** The record of one admission, as it stands in the history. */
export interface Admission {
  readonly composition: Composition;
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly policyDigest: string;
  /** Who makes the call unless an approver does: the explicit bearer, or the requester where Chime lets them. */
  readonly executor: string | null;
  readonly serviceBearer: string;
  readonly settings: Settings;
}

export interface AdmitDependencies {
  readonly policySet: PolicySet;
  readonly facts: FactReader;
  readonly bearers: readonly string[];
  readonly settings: Settings;
}

/** The host's own rules look at these, whatever the policies need. */
const HOST_FACTS: FactName[] = ['channel', 'requester.role', 'member.membership'];

/** Reads the facts, runs every policy, composes what they say, and applies the host's own rules. */
export function createAdmit({ policySet, facts: reader, bearers, settings }: AdmitDependencies) {
  return async function admit(request: JoinRequest): Promise<Admission> {
    const serviceBearer = checkedBearer(request, bearers);
    const scope = { channelArn: request.channelArn, bearer: serviceBearer, signal: cancellationSignal() };
    const read = async (names: readonly FactName[]) => {
      try {
        return await reader.read(request, names, scope);
      } catch (error) {
        throw chimeFailure(error);
      }
    };

    let facts = await read([...new Set([...HOST_FACTS, ...factsOf(policySet)])]);
    const decisions = await evaluate(policySet, request, facts, (binding, message) => log.info(message, { binding }));
    const membership = valueOf(facts, 'member.membership');
    let composition = withMembership(compose(decisions, policySet.defaultVerdict), request, membership);
    if (composition.action === 'pend') {
      facts = { ...facts, ...(await read(['approvers'])) };
      composition = withApprovers(composition, eligibleFor(facts));
    }
    const executor = executorOf(request, facts);
    return { composition, decisions, facts, policyDigest: policySet.digest, executor, serviceBearer, settings };
  };
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

function valueOf<N extends FactName>(facts: Facts, name: N): NonNullable<Facts[N]>['value'] {
  const fact = facts[name];
  if (!fact) throw ApplicationFailure.nonRetryable(`the fact ${name} was not read`, 'InternalError');
  return fact.value;
}
