import { progressOf } from '../approval/views.ts';
import type { Panel } from '../approval/panel.ts';
import type { CommandResult } from '../commands.ts';
import { endOfWait } from '../deadlines.ts';
import { toldBinding } from '../told.ts';
import type { RequestView } from '../view.ts';
import type { Common, Extension, Open, State } from './state.ts';

/** The state as the query `state` answers it: everything there is to know. The machine never reads it. */
export function viewOf(state: State): RequestView {
  if (state.state === 'closing') return viewOf(state.was);
  if (state.state !== 'closed') return withDeadline(openView(state));
  const { was, outcome, closedAt, reason, error } = state;
  return defined({
    ...openView(was),
    state: 'closed',
    outcome,
    closedAt,
    ...(reason ? { reason } : {}),
    ...(error ? { error } : {}),
  });
}

function withDeadline(view: RequestView): RequestView {
  const deadline = endOfWait(view);
  return deadline ? { ...view, deadline } : view;
}

function openView(state: Open): RequestView {
  const panel = panelOf(state);
  const extension = extensionOf(state);
  const asked = extension?.approval.panel ?? panel;
  return defined({
    ...commonView(state),
    ...(panel ? { panel } : {}),
    ...(extension ? { extension: extensionView(extension) } : {}),
    ...panelView(asked, state),
    reviewDigest: (state.state === 'active' ? extension?.approval.panel : panel)?.requestDigest,
    ...stateView(state),
  });
}

function commonView(common: Common) {
  const { judged, called, made, expiresAt, earlier: _earlier } = common;
  const { id, runId, request, requestedAt, requesterVerified, notes, answers, override, term } = common;
  return {
    id,
    runId,
    request,
    requestDigest: judged?.requestDigest,
    requesterVerified,
    outcome: null,
    policyDigest: judged?.policyDigest,
    decisions: judged?.decisions ?? [],
    judgedAt: judged?.at,
    composition: judged?.composition,
    facts: judged?.facts ?? {},
    inputs: [],
    answers,
    override,
    notes,
    requestedAt,
    expiresAt,
    bearer: called?.bearer,
    calledSince: called?.since,
    ...made,
    term,
  };
}

/** Where people are with what they are asked now, or were asked last. */
function panelView(panel: Panel | undefined, { judged }: Common) {
  const isAsked = judged?.composition.action !== 'admit' || panel === undefined;
  return {
    requirements: panel && isAsked ? panel.requirements.map(({ requirement }) => requirement) : [],
    progress: panel ? progressOf(panel) : [],
    approvals: panel?.reviews ?? [],
  };
}

function stateView(state: Open): Partial<RequestView> & Pick<RequestView, 'state'> {
  switch (state.state) {
    case 'evaluating':
    case 'granting':
      return { state: state.state };
    case 'waitingForInput':
      return { state: 'pending', waitsFor: 'input', inputs: state.inputs };
    case 'waitingForTime':
      return { state: 'pending', waitsFor: 'time', deferredUntil: state.until };
    case 'waitingForPeople':
      return { state: 'pending', waitsFor: 'people' };
    case 'incident': {
      const { at, during, error, dueAt } = state;
      const reason = state.during === 'removal' ? state.reason : undefined;
      return { state: 'incident', incident: { at, during, error, dueAt }, ...(reason ? { reason } : {}) };
    }
    case 'active':
      return { state: 'active' };
    case 'removing':
      return { state: 'active', reason: state.reason };
  }
}

export function panelOf(state: Open): Panel | undefined {
  return state.state === 'waitingForPeople' ? state.approval.panel : state.earlier;
}

export function extensionOf(state: Open): Extension | undefined {
  if (state.state === 'active') return state.extension;
  return state.state === 'incident' && state.during === 'removal' ? state.extension : undefined;
}

function extensionView({ approval, ...extension }: Extension): NonNullable<RequestView['extension']> {
  return { ...extension, panel: approval.panel };
}

/** Where a request stands, for who reviews or operates it; who approved is in the record and not in an answer. */
export function resultOf({ id, state, outcome, progress }: RequestView): CommandResult {
  const isAnonymous = progress.map((one) => ({ ...one, approvedBy: one.approvedBy.map(() => 'an approver') }));
  return { id, state, outcome, progress: isAnonymous };
}

/** The same for the requester and the member. */
export function disclosedResult(view: RequestView): CommandResult {
  const result = resultOf(view);
  return { ...result, progress: result.progress.filter(({ binding }) => toldBinding(binding, view) === binding) };
}

function defined(value: { readonly [K in keyof RequestView]: RequestView[K] | undefined }): RequestView {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as unknown as RequestView;
}
