import { offer } from '../approval/host.ts';
import { reviewEvent, reviewRefusal, sameId } from '../approval/review.ts';
import { approversOf } from '../approval/views.ts';
import type { CommandId } from '../engine.ts';
import { NOT_AN_ADMIN, REPLAYED, useAssertion, type Checked as CheckedCommand, type CommandCall } from '../checked.ts';
import { isRefusal, type Refusal } from '../refusal.ts';
import type { Deed } from '../view.ts';
import type { OnboardingCommand, OnboardingCommandName, OnboardingCommandOf, UncheckedCommand } from './commands.ts';
import { aboutOf } from './subject.ts';
import { takeOver } from './approval.ts';
import { peopleOf } from './children.ts';
import { close, end } from './ending.ts';
import { finish, type Said } from './lifecycle.ts';
import { pause, resume, retryStep, skip } from './operate.ts';
import { refuse } from './refuse.ts';
import type { State } from './state.ts';
import { currentOf, isoOf, stepOf } from './steps.ts';
import { resultOf, shownOf } from './view.ts';

/** A command as `checkCommand` read it, and who gave it. */
export type Checked = CheckedCommand<OnboardingCommandOf<OnboardingCommandName>>;

export function call(state: State, { name, command }: UncheckedCommand): CommandCall {
  const { id: workflowId, requestedAt, subject } = state;
  const common = { workflowId, requestedAt, subject: aboutOf(name, command, shownOf(state)) ?? subject };
  const course = 'course' in state ? state.course : null;
  switch (name) {
    case 'submitInput': {
      const step = course && stepOf(course, command.step);
      return { ...common, standing: null, ...(step?.kind === 'input' ? { inputSchema: step.schema } : {}) };
    }
    case 'review': {
      const current = course ? currentOf(course, command.step) : undefined;
      const approval = current?.opening.approval;
      if (current?.step.kind !== 'approval' || !approval) return { ...common, standing: null };
      const { step } = current;
      return { ...common, standing: { request: peopleOf(subject, step), approvers: approversOf(approval.panel) } };
    }
    case 'skip':
    case 'retryStep':
    case 'pause':
    case 'resume':
    case 'cancel':
      return { ...common, standing: 'admin' };
  }
}

/** Takes a command that was verified, and answers it, unless something has to be read for that first. */
export function give(before: State, unchecked: UncheckedCommand, given: Given, said: Said): State {
  const { id, checked, now } = given;
  const refusal = refuse(before, unchecked);
  if (refusal) return answered(before, id, refusal, said);
  const { used, wasUsed } = useAssertion(before.assertions, checked.assertion, now);
  const state = checked.assertion && !wasUsed ? { ...before, assertions: used } : before;
  const command = { name: unchecked.name, command: checked.command } as OnboardingCommand;
  if (command.name === 'review') return review(state, command, { ...given, wasUsed }, said);
  if (wasUsed) return answered(state, id, REPLAYED, said);
  if (checked.refusal) return answered(state, id, checked.refusal, said);
  const after = command.name === 'submitInput' ? submit(state, command, given) : operate(state, command, given);
  if (isRefusal(after)) return answered(state, id, after, said);
  const step = 'step' in command.command ? command.command.step : undefined;
  return answered(after, id, resultOf(after, step), said);
}

interface Given {
  readonly id: CommandId;
  readonly checked: Checked;
  readonly now: number;
}

function answered(state: State, to: CommandId, answer: Said['answers'][number]['answer'], said: Said): State {
  said.answers.push({ to, answer });
  return state;
}

type Named<N extends OnboardingCommand['name']> = Extract<OnboardingCommand, { readonly name: N }>;

function submit(state: State, { command }: Named<'submitInput'>, { checked, now }: Given): State {
  if (state.state !== 'running') return state;
  const { actor, step, answers } = command;
  const by = deedOf(actor.principal, checked, now);
  return { ...state, course: finish(state.course, step, now, { ...by, answers }) };
}

type Operation = Exclude<OnboardingCommand, { readonly name: 'submitInput' | 'review' }>;

/** Admins do this; whoever asked for the onboarding may cancel it as well. */
function operate(state: State, given: Operation, { checked, now }: Given): State | Refusal {
  const { name, command } = given;
  const { principal } = command.actor;
  const isAsker = name === 'cancel' && principal === state.subject.requestedBy;
  if (!checked.roles.includes('app_instance_admin') && !isAsker) return NOT_AN_ADMIN;
  const by = { ...deedOf(principal, checked, now), reason: command.reason };
  const step = 'step' in command ? ` ${command.step}` : '';
  const compensating = name === 'cancel' && command.compensate ? ', and remove what was granted' : '';
  const notes = [...state.notes, { ...by, what: `${name}${step}${compensating}` }].slice(-MAX_NOTES);
  return { ...operated(state, given, by, now), notes };
}

const MAX_NOTES = 200;

/** `refuse` has said that it may be done in this state. */
function operated(
  state: State,
  given: Operation,
  { reason, ...by }: Deed & { readonly reason: string },
  now: number,
): State {
  if (state.state === 'closed') return state;
  if (given.name === 'cancel') {
    const { compensate } = given.command;
    const ending = { outcome: 'cancelled', compensate, reason, by } as const;
    return state.state === 'preparing' ? close(state, { outcome: 'cancelled' }, now, ending) : end(state, ending);
  }
  if (state.state === 'preparing') return state;
  switch (given.name) {
    case 'skip':
      return skip(state, given.command.step, { ...by, reason });
    case 'retryStep':
      return state.state === 'running' || state.state === 'incident'
        ? retryStep(state, given.command.step, now)
        : state;
    case 'pause':
      return state.state === 'running' ? pause(state, now) : state;
    case 'resume':
      return state.state === 'paused' ? resume(state, now) : state;
  }
}

function deedOf(principal: string, { verified }: Pick<Checked, 'verified'>, now: number): Deed {
  return { by: principal, at: isoOf(now), verified };
}

function review(
  state: State,
  { command }: Named<'review'>,
  { id: to, checked, now, wasUsed }: Given & { readonly wasUsed: boolean },
  said: Said,
): State {
  const { actor, step: id } = command;
  const approval = state.state === 'running' ? currentOf(state.course, id)?.opening.approval : undefined;
  if (state.state !== 'running' || !approval) return state;
  const { panel } = approval;
  // Given before: it counts once, and giving it again is harmless.
  if (wasUsed && !sameId(panel, command)) return answered(state, to, REPLAYED, said);
  const refusal = reviewRefusal(panel, command, checked);
  if (refusal) return answered(state, to, refusal === 'repeated' ? resultOf(state, id) : refusal, said);
  const by = deedOf(actor.principal, checked, now);
  return takeOver(
    state,
    id,
    offer(approval, reviewEvent(panel, command, checked, now), { replyTo: to, by }),
    now,
    said,
  );
}
