import { readingOf, type Approval, type ApprovalEffect } from '../approval/host.ts';
import type { Proof } from '../actor.ts';
import type { EffectBase } from '../engine.ts';
import type { JoinRequest } from '../request.ts';
import { approversIn, type Approvers, type Candidate } from '../requirement.ts';
import type { StepOf } from './step.ts';
import { stepSubject } from './subject.ts';
import { messageText } from './template.ts';
import { memberAndRequester, peopleOf, requestOf, type ChildView } from './children.ts';
import { nextRemoval } from './ending.ts';
import type { Course, Grant, Opening, Running, Settled, State, Underway } from './state.ts';
import { currentStep, knownOf, memberOf, openChildren, type Current } from './steps.ts';

/** Something to be done outside; all but the first are about a step. */
export type Effect =
  | (Base<'prepare'> & { readonly stop: 'drop' })
  | (OfStep<'startChild'> & { readonly stop: 'wait'; readonly id: string; readonly request: JoinRequest })
  | (OfStep<'lookAtChild'> & { readonly stop: 'drop'; readonly id: string; readonly firstRunId: string })
  | (OfStep<'withdrawChild'> & { readonly stop: 'drop'; readonly id: string })
  /** Sent twice it counts once, so it may be given up: an outage of Chime must not keep an operator from skipping it. */
  | (OfStep<'sendMessage'> & {
      readonly stop: 'drop';
      readonly channelArn: string;
      readonly text: string;
      readonly messageId: string;
    })
  /** Reads everybody who may review, and makes the digest that reviews are bound to. */
  | (OfStep<'openReview'> & {
      readonly stop: 'drop';
      readonly request: JoinRequest;
      readonly approvers: readonly Approvers[];
      readonly subject: unknown;
    })
  | (ApprovalEffect & { readonly step: string; readonly request: JoinRequest })
  | (OfStep<'removeGrant'> & { readonly stop: 'wait'; readonly index: number; readonly grant: Grant });

interface Base<D extends string> extends EffectBase {
  readonly do: D;
  readonly lane: 'patient';
}

interface OfStep<D extends string> extends Base<D> {
  readonly step: string;
}

/** The value of each. */
export interface Values {
  readonly prepare: Prepared;
  readonly startChild: { readonly firstRunId: string };
  readonly lookAtChild: ChildView;
  /** `unknown`: it has ended, or another request has its id. */
  readonly withdrawChild: 'asked' | 'unknown';
  readonly sendMessage: void;
  readonly openReview: { readonly people: readonly Candidate[]; readonly reviewDigest: string };
  readonly readRoster: readonly Candidate[];
  readonly confirmRoles: readonly Candidate[];
  readonly removeGrant: Settled;
}

/** Found out before the first step. It is history: whatever becomes of the flow's file, this counts. */
export interface Prepared extends Omit<Course, 'steps' | 'grants' | 'requesterVerified'> {
  readonly proof: Proof;
}

/** The effect that is wanted now: one at a time, and none while it waits for people or time. */
export function next(state: State): Effect | undefined {
  if (state.state === 'closed') return undefined;
  if (state.state === 'preparing') return { do: 'prepare', key: 'prepare', lane: 'patient', stop: 'drop' };
  return withdrawal(state.course) ?? ofState(state);
}

function ofState(state: Underway): Effect | undefined {
  const current = currentStep(state.course);
  switch (state.state) {
    case 'running':
      // A look never takes the place of what is under way.
      return (current && ofStep(state, current)) ?? look(state.course);
    case 'paused':
      // A message that is on its way arrives, or fails and is sent again afterwards.
      return current?.step.kind === 'message' ? message(state, current.step, current.opening) : undefined;
    case 'incident':
      return look(state.course);
    case 'ending':
      return look(state.course) ?? removal(state.course, nextRemoval(state.course, state.ending));
  }
}

function withdrawal(course: Course): Effect | undefined {
  const found = openChildren(course).find(({ child }) => child.state === 'open' && child.withdraw === 'wanted');
  return found && { ...about('withdrawChild', found.step), stop: 'drop', id: found.child.id };
}

function look(course: Course): Effect | undefined {
  for (const { step, child } of openChildren(course)) {
    if (child.state !== 'open' || !child.look) continue;
    return { ...about('lookAtChild', step), stop: 'drop', id: child.id, firstRunId: child.firstRunId };
  }
  return undefined;
}

function removal({ grants }: Course, index: number | undefined): Effect | undefined {
  const grant = grants[index ?? -1];
  if (index === undefined || !grant) return undefined;
  return { ...about('removeGrant', grant.step, index), stop: 'wait', index, grant };
}

function ofStep(state: Running, { step, opening }: Current): Effect | undefined {
  if (opening.failure) return undefined;
  switch (step.kind) {
    case 'join':
      return opening.child && opening.child.state !== 'starting' ? undefined : start(state, step, opening);
    case 'message':
      return message(state, step, opening);
    case 'approval':
      return opening.approval ? reading(state, step, opening.approval) : openReview(state, step, opening);
    case 'input':
    case 'wait':
      return undefined;
  }
}

function start({ course, subject }: Running, step: StepOf<'join'>, { tries }: Opening): Effect {
  const id = course.requestIds[step.id] ?? '';
  const request = requestOf({ flow: course.flow, ...memberAndRequester(subject) }, step);
  return { ...about('startChild', step.id, tries), stop: 'wait', id, request };
}

function message(state: Underway, step: StepOf<'message'>, { tries, failure }: Opening): Effect | undefined {
  if (failure) return undefined;
  const { course, id, firstRunId } = state;
  return {
    ...about('sendMessage', step.id, tries),
    stop: 'drop',
    channelArn: step.channelArn,
    text: messageText(step.text, { ...knownOf(course), member: memberOf(state) }),
    messageId: `${id}/${firstRunId}/${step.id}`,
  };
}

function openReview({ course, subject }: Running, step: StepOf<'approval'>, { startedAt, tries }: Opening): Effect {
  return {
    ...about('openReview', step.id, tries),
    stop: 'drop',
    request: peopleOf(subject, step),
    approvers: approversIn(step.requirement),
    subject: stepSubject(course, { id: step.id, startedAt, tries }),
  };
}

function reading({ subject }: Running, step: StepOf<'approval'>, approval: Approval): Effect | undefined {
  const effect = readingOf(approval);
  return effect && { ...effect, key: `${effect.key}:${step.id}`, step: step.id, request: peopleOf(subject, step) };
}

function about<D extends Effect['do']>(what: D, step: string, tries = 0) {
  return { do: what, step, key: `${what}:${step}:${tries}`, lane: 'patient' } as const;
}
