import { cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { externalActivity } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Verdict } from '../domain/verdict.ts';
import { isOn } from '../policies/binding.ts';
import type { PolicyBinding } from '../policies/binding.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { isFinal, runPolicy } from '../policies/run-policy.ts';

/** Asks one policy, once; Temporal asks again when it fails. */
export type ExternalPolicy = (request: JoinRequest, facts: Facts) => Promise<Verdict>;

const HEARTBEAT_MS = 1_000;

/** One activity for each binding of an external policy, so that each has its own row, attempts and time limits. */
export function createExternalPolicies(set: PolicySet): Record<string, ExternalPolicy> {
  const external = set.bindings.filter((binding) => isOn(binding) && binding.policy.kind === 'external');
  return Object.fromEntries(external.map((binding) => [externalActivity(binding.name), activityOf(binding)]));
}

function activityOf(binding: PolicyBinding): ExternalPolicy {
  return async (request, facts) => {
    // Only an activity that heartbeats learns that its request was withdrawn.
    const beating = setInterval(() => heartbeat(), HEARTBEAT_MS);
    const verdict = await runPolicy(binding, {
      request,
      facts,
      now: new Date(),
      log: (name, message) => log.info(message, { binding: name }),
      signal: cancellationSignal(),
    }).finally(() => clearInterval(beating));
    if (!(verdict instanceof Error)) return verdict;
    const nonRetryable = isFinal(verdict);
    throw ApplicationFailure.create({ message: verdict.message, type: 'PolicyError', nonRetryable });
  };
}
