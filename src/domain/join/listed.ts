import type { Attributes } from '../search-attributes.ts';
import { viewOf } from './project.ts';
import { openOf } from './notes.ts';
import type { State } from './state.ts';

/** What lists show of a request. Until its first admission nobody is named. */
export function attributesOf(state: State): Attributes {
  const view = viewOf(state);
  const { judged, early } = openOf(state);
  const listedAs = judged?.context.listedAs ?? early;
  const { request, outcome, policyDigest, deadline } = view;
  return {
    AdmissionState: view.state,
    AdmissionOutcome: outcome,
    AdmissionChannel: request.channelArn,
    AdmissionMember: request.type === 'HIDDEN' ? null : (listedAs?.member ?? null),
    AdmissionParties: listedAs ? listedAs.parties : null,
    AdmissionType: request.type,
    AdmissionPolicyDigest: policyDigest ?? null,
    AdmissionDueAt: deadline?.at ?? null,
  };
}

/** Lists read it without a worker. */
export function memoOf(state: State) {
  const view = viewOf(state);
  const { outcome, reason, waitsFor, extension, requestedAt, deadline } = view;
  const longer = view.state === 'active' && extension ? 'people' : null;
  const waiting = view.state === 'pending' ? (waitsFor ?? null) : longer;
  const dueAt = deadline?.at ?? null;
  return {
    admission: { state: view.state, outcome, code: reason?.code ?? null, dueAt, waitsFor: waiting, requestedAt },
  };
}
