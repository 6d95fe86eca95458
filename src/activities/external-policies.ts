import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Purpose } from '../domain/conclusion.ts';
import { externalActivity } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Answers } from '../domain/view.ts';
import { answersByBinding, isFinal, runPolicy } from '../policies/run-policy.ts';
import { isOn, type PolicyBinding } from '../policies/binding.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { latest } from './facts.ts';

/** Asks one policy, once; Temporal asks again when it fails. */
export type ExternalPolicy = (request: JoinRequest, facts: Facts, more: ExternalMore) => Promise<Verdict>;

/** What a policy learns besides request and facts. */
interface ExternalMore {
  readonly answers: readonly Answers[];
  /** ISO 8601. */
  readonly requestedAt: string;
  readonly purpose: Purpose;
  /** Who asks for a longer term. */
  readonly askedBy?: string;
  /** The workflow's own time, ISO 8601. */
  readonly now?: string;
}

const HEARTBEAT_MS = 1_000;

/** The run and the number of the activity in it: no attempt changes them, and nothing else has both. */
function questionId(): string {
  const { activityId, workflowExecution } = activityInfo();
  return `${workflowExecution?.runId}:${activityId}`;
}

/** One activity for each binding of an external policy, so that each has its own row, attempts and time limits. */
export function createExternalPolicies(set: PolicySet): Record<string, ExternalPolicy> {
  const external = set.bindings.filter((binding) => isOn(binding) && binding.policy.kind === 'external');
  const names = set.bindings.map(({ name }) => name);
  return Object.fromEntries(external.map((binding) => [externalActivity(binding.name), activityOf(binding, names)]));
}

function activityOf(binding: PolicyBinding, bindings: readonly string[]): ExternalPolicy {
  return async (request, facts, { answers, requestedAt, purpose, askedBy, now }) => {
    // Only an activity that heartbeats learns that its request was withdrawn.
    const beating = setInterval(() => heartbeat(), HEARTBEAT_MS);
    const verdict = await runPolicy(binding, {
      request,
      facts,
      bindings,
      now: latest(now),
      purpose,
      askedBy,
      requestedAt: new Date(requestedAt),
      answers: answersByBinding(answers),
      log: (name, message) => log.info(message, { binding: name }),
      signal: cancellationSignal(),
      questionId: questionId(),
    }).finally(() => clearInterval(beating));
    if (!(verdict instanceof Error)) return verdict;
    const nonRetryable = isFinal(verdict);
    throw ApplicationFailure.create({ message: verdict.message, type: 'PolicyError', nonRetryable });
  };
}
