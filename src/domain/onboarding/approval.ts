import { dropPending, openApproval, type Approval, type Moved } from '../approval/host.ts';
import type { CommandId } from '../engine.ts';
import type { RequestError } from '../view.ts';
import type { Values } from './effects.ts';
import { failStep, finish, type Said } from './lifecycle.ts';
import { TOLD_OF_PANEL } from './notes.ts';
import { STEP_LEFT } from './refuse.ts';
import type { Course, Running, State } from './state.ts';
import { currentOf, currentStep, openingOf, stateOf, withOpening } from './steps.ts';
import { resultOf } from './view.ts';

/** It is known who may review: an approval step begins to ask them. */
export function askReviewers(
  state: Running,
  id: string,
  { people, reviewDigest }: Values['openReview'],
  now: number,
  said: Said,
): State {
  const current = currentOf(state.course, id);
  if (current?.step.kind !== 'approval') return state;
  const { step, opening } = current;
  const { member, requestedBy } = state.subject;
  const opened = openApproval({
    requirements: [{ ...step.requirement, binding: id }],
    people,
    excluded: [member, requestedBy],
    requestDigest: reviewDigest,
    at: now,
    dueAt: opening.dueAt === null ? now + state.course.settings.expireAfterMs : Date.parse(opening.dueAt),
  });
  return takeOver(state, id, opened, now, said);
}

/** Takes over how far people are with a step, answers who waited for that, and does what it comes to. */
export function takeOver(state: Running, id: string, moved: Moved, now: number, said: Said): State {
  for (const { kind, stage } of moved.notes) {
    const heard = TOLD_OF_PANEL[kind];
    if (heard) said.told.push({ kind: heard, step: id, stage });
  }
  const after = cameTo(
    { ...state, course: withOpening(state.course, id, { approval: moved.approval }) },
    id,
    moved,
    now,
  );
  for (const { caller } of moved.taken) said.answers.push({ to: caller.replyTo, answer: resultOf(after, id) });
  for (const { caller, refusal } of moved.refused) said.answers.push({ to: caller.replyTo, answer: refusal });
  return after;
}

function cameTo(state: Running, id: string, moved: Moved, now: number): State {
  switch (moved.kind) {
    case 'open':
    case 'reading':
      return state;
    case 'failed':
      return failStep(state, id, moved.error, now);
    case 'resolved':
      return moved.resolution.result === 'approved'
        ? { ...state, course: finish(state.course, id, now) }
        : failStep(state, id, errorOf(moved.resolution), now);
  }
}

function errorOf(
  resolution: Exclude<(Moved & { kind: 'resolved' })['resolution'], { result: 'approved' }>,
): RequestError {
  return resolution.result === 'denied'
    ? { type: resolution.code, message: 'The approvers denied the step.' }
    : { type: 'StepOverdue', message: 'Nobody decided in time.' };
}

/** Reviews that wait for a reading count for nothing once their step is left, and their authors hear it. */
export function releaseReviews(before: State, after: State, said: Said): State {
  const was = 'course' in before && before.course ? currentStep(before.course) : undefined;
  if (!was?.opening.approval?.pending) return after;
  const { id } = was.step;
  const course = 'course' in after ? after.course : null;
  const approval = course && openingOf(stateOf(course, id))?.approval;
  const isOpen = after.state === 'running' && currentOf(after.course, id) !== undefined;
  const waiting = new Set(isOpen && approval ? callersOf(approval) : []);
  const answered = new Set(said.answers.map(({ to }) => to));
  for (const to of callersOf(was.opening.approval)) {
    if (!waiting.has(to) && !answered.has(to)) said.answers.push({ to, answer: STEP_LEFT });
  }
  if (isOpen || after.state === 'preparing' || !course || !approval?.pending) return after;
  return { ...after, course: withOpening(course, id, { approval: dropPending(approval).approval }) };
}

function callersOf(approval: Approval): CommandId[] {
  return dropPending(approval).callers.map(({ replyTo }) => replyTo);
}

/** A review waits for its answer. */
export function isAnswering(course: Course): boolean {
  const approval = currentStep(course)?.opening.approval;
  return approval ? callersOf(approval).length > 0 : false;
}
