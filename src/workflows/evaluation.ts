import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { Admission } from '../activities/admit.ts';
import type { ExternalPolicy } from '../activities/external-policies.ts';
import { consequenceOf } from '../domain/admission.ts';
import type { Decision } from '../domain/admission.ts';
import type { Conclusion } from '../domain/conclusion.ts';
import { externalActivity } from '../domain/external-call.ts';
import type { ExternalCall } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Verdict } from '../domain/verdict.ts';
import { activities, localActivities } from './activity-options.ts';
import { isTerminal, toRequestError } from './failures.ts';
import type { Inbox } from './inbox.ts';
import type { Record } from './record.ts';
import { withdraw } from './withdrawal.ts';

/** An admission that has been concluded. */
export type Concluded = Admission & { readonly conclusion: Conclusion };

const SUMMARY = 'Read the facts and ask every policy';

/**
 * Asks the policies: quickly in a local activity, and if that fails in a way that may pass, patiently in an ordinary one.
 * Policies with I/O of their own are asked in activities of their own. While any of that takes long, the request can be
 * withdrawn.
 */
export async function evaluate(record: Record, inbox: Inbox): Promise<Concluded | 'withdrawn'> {
  const { request } = record.view;
  const first = await quickly(request);
  if (first && isConcluded(first)) return first;
  return unlessWithdrawn(record, inbox, () => thoroughly(request, first));
}

async function quickly(request: JoinRequest): Promise<Admission | undefined> {
  try {
    return await localActivities(SUMMARY).admit(request);
  } catch (error) {
    if (isTerminal(error)) throw error;
    return undefined;
  }
}

/** Local activities have no place here: they would run beside those of a withdrawal, and replay in another order. */
async function thoroughly(request: JoinRequest, first: Admission | undefined): Promise<Concluded> {
  const admission = first ?? (await activities(`${SUMMARY}, as long as it takes`).admit(request));
  if (isConcluded(admission)) return admission;
  const { external, facts, defaultVerdict } = admission;
  const answers = await Promise.all(external.map((call) => ask(call, request, facts)));
  const decisions = [...admission.decisions, ...answers];
  const summary = 'Compose what all policies said';
  const conclusion = await activities(summary).concludeAdmission({ request, decisions, facts, defaultVerdict });
  return { ...admission, decisions, external: [], conclusion };
}

function isConcluded(admission: Admission): admission is Concluded {
  return admission.conclusion !== undefined;
}

async function ask(call: ExternalCall, request: JoinRequest, facts: Facts): Promise<Decision> {
  const { origin, failurePolicy, timeoutMs, retry } = call;
  const { initialMs, maximumMs, maximumAttempts, forMs } = retry;
  const type = externalActivity(origin.binding);
  const proxy = proxyActivities<{ [type: string]: ExternalPolicy }>({
    // A little more than the policy's own time, which gives the better message.
    startToCloseTimeout: timeoutMs + 1_000,
    scheduleToCloseTimeout: forMs,
    heartbeatTimeout: 10_000,
    retry: { initialInterval: initialMs, maximumInterval: maximumMs, maximumAttempts },
    summary: `Ask the policy ${origin.policy}`,
  });
  const startedAt = Date.now();
  const given = Object.fromEntries(call.facts.map((name) => [name, facts[name]]));
  const result: Verdict | Error = await (proxy[type] as ExternalPolicy)(request, given).catch((error: unknown) => {
    const { type: failure, message } = toRequestError(error);
    return new Error(failure === 'PolicyError' ? message : `${failure}: ${message}`);
  });
  return { ...origin, ...consequenceOf(result, origin.enforcement, failurePolicy), elapsedMs: Date.now() - startedAt };
}

async function unlessWithdrawn<T>(record: Record, inbox: Inbox, work: () => Promise<T>): Promise<T | 'withdrawn'> {
  const scope = new CancellationScope();
  let done = false;
  const result = scope.run(work);
  const finished = () => {
    done = true;
  };
  void result.then(finished, finished);
  for (;;) {
    await condition(() => done || inbox.isCancelled() || inbox.hasWithdrawal());
    if (done) return result;
    const withdrawal = inbox.takeWithdrawal();
    if (inbox.isCancelled() || (withdrawal && (await withdraw(withdrawal, record)))) {
      scope.cancel();
      return 'withdrawn';
    }
  }
}
