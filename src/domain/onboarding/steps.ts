import { parseArn } from '../arn.ts';
import { holds, type Condition, type Known } from './condition.ts';
import type { Flow } from './flow.ts';
import type { Step } from './step.ts';
import type { Child, Course, Opening, State, StepState, Underway } from './state.ts';

type NowState = Extract<StepState, { status: 'now' }>;

export function isUnderway(state: State): state is Underway {
  return state.state !== 'preparing' && state.state !== 'closed';
}

/** A step with its declaration. */
export interface Current {
  readonly step: Step;
  readonly opening: Opening;
}

/** The step that is being taken; there is never more than one. */
export function currentStep(course: Course): Current | undefined {
  const state = course.steps.find((one): one is NowState => one.status === 'now');
  const step = state && stepOf(course, state.id);
  return step && { step, opening: state.opening };
}

/** The same, if it is this one. */
export function currentOf(course: Course, id: string): Current | undefined {
  const current = currentStep(course);
  return current?.step.id === id ? current : undefined;
}

export function stepOf({ flow }: { readonly flow: Flow }, id: string): Step | undefined {
  return flow.steps.find((step) => step.id === id);
}

export function stateOf({ steps }: Pick<Course, 'steps'>, id: string): StepState | undefined {
  return steps.find((step) => step.id === id);
}

export function hasEnded({ status }: { readonly status: StepState['status'] }): boolean {
  return status !== 'future' && status !== 'now';
}

export function openingOf(state: StepState | undefined): Opening | undefined {
  return state && 'opening' in state ? (state.opening ?? undefined) : undefined;
}

/** The course with one step replaced. */
export function withStep(course: Course, id: string, change: (step: StepState) => StepState): Course {
  return { ...course, steps: course.steps.map((step) => (step.id === id ? change(step) : step)) };
}

/** The course with one step that has begun changed, whether or not it is over. */
export function withOpening(course: Course, id: string, changes: Partial<Opening>): Course {
  return withStep(course, id, (step) => {
    if (!('opening' in step) || step.opening === null) return step;
    return { ...step, opening: { ...step.opening, ...changes } };
  });
}

/** The request that a step made, as far as that has begun. */
export function childOf({ steps }: Pick<Course, 'steps'>, id: string): Child | undefined {
  return openingOf(stateOf({ steps }, id))?.child ?? undefined;
}

export function isOpen({ state }: Child): boolean {
  return state === 'starting' || state === 'open';
}

/** Requests of this onboarding of which it is not known yet how they end. */
export function openChildren({ steps }: Pick<Course, 'steps'>): { readonly step: string; readonly child: Child }[] {
  return steps.flatMap((state) => {
    const child = openingOf(state)?.child;
    return child && isOpen(child) ? [{ step: state.id, child }] : [];
  });
}

/** The request that a step made is to be taken back. */
export function withoutChild(course: Course, id: string): Course {
  const child = childOf(course, id);
  if (!child || !isOpen(child) || child.withdraw !== null) return course;
  return withOpening(course, id, { child: { ...child, withdraw: 'wanted' } });
}

export function isStarting(course: Course): boolean {
  return openChildren(course).some(({ child }) => child.state === 'starting');
}

export function isNeeded(condition: Condition | undefined, course: Course): boolean {
  return condition === undefined || holds(condition, knownOf(course));
}

/** The part that conditions and texts may look at. */
export function knownOf(course: Pick<Course, 'params' | 'steps'>): Known {
  return {
    params: course.params,
    statusOf: (id) => stateOf(course, id)?.status,
    answersOf: (id) => {
      const state = stateOf(course, id);
      return state?.status === 'done' ? state.answers?.answers : undefined;
    },
  };
}

/** The member; by the id alone until the name is known. */
export function memberOf(state: State): { readonly arn: string; readonly id: string; readonly name: string } {
  const arn = state.subject.member;
  const id = parseArn(arn)?.id ?? arn;
  const course = 'course' in state ? state.course : null;
  return { arn, id, name: course?.memberName ?? id };
}

/** Share of its steps that have ended, in percent. */
export function percentOf(steps: readonly { readonly status: StepState['status'] }[]): number {
  return Math.floor((steps.filter(hasEnded).length / Math.max(steps.length, 1)) * 100);
}

/** The last moment that can be written. */
const END_OF_TIME = 8_640_000_000_000_000;

export function isoOf(at: number): string {
  return new Date(Math.min(at, END_OF_TIME)).toISOString();
}
