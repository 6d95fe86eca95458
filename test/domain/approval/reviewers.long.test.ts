import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { change } from '../../../src/domain/approval/change.ts';
import { mayReview, reviewersNow } from '../../../src/domain/approval/views.ts';
import type { PanelEvent, Review } from '../../../src/domain/approval/panel.ts';
import { isAmong } from '../../../src/domain/requirement.ts';
import { FOREIGN_DIGEST, known, people, reviewBy, reviewedRequirements } from './arbitraries.ts';
import { after, everybody, opened, person, review, rita, START, time } from './kit.ts';
import { candidate, isOpen, latestOf, started, verdictOnAll, eachStage, expectAlways, wrongIn, text } from './model.ts';
import { inLane } from '../../support/lane.ts';

function counts({ reviewer, requestDigest }: Review): boolean {
  return reviewer !== rita.arn && requestDigest !== FOREIGN_DIGEST;
}

describe('reviewers', () => {
  test('count once, for a review about the request as it is, and only where they are asked; no party ever does', () => {
    const found = wrongIn((panel) =>
      eachStage(panel, (_, { approvedBy, deniedBy, approvers }) => {
        const counted = [...approvedBy, ...deniedBy];
        const wrong = (decision: Review['decision']) => (who: string) => {
          const given = latestOf(panel, who);
          return given?.decision !== decision || !approvers.some((some) => isAmong(some, candidate(given)));
        };
        return [
          ...(new Set(counted).size === counted.length ? [] : ['twice']),
          ...counted.filter((who) => panel.excluded.includes(who)),
          ...approvedBy.filter(wrong('approve')),
          ...deniedBy.filter(wrong('deny')),
        ];
      }),
    );
    expect(found).toBeUndefined();
  });

  test('who are parties, or reviewed what the request never was, might as well not have reviewed', () => {
    expectAlways((course) => {
      const without = course.events.map((event) => {
        return event.kind === 'review' && !counts(event.review) ? time(event.at) : event;
      });
      const [all, some] = [course.events, without].map((events) => after(started(course).panel, ...events).panel);
      expect(text({ ...all!, reviews: all!.reviews.filter(counts) })).toBe(text(some));
    });
  });

  test('who are parties may not review, and are not waited for', () => {
    const found = wrongIn((panel) => [
      ...everybody.filter((one) => panel.excluded.includes(one.arn) && mayReview(panel, one)),
      ...[...reviewersNow(panel), ...panel.people.map((one) => one.arn)].filter((one) => panel.excluded.includes(one)),
    ]);
    expect(found).toBeUndefined();
  });

  test('who are waited for may review, and neither approve nor deny yet', () => {
    const found = wrongIn((panel) => {
      const waitedFor = reviewersNow(panel);
      const wrong = waitedFor.filter((who) => {
        const given = latestOf(panel, who);
        const one = panel.people.find((some) => some.arn === who) ?? (given && candidate(given));
        return !one || !mayReview(panel, one) || given?.decision === 'approve' || given?.decision === 'deny';
      });
      return [...wrong, ...(new Set(waitedFor).size === waitedFor.length ? [] : ['twice'])];
    });
    expect(found).toBeUndefined();
  });

  test('decide what counting the latest of each says, as soon as it says something', () => {
    /** So many people that no dead end is found. */
    const crowd = Array.from({ length: 500 }, (_, index) => person(`crowd${index}`));
    const someone = fc.oneof(
      fc.constantFrom(...known),
      people.filter((list) => list.length > 0).map((list) => list[0]!),
    );
    fc.assert(
      fc.property(reviewedRequirements, fc.array(reviewBy(someone), { maxLength: 12 }), (asked, events) => {
        let { panel } = opened(asked, { people: crowd });
        for (const event of events) {
          const before = panel;
          panel = change(before, event(START)).panel;
          const expected = isOpen(before)
            ? verdictOnAll(
                asked.map(({ stages }) => stages),
                panel,
              )
            : before.result.result;
          expect(panel.result.result).toBe(expected);
        }
      }),
      { numRuns: inLane({ short: 200, long: 2_000 }) },
    );
  });

  test('two of the same moment come to the same in either order, where denials are taken first', () => {
    const decision = fc.constantFrom('approve' as const, 'deny' as const);
    const earlier = fc.array(reviewBy(fc.constantFrom(...known)), { maxLength: 5 });
    const pair = fc.tuple(fc.shuffledSubarray(known, { minLength: 2, maxLength: 2 }), decision, decision);
    fc.assert(
      fc.property(reviewedRequirements, earlier, pair, (asked, events, [[one, other], mine, theirs]) => {
        // Whoever takes back a denial decides by when they do it.
        const byOthers = events
          .map((event) => event(START))
          .filter(({ review: { reviewer } }) => ![one!.arn, other!.arn].includes(reviewer));
        const before = after(opened(asked, { people: known }).panel, ...byOthers).panel;
        const taken = (reviews: (PanelEvent & { kind: 'review' })[]) => {
          const rank = (given: (typeof reviews)[number]) => (given.review.decision === 'deny' ? 0 : 1);
          return after(before, ...reviews.toSorted((a, b) => rank(a) - rank(b))).panel.result.result;
        };
        const both = [review(one!, mine), review(other!, theirs)];
        expect(taken(both)).toBe(taken(both.toReversed()));
      }),
      { numRuns: inLane({ short: 200, long: 2_000 }) },
    );
  });
});
