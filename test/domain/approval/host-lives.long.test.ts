import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offer, readingOf, resume } from '../../../src/domain/approval/host.ts';
import type { Approval, Caller } from '../../../src/domain/approval/host.ts';
import type { PanelEvent } from '../../../src/domain/approval/panel.ts';
import { decidedBy } from '../../../src/domain/approval/views.ts';
import type { Candidate } from '../../../src/domain/requirement.ts';
import { courses } from './arbitraries.ts';
import type { Course } from './arbitraries.ts';
import { caller, outage, readIn, settled, worldOf } from './host-kit.ts';
import type { World } from './host-kit.ts';
import { ada, DAY, everybody, opened, review, rita, START } from './kit.ts';
import { text } from './model.ts';
import { inLane } from '../../support/lane.ts';

const copy = <T>(value: T) => JSON.parse(text(value)) as T;

/** One event after the other, each with what the readings that it needs come to. */
function* lives(course: Course, reads: readonly (World | 'outage')[]): Generator<Life> {
  let { panel } = opened(course.asked, { people: course.among, dueAt: START + course.days * DAY });
  for (const [index, event] of course.events.entries()) {
    if (event.kind === 'standing' || event.kind === 'roster') continue;
    const world = reads[index % reads.length] ?? 'outage';
    const isCommand = event.kind === 'review' || event.kind === 'reassign';
    const from = isCommand ? caller(`1.${index}`) : undefined;
    const read = world === 'outage' ? () => outage(false) : readIn(world);
    const before: Approval = { panel };
    const last = new Map<string, Candidate>();
    const moved = settled(offer(before, event, from), (effect) => {
      const found = read(effect);
      if (found.kind === 'result') for (const one of found.value) last.set(one.arn, one);
      return found;
    });
    yield { before, event, from, moved, last, world };
    ({ panel } = moved.approval);
  }
}

interface Life {
  readonly before: Approval;
  readonly event: PanelEvent;
  readonly from: Caller | undefined;
  readonly moved: ReturnType<typeof settled>;
  readonly last: World;
  readonly world: World | 'outage';
}

const someWorld = fc.oneof(
  { weight: 3, arbitrary: fc.subarray([...everybody, rita]).map(worldOf) },
  { weight: 1, arbitrary: fc.constant('outage' as const) },
);

function expectOfLives(check: (life: Life) => void): void {
  const reads = fc.array(someWorld, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(courses, reads, (course, worlds) => {
      for (const life of lives(course, worlds)) check(life);
    }),
    { numRuns: inLane({ short: 200, long: 2_000 }) },
  );
}

describe('whatever happens', () => {
  test('whoever decides was in the last reading, or gave the review that resolved it', () => {
    let resolved = 0;
    expectOfLives(({ before, event, moved, last }) => {
      if (moved.kind !== 'resolved' || before.panel.result.result !== 'open') return;
      const author = event.kind === 'review' ? event.review.reviewer : undefined;
      const deciders = decidedBy(moved.approval.panel);
      expect(deciders.filter((arn) => arn !== author && !last.has(arn))).toEqual([]);
      if (deciders.length > 0) resolved += 1;
    });
    // Else it would say nothing.
    expect(resolved).toBeGreaterThan(inLane({ short: 10, long: 100 }));
  });

  test('each caller gets one answer, and a refusal leaves the panel as it was', () => {
    expectOfLives(({ before, from, moved }) => {
      expect(moved.approval.pending).toBeUndefined();
      const answered = [...moved.taken, ...moved.refused].map((one) => one.caller.replyTo);
      expect(answered).toEqual(from ? [from.replyTo] : []);
      const isRefused = moved.refused.length > 0;
      expect(text(moved.approval.panel)).toBe(text(isRefused ? before.panel : moved.approval.panel));
      expect(moved.kind === 'failed' && from !== undefined).toBe(false);
    });
  });

  test('three readings of roles are enough, and one of the roster', () => {
    expectOfLives(({ moved, event }) => {
      const count = (what: string) => moved.readings.filter((one) => one.do === what).length;
      expect(count('readRoster')).toBeLessThanOrEqual(event.kind === 'time' ? 1 : 0);
      // What the roster resolves is confirmed for itself.
      expect(count('confirmRoles')).toBeLessThanOrEqual(event.kind === 'time' ? 6 : 3);
    });
  });

  test('it is a value: written down and read again at any point, it goes on the same way', () => {
    expectOfLives(({ before, event, from, world }) => {
      let [one, other] = [
        offer(before, event, from),
        offer(copy(before), copy(event), copy(from ?? null) ?? undefined),
      ];
      for (;;) {
        // Nothing is lost that a field could be without: no `undefined`, no class.
        expect(isDeepStrictEqual(copy(one), structuredClone(one))).toBe(true);
        expect(text(other)).toBe(text(one));
        if (one.kind !== 'reading') return;
        const effect = readingOf(one.approval)!;
        const read = world === 'outage' ? outage(false) : readIn(world)(effect);
        [one, other] = [resume(one.approval, read), resume(copy(one.approval), read)];
      }
    });
  });

  test('a second event that comes while something is read is answered with the first', () => {
    fc.assert(
      fc.property(courses, someWorld, (course, world) => {
        let { panel } = opened(course.asked, { people: course.among, dueAt: START + course.days * DAY });
        for (const event of course.events) {
          const first = offer({ panel }, event, caller('1.1'));
          if (first.kind !== 'reading') {
            ({ panel } = first.approval);
            continue;
          }
          const denial = review(ada, 'deny', { at: event.at, requestDigest: panel.requestDigest });
          const both = offer(first.approval, denial, caller('1.2', ada));
          const read = world === 'outage' ? () => outage() : readIn(world);
          const moved = settled(both, read);
          const answered = [...moved.taken, ...moved.refused].map((one) => one.caller.replyTo);
          expect(answered.toSorted()).toEqual(['1.1', '1.2']);
          return;
        }
      }),
      { numRuns: inLane({ short: 200, long: 2_000 }) },
    );
  });
});
