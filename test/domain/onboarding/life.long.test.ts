import { assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { flows, happenings } from './events.ts';
import { play } from './player.ts';
import { inLane } from '../../support/lane.ts';

/** The long lane plays more. */
const RUNS = Number(process.env['LIVES'] ?? inLane({ short: 500, long: 10_000 }));

test('whole lives: every command is answered, what was made is known and removed where it is to be, and it comes to its end', () => {
  const outcomes: Record<string, number> = {};
  let several = 0;
  let lives = 0;
  assert(
    property(flows, happenings, (steps, events) => {
      lives += 1;
      const { life, world } = play(steps, events, lives % 20 === 0);
      const { state } = life;
      if (state.state !== 'closed') throw new Error(`still ${state.state}`);
      expect(life.unanswered()).toBe(0);
      const { course, ending, result } = state;
      const grants = course?.grants ?? [];
      // An incident that nobody ended leaves what is open to itself.
      const isLeft = ending === null && result.outcome === 'failed';
      const known = isLeft ? [] : grants.map(({ step }) => step).toSorted();
      expect(known).toEqual(isLeft ? [] : world.made.toSorted());
      const removed = grants.filter(({ settled }) => settled === 'removed').map(({ step }) => step);
      expect(world.removed).toEqual(removed.toReversed());
      const isCompensated = ending?.compensate === true;
      const left = grants.filter(({ settled }) => settled === null);
      // A removal that nobody ended leaves its membership.
      expect(isCompensated ? result.outcome === ending.outcome && left.length > 0 : removed.length > 0).toBe(false);
      const numbers = life.outgoing.flatMap((one) => (one.to === 'people' ? [one.event.id.split('/').at(-1)] : []));
      expect(numbers).toEqual(numbers.map((_, index) => `${index + 1}`));
      outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
      several += removed.length > 1 ? 1 : 0;
    }),
    { numRuns: RUNS },
  );
  // The property is about something: all outcomes come, and a part of the lives remove several grants.
  expect(Object.keys(outcomes).toSorted()).toEqual(['cancelled', 'completed', 'failed', 'stopped']);
  expect(several).toBeGreaterThan(RUNS / 250);
}, 600_000);
