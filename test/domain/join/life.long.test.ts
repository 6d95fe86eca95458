import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Conclusion } from '../../../src/domain/conclusion.ts';
import type { Outgoing } from '../../../src/domain/engine.ts';
import { timedSteps } from '../../../src/domain/deadlines.ts';
import type { Command } from '../../../src/domain/join/commands.ts';
import type { Effect } from '../../../src/domain/join/effects.ts';
import { openOf } from '../../../src/domain/join/notes.ts';
import { viewOf } from '../../../src/domain/join/project.ts';
import { planOf } from '../../../src/domain/plan.ts';
import type { State } from '../../../src/domain/join/state.ts';
import { joinMachine } from '../../../src/domain/join/transition.ts';
import { answerFor } from '../../../src/domain/view.ts';
import { createLife } from '../support/life.ts';
import type { Outcome } from '../support/life.ts';
import { DAY, HOUR, START } from '../approval/kit.ts';
import { born, commandOf, drawing, outcomeOf, worldOf } from './world.ts';
import { inLane } from '../../support/lane.ts';

const LIVES = Number(process.env['LIVES'] ?? inLane({ short: 1_000, long: 10_000 }));
const PASSING = [0, 1, HOUR, DAY, 3 * DAY];

interface Told {
  readonly counts: Map<string, number>;
}

/** One life: commands, results, kills and time as they are drawn, and then only time, until it is over. */
function live(numbers: readonly number[], { counts }: Told, thorough: boolean): void {
  const draw = drawing(numbers);
  const clock = { now: START };
  const seen: Seen = { grants: 0, decisions: 0, said: '' };
  const world = {
    ...worldOf(draw, clock),
    seen(before: State, event: { readonly kind: string }, after: State) {
      seen.said = saidBy(event) ?? seen.said;
      // What failed is asked for in another way, or given up: the engine would try the same for ever.
      if (event.kind === 'failed' && isDeepStrictEqual(after, before)) throw new Error('a failure changes nothing');
      if (isGranted(before, after) && seen.said === 'deny') throw new Error('a denial is granted');
      counts.set(after.state, (counts.get(after.state) ?? 0) + 1);
      if (event.kind === 'started' && before.state === 'granting' && before.step.at === 'call') seen.grants += 1;
      if (after.state === 'granting' && before.state !== 'granting') seen.decisions += 1;
      expectLawful(before, after);
    },
  };
  const life = createLife(joinMachine, world, { state: born(draw), now: START, thorough });
  life.turn();
  for (let steps = 0; steps < 40 && life.state.state !== 'closed'; steps += 1) {
    step(life, draw, clock);
    life.turn();
    expectHonestRefusals(life.state);
  }
  runOut(life, draw, clock);
  expect(life.state.state).toBe('closed');
  expect(life.unanswered()).toBe(0);
  // One call at most for each decision to admit.
  expect(seen.grants).toBeLessThanOrEqual(seen.decisions);
  expectNumbered(life);
  expectCausesFirst(life.state);
}

interface Seen {
  grants: number;
  decisions: number;
  /** What the policies came to last. */
  said: string;
}

function saidBy(event: { readonly kind: string }): string | undefined {
  const { value } = event as { value?: { conclusion?: Conclusion } & Partial<Conclusion> };
  return (value?.conclusion?.composition ?? value?.composition)?.action;
}

function isGranted(before: State, after: State): boolean {
  return after.state === 'granting' && before.state !== 'granting' && before.state !== 'closing';
}

interface AnyLife {
  readonly state: State;
  readonly slot: Effect | undefined;
  readonly outgoing: readonly Outgoing[];
  give(command: Command): string;
  finish(outcome: Outcome): void;
  turn(): void;
  cancel(): void;
  pass(ms: number): void;
  kill(): void;
}

function step(life: AnyLife, draw: (n: number) => number, clock: { now: number }): void {
  switch (draw(8)) {
    case 0:
    case 1:
    case 2:
      life.give(commandOf(life.state, draw));
      if (draw(4) === 0) life.give(commandOf(life.state, draw));
      return;
    case 3:
    case 4:
      if (life.slot) life.finish(outcomeOf(life.slot, draw, clock.now));
      return;
    case 5: {
      const due = joinMachine.deadline(life.state);
      const ms = draw(2) === 0 && due ? Math.max(due.at - clock.now, 0) : (PASSING[draw(PASSING.length)] ?? 0);
      clock.now += ms;
      life.pass(ms);
      return;
    }
    case 6:
      life.kill();
      return;
    default:
      if (draw(6) === 0) life.cancel();
  }
}

/** Nobody does anything any more. */
function runOut(life: AnyLife, draw: (n: number) => number, clock: { now: number }): void {
  for (let turns = 0; turns < 400 && life.state.state !== 'closed'; turns += 1) {
    if (life.slot) life.finish(outcomeOf(life.slot, draw, clock.now));
    else {
      const due = joinMachine.deadline(life.state);
      if (!due) throw new Error(`nothing ends ${life.state.state}`);
      const ms = Math.max(due.at - clock.now, 0);
      clock.now += ms;
      life.pass(ms);
    }
    life.turn();
  }
}

/** A removal only of a membership that a grant of ours made; none after an end; no admission against a denial. */
function expectLawful(before: State, after: State): void {
  if (before.state === 'closed') expect(after).toBe(before);
  if (after.state === 'removing') expect(after.made.member.arn).toBe(after.request.memberArn);
  if (after.state === 'active' && before.state !== 'active')
    expect(after.term.endsAt > after.term.startedAt).toBe(true);
  if (after.state !== 'granting' || !isGranted(before, after)) return;
  const { action } = after.judged.composition;
  const people = after.earlier?.result.result === 'approved';
  const isAllowed = after.step.at === 'claim' || action === 'admit' || people || after.override !== undefined;
  expect(isAllowed && action !== 'deny').toBe(true);
}

/** What is refused now is refused for good reason: nothing opaque in what the requester hears. */
function expectHonestRefusals(state: State): void {
  const view = viewOf(state);
  expectOrder(state);
  expect(JSON.stringify(answerFor(view))).not.toContain('mona');
  if (isAtRest(state))
    expect(new Date(joinMachine.deadline(state)?.at ?? 0).toISOString()).toBe(timedSteps(view)[0]?.at);
}

/** Nothing is asked or read: then the timer rings at the first time that the plan names. */
function isAtRest(state: State): boolean {
  switch (state.state) {
    case 'waitingForInput':
    case 'waitingForTime':
      return !state.evaluation;
    case 'waitingForPeople':
      return !state.evaluation && !state.approval.pending;
    case 'active':
      return !state.task && !state.extension?.approval.pending;
    case 'incident':
      return true;
    case 'evaluating':
    case 'granting':
    case 'removing':
    case 'closing':
    case 'closed':
      return false;
  }
}

/** Whoever ends something goes first, then whoever takes an approval back, and whoever approves last. */
function expectOrder(state: State): void {
  const actor = { principal: 'anybody' };
  const rankOf = (command: Command) => joinMachine.rank(state, command);
  const reviewRank = (decision: 'approve' | 'deny' | 'abstain') =>
    rankOf({ name: 'review', command: { actor, decision } });
  expect(rankOf({ name: 'withdraw', command: { actor } })).toBe(0);
  expect(rankOf({ name: 'revoke', command: { actor, reason: 'r' } })).toBe(0);
  const [deny, abstain, approve] = [reviewRank('deny'), reviewRank('abstain'), reviewRank('approve')];
  if (deny === undefined || abstain === undefined || approve === undefined) return;
  expect(deny).toBe(0);
  expect(abstain).toBeLessThan(approve);
}

/** Events are numbered without a gap, each told once. */
function expectNumbered({ outgoing, state }: AnyLife): void {
  const ids = outgoing.flatMap((one) => (one.to === 'people' ? [Number(one.event.id.split('/').at(-1))] : []));
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  expect(openOf(state).memory.told).toBe(ids.length);
}

/** Whoever asked comes first, and the end last, in one clock. */
function expectCausesFirst(state: State): void {
  const done = planOf(viewOf(state)).steps.filter(({ status }) => status === 'done');
  expect(done[0]?.what).toContain(' asked ');
  expect(done.at(-1)?.what).toContain('The request ends: ');
  const times = done.map(({ at = '' }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

test('whole lives: every command is answered once, writes are waited for, and time ends each', () => {
  const counts = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 400 }), (numbers) => {
      live(numbers, { counts }, numbers[0] !== undefined && numbers[0] % 10 === 0);
    }),
    { numRuns: LIVES },
  );
  // Each state was lived through.
  expect([...counts.keys()].toSorted()).toEqual(
    [
      'evaluating',
      'waitingForInput',
      'waitingForTime',
      'waitingForPeople',
      'granting',
      'incident',
      'active',
      'removing',
      'closing',
      'closed',
    ].toSorted(),
  );
});
