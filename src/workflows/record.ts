import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { progressOf } from '../domain/approval/views.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { JoinRequest } from '../domain/request.ts';
import { MAX_KEYWORD_LENGTH, SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';
import type { ListedAs, SearchAttribute } from '../domain/search-attributes.ts';
import { activePanel, newView } from '../domain/view.ts';
import type { Note, RequestError, RequestView } from '../domain/view.ts';
import type { Carried, Kept, Phase } from './carried.ts';
import { currentDetails } from './details.ts';
import type { Concluded } from './concluded.ts';
import { createMemory } from './memory.ts';
import type { Memory } from './memory.ts';

/** What is to be different; `undefined` takes a field away. */
export type Changes = { readonly [K in keyof RequestView]?: RequestView[K] | undefined };

/** The one record of a request in its workflow: what the query `state` answers. Every change of it goes through `update`. */
export interface Record {
  readonly view: RequestView;
  /** Of the last admission; none before the first. */
  readonly kept: Kept | undefined;
  readonly memory: Memory;
  /** Changes the record and shows it: search attributes, memo and details. */
  update(changes: Changes): void;
  /** Shows who its people are before it is admitted, so that other requests can see it. */
  list(as: ListedAs): void;
  /** Remembers what an admission said that is needed later, and when. */
  keep(admission: Concluded): void;
  /** One more line of what happened. */
  note(note: Note, changes?: Changes): void;
  close(outcome: Outcome, changes?: Changes): RequestView;
  /** Closes as failed; throws the failure that the workflow ends with. */
  fail(error: RequestError): never;
  carried(phase: Phase, kept: Kept): Carried;
}

export function createRecord(request: JoinRequest, carried: Carried | undefined): Record {
  let view: RequestView = carried ? { ...carried.view, runId: workflowInfo().runId } : begun(request);
  let kept = carried?.kept;
  let early: ListedAs | undefined;
  const memory = createMemory(carried);
  const show = createShow();
  const update = (changes: Changes) => {
    const entries = Object.entries({ ...view, ...changes, ...ofPanel(changes), reviewDigest: undefined });
    const next = Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as RequestView;
    const reviewDigest = activePanel(next)?.requestDigest;
    view = reviewDigest === undefined ? next : { ...next, reviewDigest };
    show(view, kept?.listedAs ?? early);
  };
  const close = (outcome: Outcome, changes: Changes = {}) => {
    update({ ...changes, state: 'closed', outcome, closedAt: new Date().toISOString() });
    return view;
  };
  return {
    get view() {
      return view;
    },
    get kept() {
      return kept;
    },
    memory,
    update,
    close,
    list(as) {
      early = as;
      update({});
    },
    keep({ settings, serviceBearer, listedAs, conclusion: { executor, term, validForMs } }) {
      const validFor = Math.min(settings.validForMs, validForMs ?? Number.MAX_SAFE_INTEGER);
      const common = { settings, serviceBearer, listedAs, executor, admittedAt: Date.now(), validForMs: validFor };
      kept = { ...common, ...(term ? { term } : {}) };
    },
    note: (note, changes = {}) => update({ ...changes, notes: [...view.notes, note].slice(-MAX_NOTES) }),
    fail(error) {
      close('failed', { error });
      throw ApplicationFailure.nonRetryable(error.message, error.type, error, view);
    },
    carried: (phase, stands) => ({ phase, view, kept: stands, ...memory.carried() }),
  };
}

const MAX_NOTES = 200;

function begun(request: JoinRequest): RequestView {
  const { workflowId: id, runId, startTime } = workflowInfo();
  return newView({ id, runId, request, requestedAt: startTime.toISOString() });
}

/** What of the panel is told on its own. */
function ofPanel(changes: Changes): Partial<RequestView> {
  const panel = changes.extension?.panel ?? changes.panel;
  if (!panel) return {};
  return {
    requirements: panel.requirements.map(({ requirement }) => requirement),
    progress: progressOf(panel),
    approvals: panel.reviews,
  };
}

function createShow(): (view: RequestView, listedAs: ListedAs | undefined) => void {
  const [showAttributes, showMemo] = [whenChanged(upsertSearchAttributes), whenChanged(upsertMemo)];
  return (view, listedAs) => {
    showAttributes(attributesOf(view, listedAs));
    // Details need a worker to answer; the memo can be read without one.
    showMemo({ admission: memoOf(view) });
    setCurrentDetails(currentDetails(view));
  };
}

/** Each of these is an event of the history: nothing is shown twice. */
function whenChanged<T>(put: (value: T) => void): (value: T) => void {
  let before: string | undefined;
  return (value) => {
    const text = JSON.stringify(value);
    if (text !== before) put(value);
    before = text;
  };
}

/** `listedAs` is not known before the first admission: until then nobody is named. */
function attributesOf(view: RequestView, listedAs: ListedAs | undefined): SearchAttributeUpdatePair[] {
  const { request, state, outcome, policyDigest } = view;
  const dueAt = currentDueAt(view);
  return [
    keyword('AdmissionState', state),
    keyword('AdmissionOutcome', outcome),
    keyword('AdmissionChannel', request.channelArn),
    keyword('AdmissionMember', request.type === 'HIDDEN' ? null : (listedAs?.member ?? null)),
    { key: PARTIES, value: listedAs ? [...listedAs.parties] : null },
    keyword('AdmissionType', request.type),
    keyword('AdmissionPolicyDigest', policyDigest ?? null),
    { key: defineSearchAttributeKey('AdmissionDueAt', 'DATETIME'), value: dueAt ? new Date(dueAt) : null },
  ];
}

function memoOf(view: RequestView) {
  const { state, outcome, reason, waitsFor, extension, requestedAt } = view;
  const longer = state === 'active' && extension ? 'people' : null;
  const waiting = state === 'pending' ? (waitsFor ?? null) : longer;
  const dueAt = currentDueAt(view) ?? null;
  return { state, outcome, code: reason?.code ?? null, dueAt, waitsFor: waiting, requestedAt };
}

/** When the state that a request is in ends by itself. */
function currentDueAt({ state, dueAt, incident, term }: RequestView): string | undefined {
  if (state === 'active') return term?.endsAt;
  return state === 'incident' ? incident?.dueAt : dueAt;
}

const PARTIES = defineSearchAttributeKey('AdmissionParties', 'KEYWORD_LIST');

type Keyword = Exclude<SearchAttribute, 'AdmissionDueAt' | 'AdmissionParties'>;

function keyword(name: Keyword, value: string | null): SearchAttributeUpdatePair {
  const key = defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]);
  return { key, value: value?.slice(0, MAX_KEYWORD_LENGTH) ?? null };
}
