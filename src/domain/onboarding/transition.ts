import { offer } from '../approval/host.ts';
import { reviewRank } from '../approval/review.ts';
import type { Machine, MachineEvent, Step } from '../engine.ts';
import type { OnboardingResult, UncheckedCommand } from './commands.ts';
import { isAnswering, releaseReviews, takeOver } from './approval.ts';
import { heard, starting, type News } from './children.ts';
import { call, give, type Checked } from './give.ts';
import type { CommandCall } from '../checked.ts';
import { deadline, duesOf, type Due } from './deadlines.ts';
import { next, type Effect, type Values } from './effects.ts';
import { close, end, endingOf, failOnboarding } from './ending.ts';
import { failStep, finish, proceed, type Said } from './lifecycle.ts';
import { tell } from './notes.ts';
import { refuse } from './refuse.ts';
import { failed, took } from './results.ts';
import type { Opening, State } from './state.ts';
import { currentStep, isStarting, isUnderway, withOpening } from './steps.ts';

export type Event = MachineEvent<UncheckedCommand, Effect, Values, Checked, News>;

/** One onboarding as a machine: what follows from an event, what is to be done next, and when time matters. */
export const onboarding: Machine<
  State,
  UncheckedCommand,
  Effect,
  Values,
  CommandCall,
  Checked,
  OnboardingResult,
  News
> = {
  transition,
  next,
  deadline,
  refuse,
  call,
  rank: (_state, command) => rankOf(command),
  continues: (state) => isUnderway(state) && !isStarting(state.course) && !isAnswering(state.course),
  isClosed: ({ state }) => state === 'closed',
};

/** A command that ends the onboarding comes first, and a review that is no approval before approvals. */
function rankOf({ name, command }: UncheckedCommand): number {
  if (name === 'review') return reviewRank(command.decision);
  return name === 'cancel' ? 0 : 2;
}

function transition(before: State, event: Event, now: number): Step<State, OnboardingResult> {
  const said: Said = { answers: [], told: [] };
  const after = proceed(releaseReviews(before, happen(before, event, now, said), said), now, said.told);
  const { state, outgoing } = tell(before, after, said.told, now);
  return { state, answers: said.answers, outgoing };
}

function happen(state: State, event: Event, now: number, said: Said): State {
  if (event.kind === 'command') return give(state, event.command, { ...event, now }, said);
  if (state.state === 'closed') return state;
  switch (event.kind) {
    case 'broken':
      return failOnboarding(state, event.error, now);
    case 'cancelled':
      return cancelled(state, now);
    case 'time':
      return pass(state, now, said);
    case 'started':
      return 'course' in state && event.effect.do === 'startChild'
        ? { ...state, course: starting(state.course, event.effect.step, event.effect.id) }
        : state;
    case 'result':
      return took(state, event, now, said);
    case 'failed':
      return failed(state, event, now, said);
    case 'news':
      return 'course' in state ? heard(state, event.news, now) : state;
  }
}

/** A cancellation in Temporal has no proof of its author: so memberships stay. */
function cancelled(state: Exclude<State, { state: 'closed' }>, now: number): State {
  const ending = { outcome: 'cancelled', compensate: false, reason: 'Cancelled in Temporal', by: null } as const;
  if (state.state === 'preparing') return close(state, { outcome: 'cancelled' }, now, ending);
  return endingOf(state) ? state : end(state, ending);
}

/** Does all that is due by now, each with what follows from it. */
function pass(before: State, now: number, said: Said): State {
  let state = before;
  for (let [due] = duesOf(state); due && due.at <= now; [due] = duesOf(state)) {
    state = proceed(fire(state, due, now, said), now, said.told);
  }
  return state;
}

function fire(state: State, { does }: Due, now: number, said: Said): State {
  if (state.state === 'incident') return close(state, { outcome: 'failed', error: state.error }, now);
  const current = state.state === 'running' ? currentStep(state.course) : undefined;
  if (state.state !== 'running' || !current) return state;
  const { step, opening } = current;
  const { dueAt, remindAt, approval } = opening;
  const withChanges = (changes: Partial<Opening>) => ({
    ...state,
    course: withOpening(state.course, step.id, changes),
  });
  switch (does) {
    case 'finish':
      return { ...state, course: finish(state.course, step.id, now) };
    case 'fail':
      return failStep(state, step.id, { type: 'StepOverdue', message: `Nobody ended the step before ${dueAt}.` }, now);
    case 'retry':
      return withChanges({ failure: null });
    case 'remind':
      said.told.push({ kind: 'remind', step: step.id });
      return withChanges({ remindAt: remindAt.filter((time) => Date.parse(time) > now) });
    case 'approval': {
      // Nothing happens after the end of the step.
      const at = dueAt === null ? now : Math.min(now, Date.parse(dueAt));
      return approval ? takeOver(state, step.id, offer(approval, { kind: 'time', at }), now, said) : state;
    }
    case 'expire':
      return state;
  }
}
