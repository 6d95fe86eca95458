import type { JoinRequest } from '../request.ts';
import { same } from '../same.ts';
import type { RequestError, RequestView } from '../view.ts';
import type { Reason } from '../admission.ts';
import { NOT_ADMITTED, toldError, toldReason } from '../told.ts';
import { failStep, finish } from './ending.ts';
import { stateOf, stepOf, withStep } from './steps.ts';
import type { Child, OnboardingRecord, OnboardingView } from './state.ts';
import type { StepOf } from './step.ts';

/** What an onboarding needs to know of a request that it made. */
export interface ChildView extends Pick<RequestView, 'state' | 'outcome' | 'grant' | 'error'> {
  readonly reason?: Omit<Reason, 'visibility'>;
}

/** As much of a request as everybody may know who may see an onboarding: no more than its requester, were they an outsider. */
export function childView(view: RequestView): ChildView {
  const { 'requester.role': _, ...facts } = view.facts;
  const seen = { ...view, facts };
  const { state, outcome, grant, error } = view;
  const reason = toldReason(seen);
  return {
    state,
    outcome,
    ...(grant ? { grant } : {}),
    ...(reason ? { reason } : {}),
    ...(error ? { error: toldError(error, seen) } : {}),
  };
}

/** The request that a join step makes, in the name of who asked for the onboarding. */
export function requestOf(
  record: {
    readonly flow: { readonly name: string };
    readonly member: { readonly arn: string };
    readonly requestedBy: string;
  },
  step: StepOf<'join'>,
): JoinRequest {
  const { channelArn, type, subChannelId, term } = step;
  return {
    channelArn,
    memberArn: record.member.arn,
    requestedBy: record.requestedBy,
    type,
    reason: `The step ${step.id} of the onboarding ${record.flow.name}`,
    ...(subChannelId === undefined ? {} : { subChannelId }),
    ...(term === undefined ? {} : { term }),
  };
}

/** Whether the join step that is being taken makes this request, or a join step has made it. */
export function hasMade(
  view: OnboardingView,
  { id, firstRunId }: { readonly id: string; readonly firstRunId: string },
  request: JoinRequest,
): boolean {
  return view.steps.some(({ id: name, status, child }) => {
    const step = stepOf(view, name);
    if (step?.kind !== 'join' || !same(requestOf(view, step), request)) return false;
    // It starts the request first, and only then knows which run that is.
    return child
      ? child.id === id && child.firstRunId === firstRunId
      : status === 'now' && view.requestIds?.[name] === id;
  });
}

export function withChild(record: OnboardingRecord, id: string, child: Child): OnboardingRecord {
  return withStep(record, id, { child, error: undefined });
}

/** A request says that something changed. Anybody can say so, and nothing is believed yet: it will be looked at. */
export function hint(record: OnboardingRecord, childId: string): OnboardingRecord {
  const found = record.steps.find(
    ({ child }) => child?.id === childId && child.state === 'open' && child.look === undefined,
  );
  return found?.child ? withStep(record, found.id, { child: { ...found.child, look: true } }) : record;
}

/** A request is being looked at: whatever it says from now on is a reason to look again. */
export function looking(record: OnboardingRecord, id: string): OnboardingRecord {
  const child = stateOf(record, id)?.child;
  if (!child) return record;
  const { look: _, ...known } = child;
  return withStep(record, id, { child: known });
}

/**
 * Takes over how a request stands, as read from itself. A membership that was there before is no grant: it is never
 * removed.
 */
export function report(record: OnboardingRecord, id: string, view: ChildView, at: number): OnboardingRecord {
  const child = stateOf(record, id)?.child;
  const step = stepOf(record, id);
  if (child?.state !== 'open' || step?.kind !== 'join') return record;
  // Whatever it means for the step has to wait: it is looked at again afterwards.
  if (record.state === 'paused') return hint(record, child.id);
  const state = view.state === 'closed' ? 'closed' : view.state === 'active' ? 'active' : 'open';
  const seen = withStep(record, id, { child: { ...child, state, outcome: view.outcome } });
  if (state === 'open') return seen;
  const joined = state === 'active' || view.outcome === 'joined';
  const granted = joined && view.grant ? withGrant(seen, id, step, view.grant) : seen;
  // Who had it taken back has decided already what becomes of the step.
  if (stateOf(record, id)?.status !== 'now' || child.withdraw !== undefined) return granted;
  // A term that ended while nobody looked had begun: the member had joined.
  const isDone = joined || view.outcome === 'alreadyMember' || view.outcome === 'revoked';
  return isDone ? finish(granted, id, at) : failStep(granted, id, errorOf(view), at);
}

function withGrant(
  record: OnboardingRecord,
  step: string,
  declared: StepOf<'join'>,
  grant: NonNullable<RequestView['grant']>,
): OnboardingRecord {
  return { ...record, grants: [...record.grants, { step, request: requestOf(record, declared), grant }] };
}

function errorOf({ outcome, reason, error }: ChildView): RequestError {
  if (error) return error;
  const type = outcome === 'denied' ? 'JoinDenied' : outcome === 'expired' ? 'JoinExpired' : 'JoinWithdrawn';
  if (reason && reason.code !== NOT_ADMITTED.code) return { type, message: `${reason.code}: ${reason.message}` };
  return { type, message: `The request to join was ${outcome ?? 'ended'}.` };
}
