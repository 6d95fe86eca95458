import type { Reason } from '../admission.ts';
import { NOT_ADMITTED, toldError, toldReason } from '../told.ts';
import type { RequestError, RequestView } from '../view.ts';
import type { JoinRequest } from '../request.ts';
import { same } from '../same.ts';
import type { OnboardingSubject } from './input.ts';
import type { StepOf } from './step.ts';
import { failStep, finish } from './lifecycle.ts';
import type { Child, Course, State, Underway } from './state.ts';
import type { OnboardingView } from './view.ts';
import { childOf, currentOf, isUnderway, openChildren, stepOf, withOpening } from './steps.ts';

/** A request as the onboarding that made it needs to know it. */
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

/** The join step that is being taken makes this request, or a join step has made it. */
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

export function memberAndRequester({ member, requestedBy }: OnboardingSubject) {
  return { member: { arn: member }, requestedBy };
}

/** Roles are read for a request: here one stands for the onboarding, with its people and one of its channels. */
export function peopleOf(
  { member, requestedBy }: OnboardingSubject,
  { channelArn }: { readonly channelArn: string },
): JoinRequest {
  return { channelArn, memberArn: member, requestedBy, type: 'DEFAULT' };
}

/** News of a request that a step made. */
export type News =
  /** From the server: it ended, and this is its result. */
  | { readonly what: 'ended'; readonly step: string; readonly firstRunId: string; readonly view: ChildView }
  /** Anybody can say so: it is only a reason to look. */
  | { readonly what: 'changed'; readonly child: string; readonly state: string };

/** The request of a step is being started. */
export function starting(course: Course, step: string, id: string): Course {
  return withOpening(course, step, { child: { state: 'starting', id, withdraw: null, look: null } });
}

/** It is started; where nobody waits for it any more, it is to be taken back. */
export function startedChild(state: Underway, step: string, firstRunId: string): Course {
  const { course, runId } = state;
  const child = childOf(course, step);
  if (child?.state !== 'starting') return course;
  const isWanted = currentOf(course, step) !== undefined && state.state !== 'ending' && child.withdraw === null;
  const known = { state: 'open', id: child.id, firstRunId, heardBy: runId, look: child.look } as const;
  return withOpening(course, step, { child: { ...known, withdraw: isWanted ? null : 'wanted' }, failure: null });
}

/** It could not be started. */
export function notStarted(course: Course, step: string): Course {
  return childOf(course, step)?.state === 'starting' ? withOpening(course, step, { child: null }) : course;
}

/** Takes over what a request lets this onboarding know. */
export function heard(state: Underway, news: News, now: number): State {
  if (news.what === 'changed') return { ...state, course: hint(state, news.child, news.state) };
  const child = childOf(state.course, news.step);
  // An earlier request of the same step may be heard of late.
  if (child?.state === 'starting' || child?.firstRunId !== news.firstRunId) return state;
  return report(state, news.step, news.view, now);
}

/** A request says that something changed. Nothing is believed yet: it will be looked at. */
export function hint(state: Underway, childId: string, said: string): Course {
  const { course, runId } = state;
  const found = openChildren(course).find(({ child }) => child.id === childId);
  // Its end is heard in any case by the run that started it.
  if (!found) return course;
  const { step, child } = found;
  const heardBy = child.state === 'starting' ? runId : child.heardBy;
  return said === 'closed' && heardBy === runId ? course : lookAt(course, step, child, state.state !== 'paused');
}

/** `mayRun`: it may be looked at right now, and what it says then may be older. */
function lookAt(course: Course, step: string, child: Child, mayRun: boolean): Course {
  if (child.state === 'starting') return withOpening(course, step, { child: { ...child, look: 'wanted' } });
  const look = mayRun && child.look !== null ? 'again' : 'wanted';
  return child.look === look ? course : withOpening(course, step, { child: { ...child, look } });
}

/** It was asked to withdraw; `unknown`: it has ended, or another request has its id. */
export function withdrawn(course: Course, step: string, found: 'asked' | 'unknown'): Course {
  const child = childOf(course, step);
  if (child?.state !== 'open') return course;
  return withOpening(course, step, {
    child: { ...child, withdraw: 'asked', look: child.look ?? (found === 'unknown' ? 'wanted' : null) },
  });
}

/** The state of the run before, in this one. Nobody tells it how the requests of earlier runs end: each is looked at once. */
export function continued(state: State, runId: string): State {
  return isUnderway(state) ? { ...state, runId, course: lookAtAll(state.course) } : { ...state, runId };
}

function lookAtAll(course: Course): Course {
  return openChildren(course).reduce((all, { step, child }) => lookAt(all, step, child, false), course);
}

/** A look found how a request stands. */
export function looked(state: Underway, id: string, view: ChildView, now: number): State {
  const child = childOf(state.course, id);
  if (child?.state !== 'open' || child.look === null) return state;
  const look = child.look === 'again' ? 'wanted' : null;
  return report({ ...state, course: withOpening(state.course, id, { child: { ...child, look } }) }, id, view, now);
}

/**
 * Takes over how a request stands, as read from itself. A membership that was there before is no grant: it is never
 * removed.
 */
export function report(state: Underway, id: string, view: ChildView, now: number): State {
  const child = childOf(state.course, id);
  const step = stepOf(state.course, id);
  if (child?.state !== 'open' || step?.kind !== 'join') return state;
  // Whatever it means for the step has to wait: it is looked at again afterwards.
  if (state.state === 'paused') return { ...state, course: lookAt(state.course, id, child, false) };
  const stands = view.state === 'closed' ? 'closed' : view.state === 'active' ? 'active' : 'open';
  const seen = withOpening(state.course, id, { child: { ...child, state: stands, outcome: view.outcome } });
  if (stands === 'open') return { ...state, course: seen };
  const joined = stands === 'active' || view.outcome === 'joined';
  const course = joined && view.grant ? withGrant(seen, state, step, view.grant) : seen;
  // Whoever had it taken back has decided already how the step ends.
  if (!currentOf(course, id) || child.withdraw !== null) return { ...state, course };
  // A term that ended while nobody looked had begun: the member had joined.
  const isDone = joined || view.outcome === 'alreadyMember' || view.outcome === 'revoked';
  return isDone
    ? { ...state, course: finish(course, id, now) }
    : failStep({ ...state, course }, id, errorOf(view), now);
}

function withGrant(
  course: Course,
  { subject }: Pick<Underway, 'subject'>,
  step: StepOf<'join'>,
  grant: NonNullable<RequestView['grant']>,
): Course {
  const request = requestOf({ flow: course.flow, ...memberAndRequester(subject) }, step);
  return { ...course, grants: [...course.grants, { step: step.id, request, grant, settled: null }] };
}

function errorOf({ outcome, reason, error }: ChildView): RequestError {
  if (error) return error;
  const type = outcome === 'denied' ? 'JoinDenied' : outcome === 'expired' ? 'JoinExpired' : 'JoinWithdrawn';
  if (reason && reason.code !== NOT_ADMITTED.code) return { type, message: `${reason.code}: ${reason.message}` };
  return { type, message: `The request to join was ${outcome ?? 'ended'}.` };
}
