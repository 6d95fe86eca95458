import { cancellationSignal, log } from '@temporalio/activity';
import type { FactReader } from '../chime/facts.ts';
import type { DefaultVerdict, Decision } from '../domain/admission.ts';
import { HOST_FACTS } from '../domain/conclusion.ts';
import type { Answered, Conclusion } from '../domain/conclusion.ts';
import type { ExternalCall } from '../domain/external-call.ts';
import { FACT_NAMES } from '../domain/facts.ts';
import type { FactName, Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Settings } from '../domain/settings.ts';
import { evaluate } from '../policies/evaluate.ts';
import { createOwnFacts } from '../policies/own-facts.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { checkedBearer } from './bearers.ts';
import { chimeFailure } from './chime-failure.ts';
import { conclude } from './conclude.ts';

/** The record of one admission, as it stands in the history. */
export interface Admission {
  readonly decisions: readonly Decision[];
  readonly facts: Facts;
  readonly policyDigest: string;
  readonly defaultVerdict: DefaultVerdict;
  /** Policies that do I/O of their own are still to be asked; then there is no conclusion yet. */
  readonly external: readonly ExternalCall[];
  readonly conclusion?: Conclusion;
  readonly serviceBearer: string;
  readonly settings: Settings;
}

export interface AdmitDependencies {
  readonly policySet: PolicySet;
  readonly facts: FactReader;
  readonly bearers: readonly string[];
  readonly settings: Settings;
}

export function createAdmitActivities({ policySet, facts: chimeFacts, bearers, settings }: AdmitDependencies) {
  const own = createOwnFacts(policySet);

  /** Reads facts of Chime, which fail the activity when they cannot be read, and facts of policies, which do not. */
  function factsFor(request: JoinRequest, bearer: string): (names: readonly string[]) => Promise<Facts> {
    const signal = cancellationSignal();
    const readChime = chimeFacts.open(request, { channelArn: request.channelArn, bearer, signal });
    return async (names) => {
      const others = names.filter((name) => !isHostFact(name));
      const [chime, rest] = await Promise.all([
        readChime(names.filter(isHostFact)).catch((error: unknown) => {
          throw chimeFailure(error);
        }),
        Promise.all(others.map(async (name) => [name, await own.read(name, request, signal)] as const)),
      ]);
      return { ...chime, ...Object.fromEntries(rest) };
    };
  }

  return {
    /** Reads the facts, runs every policy that decides from facts alone, and, if that is all, composes what they say. */
    async admit(request: JoinRequest): Promise<Admission> {
      const serviceBearer = checkedBearer(request, bearers);
      const readFacts = factsFor(request, serviceBearer);
      const evaluation = await evaluate(policySet, request, {
        readFacts,
        always: HOST_FACTS,
        log: (binding, message) => log.info(message, { binding }),
      });
      const { defaultVerdict, digest: policyDigest } = policySet;
      const admission = { ...evaluation, policyDigest, defaultVerdict, serviceBearer, settings };
      if (evaluation.external.length > 0) return admission;
      const { decisions, facts } = evaluation;
      const conclusion = await conclude({ request, decisions, facts, defaultVerdict }, () => readFacts(['approvers']));
      return { ...admission, conclusion };
    },

    /** Composes the decisions of all policies, after the external ones have answered. */
    async concludeAdmission(answered: Answered): Promise<Conclusion> {
      const bearer = checkedBearer(answered.request, bearers);
      return conclude(answered, () => factsFor(answered.request, bearer)(['approvers']));
    },
  };
}

function isHostFact(name: string): name is FactName {
  return (FACT_NAMES as readonly string[]).includes(name);
}
