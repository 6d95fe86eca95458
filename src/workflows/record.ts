import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { Outcome } from '../domain/outcome.ts';
import type { JoinRequest } from '../domain/request.ts';
import { MAX_KEYWORD_LENGTH, SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import type { SearchAttribute } from '../domain/search-attributes.ts';
import type { RequestError, RequestView } from '../domain/view.ts';
import { currentDetails } from './details.ts';

/** The one record of a request in its workflow: what the query `state` answers. Every change of it goes through `update`. */
export interface Record {
  readonly view: RequestView;
  /** Changes the record and shows it: search attributes, memo and details. */
  update(changes: Partial<RequestView>): void;
  close(outcome: Outcome, changes?: Partial<RequestView>): RequestView;
  /** Closes as failed; throws the failure that the workflow ends with. */
  fail(error: RequestError): never;
}

export function createRecord(request: JoinRequest): Record {
  const { workflowId, runId, startTime } = workflowInfo();
  let view: RequestView = {
    id: workflowId,
    runId,
    request,
    state: 'evaluating',
    outcome: null,
    decisions: [],
    facts: {},
    requirements: [],
    progress: [],
    approvals: [],
    requestedAt: startTime.toISOString(),
  };
  const update = (changes: Partial<RequestView>) => {
    view = { ...view, ...changes };
    show(view);
  };
  const close = (outcome: Outcome, changes: Partial<RequestView> = {}) => {
    update({ ...changes, state: 'closed', outcome, closedAt: new Date().toISOString() });
    return view;
  };
  return {
    get view() {
      return view;
    },
    update,
    close,
    fail(error) {
      close('failed', { error });
      throw ApplicationFailure.nonRetryable(error.message, error.type, error, view);
    },
  };
}

function show(view: RequestView): void {
  const { request, state, outcome, reason, policyDigest, dueAt } = view;
  upsertSearchAttributes([
    keyword('AdmissionState', state),
    keyword('AdmissionOutcome', outcome),
    keyword('AdmissionChannel', request.channelArn),
    keyword('AdmissionMember', request.type === 'HIDDEN' ? null : request.memberArn),
    keyword('AdmissionType', request.type),
    keyword('AdmissionPolicyDigest', policyDigest ?? null),
    { key: defineSearchAttributeKey('AdmissionDueAt', 'DATETIME'), value: dueAt ? new Date(dueAt) : null },
  ]);
  // Details need a worker to answer; the memo can be read without one.
  upsertMemo({ admission: { state, outcome, code: reason?.code ?? null, dueAt: dueAt ?? null } });
  setCurrentDetails(currentDetails(view));
}

function keyword(name: Exclude<SearchAttribute, 'AdmissionDueAt'>, value: string | null): SearchAttributeUpdatePair {
  const key = defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]);
  return { key, value: value?.slice(0, MAX_KEYWORD_LENGTH) ?? null };
}
