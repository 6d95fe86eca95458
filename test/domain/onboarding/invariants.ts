import { expect } from 'vitest';
import { duesOf } from '../../../src/domain/onboarding/deadlines.ts';
import type { Effect } from '../../../src/domain/onboarding/effects.ts';
import type { Course, Paused, State, StepState } from '../../../src/domain/onboarding/state.ts';
import {
  currentStep,
  isUnderway,
  openChildren,
  openingOf,
  percentOf,
  stateOf,
} from '../../../src/domain/onboarding/steps.ts';
import { isAmongAny } from '../../../src/domain/requirement.ts';
import { ALICE, MONA } from '../../onboarding/support.ts';

/** The laws of each transition of an onboarding. `known`: the roles that were read of people last. */
export function expectInOrder(
  before: State,
  event: { readonly kind: string; readonly effect?: Effect },
  after: State,
  known: ReadonlyMap<string, readonly string[]>,
  now: number,
): void {
  if (before === after) return;
  const [was, is] = [courseOf(before), courseOf(after)];
  if (!was || !is) return;
  that(percentOf(is.steps) >= percentOf(was.steps), 'percent never falls');
  that(is.steps.filter(({ status }) => status === 'now').length <= 1, 'one step at a time');
  that(
    was.grants.every(({ step }, index) => is.grants[index]?.step === step),
    'grants stay in their order',
  );
  // Steps begin in order, but for those that were skipped ahead.
  const [future, current] = ['future', 'now'].map((status) => is.steps.findIndex((one) => one.status === status));
  that(future === undefined || future < 0 || (current ?? -1) < future, 'steps begin in order');
  if (event.kind === 'started' && event.effect?.do === 'removeGrant') {
    that(openChildren(was).length === 0, 'open requests are withdrawn before anything is removed');
  }
  if (before.state === 'paused' && after.state === 'paused') expectStill(was, is);
  if (before.state === 'paused' && after.state === 'running') expectShifted(before, after, now);
  for (const step of is.steps) if (stateOf(was, step.id)?.status === 'now') expectDecided(step, known);
}

function courseOf(state: State): Course | undefined {
  return isUnderway(state) || state.state === 'closed' ? (state.course ?? undefined) : undefined;
}

/** While it is paused nothing ends but what is skipped, or was on its way. */
function expectStill(was: Course, is: Course): void {
  for (const { id, status } of is.steps) {
    const kind = is.flow.steps.find((step) => step.id === id)?.kind;
    that(
      stateOf(was, id)?.status === status || status === 'skipped' || kind === 'message',
      'nothing ends while paused',
    );
  }
}

/** Every time comes later, by as long as it was paused. */
function expectShifted(before: Paused, after: State, now: number): void {
  if (!currentStep(before.course)) return;
  const { pausedAt, ...rest } = before;
  const by = now - Date.parse(pausedAt);
  const then = duesOf({ ...rest, state: 'running' });
  expect(duesOf(after)).toEqual(then.map(({ at, does }) => ({ at: at + by, does })));
}

/** Whoever approved still may by what was read last, is no party, and reviewed this opening of the step; nobody denies. */
function expectDecided(step: StepState, known: ReadonlyMap<string, readonly string[]>): void {
  const panel = openingOf(step)?.approval?.panel;
  if (step.status !== 'done' || panel?.result.result !== 'approved') return;
  for (const { approvers, approvedBy, deniedBy, by } of panel.requirements.flatMap(({ stages }) => stages)) {
    if (by !== undefined) continue;
    that(deniedBy.length === 0, 'nobody who counts denies');
    for (const arn of approvedBy) {
      that(arn !== ALICE && arn !== MONA, 'no party approves');
      const person = { arn, roles: known.get(arn) ?? [], matched: [] };
      that(isAmongAny(approvers, person), `${arn} approved ${step.id} and is no approver`);
      that(
        panel.reviews.some((one) => one.reviewer === arn && one.requestDigest === panel.requestDigest),
        'what is open was reviewed',
      );
    }
  }
}

function that(holds: boolean, what: string): void {
  if (!holds) throw new Error(`violated: ${what}`);
}
