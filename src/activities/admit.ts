import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Proof } from '../domain/actor.ts';
import { REQUEST_JOIN } from '../domain/commands.ts';
import { HOST_FACTS, MissingFactError, type Answered, type Conclusion } from '../domain/conclusion.ts';
import type { Facts } from '../domain/facts.ts';
import type { Admission, AdmitCall } from '../domain/join/evaluation.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { Settings } from '../domain/settings.ts';
import { digestOf } from '../identity/digest.ts';
import type { Prover } from '../identity/prover.ts';
import { conclude } from '../policies/conclude.ts';
import { evaluate } from '../policies/evaluate.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { answersByBinding } from '../policies/run-policy.ts';
import { isOfOtherKey, listedAs } from '../workflow-id.ts';
import { checkedBearer } from './chime-failure.ts';
import { latest, factsFor, type FactSources } from './facts.ts';
import { forReviewers, readHistory } from './history.ts';
import { vouchedFor } from './origin.ts';
import { assertFirstUse } from './use-once.ts';

export interface AdmitDependencies extends FactSources {
  readonly policySet: PolicySet;
  readonly prover: Prover;
  readonly settings: Settings;
  /** Of the workflows that are ours. */
  readonly taskQueue: string;
  /** Keeps ids and attributes from being computed by others. */
  readonly idKey?: string | undefined;
}

const OTHER_KEY = {
  type: 'InvalidRequest',
  message: 'The id of this request was derived with another ADMISSION_ID_KEY than the one of this worker.',
  field: 'id',
  accepted: 'the same ADMISSION_ID_KEY for workers and for those who ask',
};

export function createAdmitActivities(dependencies: AdmitDependencies) {
  const { policySet, prover, settings, idKey, taskQueue, ...sources } = dependencies;
  /** Nothing is read for somebody who is not who they say. */
  async function prove(call: AdmitCall, requestDigest: string): Promise<{ proof?: Proof }> {
    const { request, asker, workflowId, requestedAt } = call;
    if (asker === null) return {};
    const vouched = asker.isChild && !asker.actor ? await vouchedFor(request, taskQueue) : undefined;
    if (vouched) return { proof: vouched };
    if (isOfOtherKey(workflowId, request, idKey)) {
      throw ApplicationFailure.nonRetryable(OTHER_KEY.message, OTHER_KEY.type, OTHER_KEY);
    }
    const what = { command: REQUEST_JOIN, workflowId, payload: request, requestDigest };
    // As of its start: an outage may have put off this check for hours.
    const proof = await prover.prove(asker.actor, what, { at: new Date(requestedAt) });
    if (isRefusal(proof)) throw ApplicationFailure.nonRetryable(proof.message, 'Unauthenticated', proof);
    await assertFirstUse(proof.assertion, { by: asker.firstRunId ?? workflowId, taskQueue });
    return { proof };
  }

  return {
    /** Proves who asks, reads the facts, runs every policy that decides from facts alone, and, if that is all, composes what they say. */
    async admit(call: AdmitCall): Promise<Admission> {
      const { request, purpose, extension, reassigned = [] } = call;
      const { askedBy, termDecided = false } = extension ?? {};
      const requestDigest = digestOf(request);
      const reviewDigest = extension ? digestOf(extension.subject) : requestDigest;
      const proved = await prove(call, requestDigest);
      const serviceBearer = checkedBearer(request, sources.bearers);
      const others = { request, requestedAt: call.requestedAt, waits: call.isListed === true };
      const history = async () => readHistory(others, { taskQueue, idKey });
      const readFacts = factsFor(request, sources, { fresh: call.fresh, askedBy, purpose, history });
      const evaluation = await evaluate(policySet, request, {
        readFacts,
        always: HOST_FACTS,
        log: (binding, message) => log.info(message, { binding }),
        now: latest(call.now),
        purpose,
        askedBy,
        requestedAt: new Date(call.requestedAt),
        answers: answersByBinding(call.answers),
      });
      const { defaultVerdict, digest: policyDigest } = policySet;
      const listed = { listedAs: listedAs({ ...request, isHidden: request.type === 'HIDDEN' }, idKey) };
      const digests = { policyDigest, requestDigest, reviewDigest };
      const about = { ...digests, defaultVerdict, serviceBearer, settings, ...listed, ...proved };
      if (evaluation.external.length > 0) return { ...evaluation, ...about };
      const { decisions, facts } = evaluation;
      const answered = { request, purpose, askedBy, termDecided, decisions, facts, defaultVerdict, reassigned };
      const conclusion = await concluded(answered, () => readFacts(['approvers']));
      return { ...evaluation, ...about, conclusion: await forReviewers(conclusion, history) };
    },

    /** Composes the decisions of all policies, after the external ones have answered. */
    async concludeAdmission(answered: Answered & { readonly requestedAt: string }): Promise<Conclusion> {
      const { request, purpose, askedBy, requestedAt } = answered;
      checkedBearer(request, sources.bearers);
      const read = factsFor(request, sources, { askedBy, purpose });
      const conclusion = await concluded(answered, () => read(['approvers']));
      return forReviewers(conclusion, async () =>
        readHistory({ request, requestedAt, waits: false }, { taskQueue, idKey }),
      );
    },
  };
}

/** What all decisions came to. A fact that is missing is a mistake of ours, and asking again cannot help. */
async function concluded(answered: Answered, readApprovers: () => Promise<Facts>): Promise<Conclusion> {
  try {
    return await conclude(answered, readApprovers);
  } catch (error) {
    if (!(error instanceof MissingFactError)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'InternalError');
  }
}
