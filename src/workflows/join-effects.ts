import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { proxyActivities } from '@temporalio/workflow';
import type { ExternalPolicy } from '../activities/external-policies.ts';
import { consequenceOf, type Decision } from '../domain/admission.ts';
import { externalActivity, type ExternalCall } from '../domain/external-call.ts';
import type { Facts } from '../domain/facts.ts';
import type { Effect, EffectValues } from '../domain/join/effects.ts';
import type { AdmitCall } from '../domain/join/evaluation.ts';
import type { NotGranted } from '../domain/join/grant.ts';
import type { State } from '../domain/join/state.ts';
import type { Settings } from '../domain/settings.ts';
import { summaryText } from '../domain/text.ts';
import type { Verdict } from '../domain/verdict.ts';
import { activitiesFor, chimeActivities, rootCause, toRequestError } from './engine/activities.ts';
import type { Effects } from './engine/host.ts';

/** Does what the machine of a request wishes: each effect is one batch of activities, scheduled at once. */
export const joinEffects: Effects<State, Effect, EffectValues, never> = {
  admit: async (effect) => activitiesFor(effect, effect.summary).admit(effect.call),
  askExternal: async ({ admission: { external, facts }, call }) =>
    Promise.all(external.map((one) => askPolicy(one, call, facts))),
  conclude: async (effect) => {
    const { admission, call } = effect;
    const { request, requestedAt, purpose, extension: { askedBy, termDecided } = {}, reassigned = [] } = call;
    const { decisions, facts, defaultVerdict } = admission;
    const asked = { request, requestedAt, purpose, askedBy, termDecided, reassigned };
    const answered = { ...asked, decisions, facts, defaultVerdict };
    return activitiesFor(effect, 'Compose what all policies said').concludeAdmission(answered);
  },

  readRoster: async (effect) => {
    const { request, approvers, askedBy } = effect;
    const by = askedBy === undefined ? {} : { askedBy };
    return activitiesFor(effect, 'Read who could review').readRoster({ request, approvers, ...by });
  },
  confirmRoles: async (effect) => {
    const { request, approvers, of: principals } = effect;
    const activities = activitiesFor(effect, 'Check the roles of the earlier reviewers again');
    return activities.confirmStandings({ principals, request, approvers });
  },
  look: async (effect) => {
    const { request, grant } = effect;
    return activitiesFor(effect, 'Look whether the member is still there').lookAtMembership({ request, grant });
  },

  grant: async ({ request, bearer, settings, tried, validUntil }) => {
    const call = { request, bearer, ...(tried ? { tried } : {}), validUntil };
    const summary = `Add the ${request.type} member`;
    return chimeActivities(summary, bearer, settings).createChannelMembership(call).catch(notGranted);
  },
  findGrant: async ({ request, bearer, settings, tried, firstScheduledAt = Date.now(), forMs }) => {
    const chime = chimeActivities('Look whether an attempt was applied after all', bearer, within(settings, forMs));
    return chime.findMembership({ request, bearer, firstScheduledAt, ...(tried ? { tried } : {}) });
  },
  describe: async ({ request, grant, bearer, settings }) => {
    const chime = chimeActivities('Read what tells the membership from a later one', bearer, settings);
    return chime.lookAtMembership({ request, grant });
  },
  remove: async ({ request, grant, bearer, settings }) => {
    const chime = chimeActivities('Remove the member, if the membership is still ours', bearer, settings);
    return chime.removeMembership({ request, grant });
  },
  findEarlierGrant: async (effect) => {
    const summary = 'Look for what this request had granted before it was reset';
    return activitiesFor(effect, summary, effect.settings.retry).findEarlierGrant();
  },
};

async function askPolicy(external: ExternalCall, call: AdmitCall, facts: Facts): Promise<Decision> {
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
  const about = { answers, requestedAt, purpose, ...(extension ? { askedBy: extension.askedBy } : {}) };
  const result: Verdict | Error = await policy(request, given, {
    ...about,
    ...(now === undefined ? {} : { now }),
  }).catch((error: unknown) => {
    const { type: failure, message } = toRequestError(error);
    return new Error(failure === 'PolicyError' ? message : `${failure}: ${message}`);
  });
  return { ...origin, ...consequenceOf(result, origin.enforcement, failurePolicy), elapsedMs: Date.now() - startedAt };
}

/** A first attempt that was refused changed nothing; after several, or a time-out, nobody knows. */
function notGranted(error: unknown): NotGranted {
  const cause = rootCause(error);
  const failure = error instanceof ActivityFailure && cause instanceof ApplicationFailure ? cause : undefined;
  const { attempt, earlierAttempt = attempt !== 1 } = (failure?.details?.[0] ?? {}) as {
    attempt?: number;
    earlierAttempt?: boolean;
  };
  return {
    outcome: 'failed',
    error: toRequestError(error),
    tooOld: failure?.type === 'AdmissionTooOld',
    mayBeApplied: failure ? earlierAttempt : true,
  };
}

function within({ retry, ...settings }: Settings, forMs: number | undefined): Settings {
  return { ...settings, retry: { ...retry, forMs: Math.min(retry.forMs, forMs ?? retry.forMs) } };
}
