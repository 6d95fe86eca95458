import { describe, expect, test } from 'vitest';
import { change } from '../../../src/domain/approval/change.ts';
import { progressOf } from '../../../src/domain/approval/views.ts';
import {
  ada,
  admins,
  after,
  bo,
  bound,
  everybody,
  max,
  moderators,
  mona,
  opened,
  OTHER_DIGEST,
  panelOf,
  person,
  resultOf,
  review,
  rita,
  START,
  twoModerators,
} from './kit.ts';

const oneModerator = bound({ approvers: moderators, approve: 1 }, 'm');
const oneAdmin = bound({ approvers: admins, approve: 1 }, 'a');
const stages = bound({
  stages: [
    { name: 'first', approvers: moderators, anyOf: [{ approve: 1 }] },
    { name: 'second', approvers: admins, anyOf: [{ approve: 1 }] },
  ],
});

describe('requirements', () => {
  test('nothing asked for is approved at once, by nobody', () => {
    expect(opened([])).toMatchObject({ panel: { result: { result: 'approved' } }, notes: [] });
    expect(opened([]).panel.result).not.toHaveProperty('completedBy');
  });

  test('two are met by one person of both offices, or by two of one each', () => {
    const asked = [oneModerator, oneAdmin];
    expect(resultOf(asked, review(bo, 'approve'))).toEqual({ result: 'approved', completedBy: bo.arn });
    expect(resultOf(asked, review(mona, 'approve'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(mona, 'approve'), review(mona, 'approve'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(mona, 'approve'), review(ada, 'approve'))).toEqual({
      result: 'approved',
      completedBy: ada.arn,
    });
  });

  test('a denial of one denies the request, also by whom only the one that is met asks', () => {
    const asked = [oneModerator, oneAdmin];
    expect(resultOf(asked, review(mona, 'approve'), review(max, 'deny'))).toEqual({
      result: 'denied',
      code: 'REVIEW_DENIED',
      binding: 'm',
      by: max.arn,
    });
  });
});

test('of two requirements that one review denies, the first is told', () => {
  expect(resultOf([oneModerator, oneAdmin], review(bo, 'deny'))).toMatchObject({ binding: 'm', by: bo.arn });
  expect(resultOf([oneAdmin, oneModerator], review(bo, 'deny'))).toMatchObject({ binding: 'a', by: bo.arn });
});

describe('reviews', () => {
  test('the latest of a person counts, and a comment replaces nothing', () => {
    expect(resultOf([twoModerators], review(mona, 'approve'), review(mona, 'comment'), review(max, 'approve'))).toEqual(
      {
        result: 'approved',
        completedBy: max.arn,
      },
    );
  });

  test.for(['abstain', 'requestChanges'] as const)('%s takes back what was said before', (decision) => {
    const given = [review(mona, 'approve'), review(mona, decision), review(max, 'approve')];
    expect(resultOf([twoModerators], ...given)).toEqual({ result: 'open' });
    expect(resultOf([twoModerators], ...given, review(mona, 'approve'))).toMatchObject({ result: 'approved' });
  });

  test('of another digest they are none, and take nothing back', () => {
    const panel = panelOf([oneModerator], review(mona, 'deny', { requestDigest: OTHER_DIGEST }));
    expect(panel).toMatchObject({ result: { result: 'open' }, reviews: [] });
  });

  test('of a party of the request count for nothing, whatever roles it has', () => {
    const panel = panelOf([oneModerator], review(rita, 'approve'), review(rita, 'deny'));
    expect(panel.result).toEqual({ result: 'open' });
    expect(panel.people).toEqual(everybody);
  });

  test('of who is among nobody count for nothing', () => {
    expect(resultOf([oneModerator], review(ada, 'deny'), review(person('eve'), 'approve'))).toEqual({ result: 'open' });
  });

  test('a result is final: the same panel comes back, and no notes', () => {
    const panel = panelOf([oneModerator], review(mona, 'approve'));
    const again = change(panel, review(max, 'deny'));
    expect(again.panel).toBe(panel);
    expect(again.notes).toEqual([]);
  });

  test('200 are kept that do not count, and how many were dropped is known', () => {
    const comments = Array.from({ length: 210 }, () => review(max, 'comment'));
    const { panel } = after(opened([twoModerators]).panel, review(mona, 'approve'), ...comments);
    expect(panel.reviews).toHaveLength(201);
    expect(panel.droppedReviews).toBe(10);
    expect(panel.reviews[0]).toMatchObject({ reviewer: mona.arn, decision: 'approve' });
    expect(change(panel, review(max, 'approve')).panel.result).toMatchObject({ result: 'approved' });
  });
});

describe('thresholds', () => {
  const twoModeratorsOrOneAdmin = bound({
    stages: [
      {
        approvers: { roles: [...(moderators.roles ?? []), ...(admins.roles ?? [])] },
        anyOf: [
          { approve: 2, approvers: moderators },
          { approve: 1, approvers: admins },
        ],
      },
    ],
  });

  test('two moderators or one admin', () => {
    const asked = [twoModeratorsOrOneAdmin];
    expect(resultOf(asked, review(mona, 'approve'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(mona, 'approve'), review(max, 'approve'))).toMatchObject({ result: 'approved' });
    expect(resultOf(asked, review(ada, 'approve'))).toMatchObject({ result: 'approved' });
  });

  test('progress tells of the alternative that is nearest', () => {
    const asked = [bound({ stages: [{ approvers: moderators, anyOf: [{ approve: 3 }, { approve: 2 }] }] })];
    expect(progressOf(panelOf(asked, review(mona, 'approve')))).toEqual([
      { binding: 'rule', stage: 'review', status: 'open', approve: 2, approvedBy: [mona.arn] },
    ]);
  });

  test('who may review but is not meant by a threshold does not count for it', () => {
    const asked = [
      bound({ stages: [{ approvers: moderators, anyOf: [{ approve: 1, approvers: { users: [max.arn] } }] }] }),
    ];
    expect(resultOf(asked, review(mona, 'approve'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(mona, 'deny'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(max, 'approve'))).toMatchObject({ result: 'approved' });
  });

  test('with deny: 2 it takes two denials', () => {
    const asked = [bound({ stages: [{ approvers: moderators, anyOf: [{ approve: 2, deny: 2 }] }] })];
    expect(resultOf(asked, review(mona, 'deny'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(mona, 'deny'), review(mona, 'deny'))).toEqual({ result: 'open' });
    expect(resultOf(asked, review(mona, 'deny'), review(max, 'deny'))).toMatchObject({ result: 'denied', by: max.arn });
    expect(resultOf(asked, review(mona, 'deny'), review(max, 'approve'), review(bo, 'approve'))).toMatchObject({
      result: 'approved',
      completedBy: bo.arn,
    });
  });

  test.for([
    [
      { approve: 2, deny: 5 },
      { approve: 3, deny: 1 },
    ],
    [
      { approve: 3, deny: 1 },
      { approve: 2, deny: 5 },
    ],
  ])('a denial comes before an approval that the same moment brings: %j', (anyOf) => {
    const owners = ['olga', 'otto', 'otis'].map((name) => person(name, 'owner'));
    const asked = bound({
      stages: [
        { name: 'first', approvers: moderators, anyOf: [{ approve: 1 }] },
        { name: 'second', approvers: { roles: ['owner'] }, anyOf },
      ],
    });
    const { panel } = opened([asked], { people: [...everybody, ...owners] });
    const [olga, otto, otis] = owners;
    const early = [review(olga!, 'approve'), review(otto!, 'approve'), review(otis!, 'deny')];
    expect(after(panel, ...early, review(mona, 'approve')).panel.result).toMatchObject({
      result: 'denied',
      by: otis!.arn,
    });
  });
});

describe('stages', () => {
  test('the next begins when the one before is approved, and people hear of it', () => {
    const { panel, notes } = opened([stages]);
    expect(notes).toEqual([{ kind: 'stage', binding: 'rule', stage: 'first' }]);
    expect(panel.requirements[0]?.stages).toMatchObject([{ status: 'open' }, { status: 'waiting' }]);
    const later = change(panel, review(mona, 'approve', { at: START + 5 }));
    expect(later.notes).toEqual([{ kind: 'stage', binding: 'rule', stage: 'second' }]);
    expect(later.panel.requirements[0]?.stages).toMatchObject([
      { status: 'approved', approvedBy: [mona.arn] },
      { status: 'open', startedAt: new Date(START + 5).toISOString() },
    ]);
    expect(progressOf(later.panel)).toMatchObject([{ stage: 'second', status: 'open', approve: 1, approvedBy: [] }]);
    expect(change(later.panel, review(ada, 'approve')).panel.result).toEqual({
      result: 'approved',
      completedBy: ada.arn,
    });
  });

  test('one review counts for a later stage as well', () => {
    expect(resultOf([stages], review(ada, 'approve'))).toEqual({ result: 'open' });
    expect(resultOf([stages], review(ada, 'approve'), review(mona, 'approve'))).toMatchObject({ result: 'approved' });
    expect(resultOf([stages], review(ada, 'deny'))).toEqual({ result: 'open' });
    expect(resultOf([stages], review(ada, 'deny'), review(mona, 'approve'))).toMatchObject({ result: 'denied' });
    expect(resultOf([stages], review(bo, 'approve'))).toEqual({ result: 'approved', completedBy: bo.arn });
  });

  test('who approved one may take it back until there is a result: it begins anew, and those behind it wait', () => {
    const panel = panelOf([stages], review(mona, 'approve'), review(mona, 'abstain', { at: START + 9 }));
    expect(panel.requirements[0]?.stages).toMatchObject([
      { status: 'open', startedAt: new Date(START + 9).toISOString(), approvedBy: [] },
      { status: 'waiting' },
    ]);
    expect(panel.requirements[0]?.stages[1]).not.toHaveProperty('startedAt');
    expect(resultOf([stages], review(mona, 'approve'), review(mona, 'deny'))).toMatchObject({ result: 'denied' });
  });
});
