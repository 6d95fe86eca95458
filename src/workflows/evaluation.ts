import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { Admission, AdmitCall } from '../activities/admit.ts';
import type { ExternalPolicy } from '../activities/external-policies.ts';
import { consequenceOf } from '../domain/admission.ts';
import type { Decision } from '../domain/admission.ts';
import { reassignedIn } from '../domain/approval/counting.ts';
import { externalActivity } from '../domain/external-call.ts';
import type { ExternalCall } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { Verdict } from '../domain/verdict.ts';
import { activePanel } from '../domain/view.ts';
import { summaryText } from '../domain/text.ts';
import { createAlarm } from './alarm.ts';
import { activities, localActivities } from './activity-options.ts';
import type { Concluded } from './concluded.ts';
import { isTerminal, toRequestError } from './failures.ts';
import type { Run } from './run.ts';
import { withdraw } from './commands/withdraw.ts';

const SUMMARY = 'Read the facts and ask every policy';

/**
 * Asks the policies: quickly in a local activity, and if that fails in a way that may pass, patiently in an ordinary one.
 * Policies with I/O of their own are asked in activities of their own. While any of that takes long, the request can be
 * withdrawn. `about`: what differs from the request as it stands.
 */
export async function evaluate(run: Run, about: Partial<AdmitCall> = {}): Promise<Concluded | 'withdrawn'> {
  const { request, requestedAt, answers, id } = run.record.view;
  const panel = activePanel(run.record.view);
  // By the clock that timers go by: a deferral that is over must be over for the policies, too.
  const now = new Date().toISOString();
  const reassigned = panel ? reassignedIn(panel) : [];
  const asked = { request, purpose: 'join', requestedAt, answers, workflowId: id, now, reassigned } as const;
  const call: AdmitCall = { ...asked, asker: null, ...about };
  // Of a child, the onboarding is asked: a local activity would hold a place that the answer may need.
  const first = call.asker?.isChild ? undefined : await quickly(call);
  const isDone = first && isConcluded(first) && seesOthers(first);
  const concluded = isDone ? first : await slowly(run, call, first);
  if (concluded !== 'withdrawn') run.record.keep(concluded);
  return concluded;
}

async function slowly(run: Run, call: AdmitCall, first: Admission | undefined): Promise<Concluded | 'withdrawn'> {
  // Before this nobody could see a new request: a local activity holds back what is shown.
  run.record.update({});
  return unlessWithdrawn(run, () => thoroughly(run, call, first));
}

async function quickly(call: AdmitCall): Promise<Admission | undefined> {
  try {
    return await localActivities(SUMMARY).admit(call);
  } catch (error) {
    if (isTerminal(error)) throw error;
    return undefined;
  }
}

/** Local activities have no place here: they would run beside those of a withdrawal, and replay in another order. */
async function thoroughly(run: Run, call: AdmitCall, first: Admission | undefined): Promise<Concluded> {
  const found = first ?? (await activities(`${SUMMARY}, as long as it takes`).admit(call));
  const admission = seesOthers(found) ? found : await onceListed(run, call, found);
  if (isConcluded(admission)) return admission;
  const { external, facts, defaultVerdict } = admission;
  const asked = await Promise.all(external.map((one) => ask(one, call, facts)));
  const decisions = [...admission.decisions, ...asked];
  const { request, requestedAt, purpose, extension: { askedBy, termDecided } = {}, reassigned = [] } = call;
  const answered = {
    request,
    requestedAt,
    decisions,
    facts,
    defaultVerdict,
    purpose,
    askedBy,
    termDecided,
    reassigned,
  };
  const conclusion = await activities('Compose what all policies said').concludeAdmission(answered);
  return { ...admission, decisions, external: [], conclusion };
}

/** Of two requests in the same moment, neither would see the other before both are listed. One that is denied anyway is in nobody's way. */
function seesOthers({ decisions, external, facts, conclusion }: Admission): boolean {
  if (conclusion?.composition.action === 'deny') return true;
  const reading = [...decisions.map((one) => one.facts ?? []), ...external.map((one) => one.facts)];
  return facts.history?.value.isListed !== false || !reading.some((names) => names.includes('history'));
}

async function onceListed({ record }: Run, call: AdmitCall, { listedAs, proof }: Admission): Promise<Admission> {
  record.list(listedAs);
  const again = { ...call, asker: null, isListed: true };
  const admission = await activities('See other requests, and ask every policy once more').admit(again);
  return { ...admission, ...(proof ? { proof } : {}) };
}

function isConcluded(admission: Admission): admission is Concluded {
  return admission.conclusion !== undefined;
}

async function ask(external: ExternalCall, call: AdmitCall, facts: Facts): Promise<Decision> {
  const { origin, failurePolicy, timeoutMs, retry } = external;
  const { initialMs, maximumMs, maximumAttempts, forMs } = retry;
  const type = externalActivity(origin.binding);
  const proxy = proxyActivities<{ [type: string]: ExternalPolicy }>({
    // A little more than the policy's own time, which gives the better message.
    startToCloseTimeout: timeoutMs + 1_000,
    scheduleToCloseTimeout: forMs,
    heartbeatTimeout: 10_000,
    retry: { initialInterval: initialMs, maximumInterval: maximumMs, maximumAttempts },
    summary: summaryText(`Ask the policy ${origin.policy}`),
  });
  const startedAt = Date.now();
  const given = Object.fromEntries(external.facts.map((name) => [name, facts[name]]));
  const { request, answers, requestedAt, purpose, extension, now } = call;
  const policy = proxy[type] as ExternalPolicy;
  const result: Verdict | Error = await policy(request, given, {
    answers,
    requestedAt,
    purpose,
    ...(extension ? { askedBy: extension.askedBy } : {}),
    ...(now === undefined ? {} : { now }),
  }).catch((error: unknown) => {
    const { type: failure, message } = toRequestError(error);
    return new Error(failure === 'PolicyError' ? message : `${failure}: ${message}`);
  });
  return { ...origin, ...consequenceOf(result, origin.enforcement, failurePolicy), elapsedMs: Date.now() - startedAt };
}

/** Does something that may take long, unless the request is withdrawn, or the membership ends or is to end, meanwhile. */
export async function unlessWithdrawn<T>({ record, inbox }: Run, work: () => Promise<T>): Promise<T | 'withdrawn'> {
  const scope = new CancellationScope();
  const alarm = createAlarm();
  const { state, term } = record.view;
  if (state === 'active' && term) alarm.set(Date.parse(term.endsAt), `The term ends ${term.endsAt}`);
  const ends = () => inbox.isCancelled() || inbox.hasRevocation() || alarm.isDue();
  let done = false;
  const result = scope.run(work);
  const finished = () => {
    done = true;
  };
  void result.then(finished, finished);
  try {
    for (;;) {
      await condition(() => done || ends() || inbox.hasWithdrawal());
      if (done) return await result;
      const withdrawal = inbox.takeWithdrawal();
      if (ends() || (withdrawal && (await withdraw(withdrawal, record)))) {
        scope.cancel();
        return 'withdrawn';
      }
    }
  } finally {
    alarm.stop();
  }
}
