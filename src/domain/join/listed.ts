import type { JoinRequest } from '../request.ts';
import type { Attributes } from '../search-attributes.ts';
import { viewOf } from './project.ts';
import { openOf } from './notes.ts';
import type { State } from './state.ts';

/** What lists show of a request from its first moment, until its first turn is over: whoever starts it gives these with the start. */
export function attributesAtFirst({ channelArn, type }: JoinRequest): Attributes {
  return { AdmissionState: 'evaluating', AdmissionChannel: channelArn, AdmissionType: type };
}

/** What lists show of a request. Until its first admission nobody is named. */
export function attributesOf(state: State): Attributes {
  const view = viewOf(state);
  const { judged, early } = openOf(state);
  const listedAs = judged?.context.listedAs ?? early;
  const { request, outcome, policyDigest, deadline, reason, waitsFor, extension } = view;
  const longer = view.state === 'active' && extension ? 'people' : null;
  return {
    ...attributesAtFirst(request),
    AdmissionState: view.state,
    AdmissionOutcome: outcome,
    AdmissionMember: request.type === 'HIDDEN' ? null : (listedAs?.member ?? null),
    AdmissionParties: listedAs ? listedAs.parties : null,
    AdmissionPolicyDigest: policyDigest ?? null,
    AdmissionCode: reason?.code ?? null,
    AdmissionWaitsOn: view.state === 'pending' ? (waitsFor ?? null) : longer,
    AdmissionDueAt: deadline?.at ?? null,
  };
}

/** When it was asked for, where the start of the run does not tell: the run goes on from an earlier one. */
export function memoOf(state: State) {
  const { runId, firstRunId, requestedAt } = openOf(state);
  return runId === firstRunId ? {} : { admission: { requestedAt } };
}
