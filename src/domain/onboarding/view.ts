import type { Panel } from '../approval/panel.ts';
import type { Deed, Note, RequestError } from '../view.ts';
import type { OnboardingResult } from './commands.ts';
import type { Flow } from './flow.ts';
import { UNNAMED, type OnboardingSubject } from './input.ts';
import { upcomingOf, type Next } from './deadlines.ts';
import { endingOf } from './ending.ts';
import type {
  Answered,
  Child,
  Course,
  Grant,
  OnboardingOutcome,
  OnboardingState,
  Opening,
  State,
  StepState,
} from './state.ts';
import { currentStep, memberOf, percentOf } from './steps.ts';

/** Everything there is to know about one onboarding: the answer of the query `state`, and the result of the workflow. Times are ISO 8601. */
export interface OnboardingView {
  readonly id: string;
  readonly runId: string;
  /** With its params put in; until it is prepared, nothing but its name. */
  readonly flow: Flow;
  /** Of the flow as the worker that prepared it has it. */
  readonly flowDigest?: string;
  /** Of the name of the flow, params, member and requester: what proofs of commands are about, and what they name beside a step. */
  readonly subjectDigest?: string;
  /** The subject of `subjectDigest`, while it is prepared: whoever cancels an onboarding by then signs its digest as well. */
  readonly subject?: OnboardingSubject;
  readonly member: { readonly arn: string; readonly id: string; readonly name: string };
  readonly requestedBy: string;
  readonly requesterVerified?: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly state: OnboardingState;
  readonly outcome: OnboardingOutcome | null;
  readonly steps: readonly StepView[];
  /** In the order in which they were made. */
  readonly grants: readonly GrantView[];
  readonly pausedAt?: string;
  readonly incident?: IncidentView;
  readonly ending?: EndingView;
  readonly notes: readonly Note[];
  readonly requestedAt: string;
  readonly closedAt?: string;
  readonly error?: RequestError;
  /** Share of its steps that have ended, in percent; it never goes back. */
  readonly percent: number;
  /** The workflow ids of the requests that its join steps make, by step. */
  readonly requestIds?: Readonly<Record<string, string>>;
  /** The next time at which something happens by itself, and what. */
  readonly next?: Next;
  /** Of the approval step that is open, since it was opened: reviews are bound to it. */
  readonly reviewDigest?: string;
}

export interface StepView {
  readonly id: string;
  readonly status: StepState['status'];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly dueAt?: string;
  /** When people are reminded, in order; what is past is taken out. */
  readonly remindAt: readonly string[];
  /** When a wait is over. */
  readonly until?: string;
  /** Number of earlier tries; `retryAt`: when it is tried again by itself. */
  readonly tries: number;
  readonly retryAt?: string;
  readonly child?: ChildOfStep;
  readonly answers?: Answered;
  readonly panel?: Panel;
  readonly error?: RequestError;
  /** The operator who skipped it. */
  readonly skippedBy?: Deed & { readonly reason: string };
}

/** The request that a join step made. */
interface ChildOfStep {
  readonly id: string;
  /** Of its first run: a later request may have the same id. */
  readonly firstRunId: string;
  /** `active`: joined, and its term is running. */
  readonly state: 'open' | 'active' | 'closed';
  readonly outcome?: string | null;
  /** It is to be taken back. */
  readonly withdraw?: 'wanted' | 'asked';
  /** It said that something changed. */
  readonly look?: true;
}

type GrantView = Omit<Grant, 'settled'> & { readonly settled?: NonNullable<Grant['settled']> };

/** Only an operator can fix this: a step that says `hold` failed, or a removal. */
interface IncidentView {
  readonly step: string;
  readonly during: 'step' | 'removal';
  readonly at: string;
  readonly error: RequestError;
  /** After this nobody waits any more, and the onboarding fails. */
  readonly dueAt: string;
}

interface EndingView {
  readonly outcome: 'stopped' | 'cancelled' | 'failed';
  readonly compensate: boolean;
  readonly reason: string;
  /** Whoever wanted it; nobody where a step failed. */
  readonly by?: Deed;
}

/** Everything but what follows from it. */
export function viewOf(state: State): OnboardingView {
  const course = 'course' in state ? state.course : null;
  const [next] = upcomingOf(state);
  return { ...shownOf(state), percent: percentOf(course?.steps ?? []), ...(next ? { next } : {}), ...digestOf(course) };
}

/** Where it stands, for who gave a command; `step`: which it was about. */
export function resultOf(state: State, step?: string): OnboardingResult {
  const { id, runId } = state;
  const course = 'course' in state ? state.course : null;
  const outcome = state.state === 'closed' ? state.result.outcome : null;
  const percent = percentOf(course?.steps ?? []);
  return { id, runId, state: state.state, outcome, percent, ...(step === undefined ? {} : { step }) };
}

function digestOf(course: Course | null): Pick<OnboardingView, 'reviewDigest'> {
  const approval = course && currentStep(course)?.opening.approval;
  return approval ? { reviewDigest: approval.panel.requestDigest } : {};
}

/** The view without what takes long to find. */
export type Shown = Omit<OnboardingView, 'percent' | 'next' | 'reviewDigest'>;

export function shownOf(state: State): Shown {
  const { id, runId, subject, notes, requestedAt } = state;
  const course = 'course' in state ? state.course : null;
  return {
    id,
    runId,
    member: memberOf(state),
    requestedBy: subject.requestedBy,
    ...(course ? ofCourse(course) : unprepared(subject)),
    state: state.state,
    outcome: state.state === 'closed' ? state.result.outcome : null,
    ...ofState(state),
    ...ofEnding(state),
    notes,
    requestedAt,
  };
}

function ofCourse(course: Course) {
  const { flow, params, flowDigest, subjectDigest, requesterVerified, requestIds, steps, grants } = course;
  return {
    flow,
    params,
    flowDigest,
    subjectDigest,
    requesterVerified,
    requestIds,
    steps: steps.map(stepView),
    grants: grants.map(({ settled, ...grant }) => ({ ...grant, ...(settled ? { settled } : {}) })),
  };
}

/** An onboarding as it begins: its flow has only a name, until it is prepared. */
function unprepared({ flow: asked }: OnboardingSubject): Pick<OnboardingView, 'flow' | 'params' | 'steps' | 'grants'> {
  const name = typeof asked === 'string' ? asked : UNNAMED;
  const flow: Flow = { apiVersion: 'onboarding/v1', name, startedBy: { roles: [] }, params: {}, steps: [] };
  return { flow, params: {}, steps: [], grants: [] };
}

function ofState(state: State): Pick<OnboardingView, 'subject' | 'pausedAt' | 'incident' | 'closedAt'> {
  switch (state.state) {
    case 'preparing':
      return { subject: state.subject };
    case 'paused':
      return { pausedAt: state.pausedAt };
    case 'incident': {
      const { step, during, at, error, dueAt } = state;
      return { incident: { step, during: during.what, at, error, dueAt } };
    }
    case 'closed':
      return { closedAt: state.closedAt };
    case 'running':
    case 'ending':
      return {};
  }
}

function ofEnding(state: State): Pick<OnboardingView, 'ending' | 'error'> {
  const found = endingOf(state);
  const failed = state.state === 'closed' ? state.result : found;
  const error = failed && 'error' in failed ? { error: failed.error } : {};
  if (!found) return error;
  const { outcome, compensate, reason } = found;
  const by = 'by' in found && found.by ? { by: found.by } : {};
  return { ending: { outcome, compensate, reason, ...by }, ...error };
}

export function stepView(state: StepState): StepView {
  const { id, status } = state;
  const opening = 'opening' in state ? state.opening : null;
  return {
    id,
    status,
    ...(opening ? ofOpening(opening) : { remindAt: [], tries: 0 }),
    ...('endedAt' in state ? { endedAt: state.endedAt } : {}),
    ...(state.status === 'done' && state.answers ? { answers: state.answers } : {}),
    ...(state.status === 'failed' ? { error: state.error } : {}),
    ...(state.status === 'skipped' ? { skippedBy: state.skippedBy } : {}),
  };
}

function ofOpening({ startedAt, dueAt, remindAt, until, tries, failure, child, approval }: Opening) {
  return {
    startedAt,
    ...(dueAt === null ? {} : { dueAt }),
    remindAt,
    ...(until === null ? {} : { until }),
    tries,
    ...(failure ? { error: failure.error } : {}),
    ...(failure?.retryAt ? { retryAt: failure.retryAt } : {}),
    ...(child ? childOfStep(child) : {}),
    ...(approval ? { panel: approval.panel } : {}),
  };
}

/** One that is being started is not known yet: its id may be that of somebody else's request. */
function childOfStep(child: Child): Pick<StepView, 'child'> {
  if (child.state === 'starting') return {};
  const { id, firstRunId, state, outcome, withdraw, look } = child;
  return {
    child: {
      id,
      firstRunId,
      state,
      ...(outcome === undefined ? {} : { outcome }),
      ...(withdraw ? { withdraw } : {}),
      ...(look ? { look: true as const } : {}),
    },
  };
}
