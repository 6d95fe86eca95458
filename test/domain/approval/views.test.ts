import { describe, expect, test } from 'vitest';
import { change, openPanel } from '../../../src/domain/approval/change.ts';
import { decidedBy, mayReview, needsJustification, reviewersNow } from '../../../src/domain/approval/views.ts';
import {
  ada,
  admins,
  after,
  alan,
  arn,
  bo,
  bound,
  DIGEST,
  everybody,
  max,
  moderators,
  mona,
  opened,
  panelOf,
  person,
  review,
  rita,
  START,
  DAY,
  time,
} from './kit.ts';

const oneModerator = bound({ approvers: moderators, approve: 1 }, 'm');
const oneAdmin = bound({ approvers: admins, approve: 1 }, 'a');
const stages = bound({
  stages: [
    { name: 'first', approvers: moderators, anyOf: [{ approve: 1 }] },
    { name: 'second', approvers: admins, anyOf: [{ approve: 1 }] },
  ],
});

describe('who may review', () => {
  test('the people of the open stage, and who could take back or deny what is approved by reviews', () => {
    const { panel } = opened([stages]);
    expect(everybody.filter((one) => mayReview(panel, one))).toEqual([mona, max, bo]);
    expect(mayReview(panel, rita)).toBe(false);
    const second = change(panel, review(mona, 'approve')).panel;
    expect(everybody.filter((one) => mayReview(second, one))).toEqual(everybody);
    expect(mayReview(second, person('eve'))).toBe(false);
  });

  test('not those of a stage that time approved', () => {
    const silent = bound({
      stages: [{ approvers: moderators, anyOf: [{ approve: 1 }], timedActions: [{ at: '1d', do: 'approve' }] }],
    });
    const panel = change(opened([silent, oneAdmin]).panel, time(START + DAY)).panel;
    expect(everybody.filter((one) => mayReview(panel, one))).toEqual([ada, alan, bo]);
  });

  test('nobody, once there is a result', () => {
    const panel = panelOf([oneModerator], review(mona, 'approve'));
    expect([mayReview(panel, mona), mayReview(panel, max)]).toEqual([false, false]);
    expect(reviewersNow(panel)).toEqual([]);
  });

  test('it waits for those of the open stages who neither approve nor deny', () => {
    const { panel } = opened([bound({ approvers: moderators, approve: 3 })]);
    expect(reviewersNow(panel)).toEqual([mona.arn, max.arn, bo.arn]);
    const later = after(panel, review(mona, 'approve'), review(max, 'approve'), review(max, 'requestChanges')).panel;
    expect(reviewersNow(later)).toEqual([bo.arn, max.arn]);
    expect(reviewersNow(panelOf([stages], review(mona, 'approve')))).toEqual([ada.arn, alan.arn, bo.arn]);
  });

  test('an expression and an exclusion narrow who it is', () => {
    const chosen = bound({ approvers: { ...moderators, expression: 'chosen', exclude: [max.arn] }, approve: 1 });
    const [chosenMona, chosenMax] = [mona, max].map((one) => ({ ...one, matched: ['chosen'] }));
    const { panel } = opened([chosen], { people: [chosenMona!, chosenMax!, bo] });
    expect(reviewersNow(panel)).toEqual([mona.arn]);
    expect(after(panel, review(chosenMax!, 'approve'), review(bo, 'approve')).panel.result).toEqual({ result: 'open' });
    expect(after(panel, review(chosenMona!, 'approve')).panel.result).toMatchObject({ result: 'approved' });
  });

  test('a review needs a comment where the stage of its author asks for one', () => {
    const asked = [
      bound({ stages: [{ approvers: moderators, anyOf: [{ approve: 1 }], justification: 'required' }] }, 'm'),
      oneAdmin,
    ];
    const { panel } = opened(asked);
    expect(needsJustification(panel, mona)).toBe(true);
    expect(needsJustification(panel, ada)).toBe(false);
  });
});

test('a result rests on who approved, or on who denied the stage that was denied; one by time on nobody', () => {
  const one = [{ approve: 1, deny: 2 }];
  const silent = { approvers: moderators, anyOf: one, timedActions: [{ at: '1d', do: 'deny' as const }] };
  const asked = [bound({ stages: [silent] }), oneAdmin];
  const denied = panelOf(asked, review(ada, 'approve'), review(mona, 'deny'));
  expect(decidedBy(denied)).toEqual([]);
  expect(decidedBy(change(denied, review(max, 'deny')).panel)).toEqual([mona.arn, max.arn]);
  expect(decidedBy(change(denied, review(max, 'approve')).panel)).toEqual([max.arn, ada.arn]);
  expect(decidedBy(change(denied, time(START + DAY)).panel)).toEqual([]);
});

test('parties are not among the people, even if the list has them', () => {
  const { panel } = openPanel({
    requirements: [oneModerator],
    people: [rita, mona],
    excluded: [rita.arn, arn('bearer')],
    requestDigest: DIGEST,
    at: START,
    dueAt: START + 1,
  });
  expect(panel.people).toEqual([mona]);
  expect(reviewersNow(panel)).toEqual([mona.arn]);
});
