import { describe, expect, test } from 'vitest';
import { change } from '../../../src/domain/approval/change.ts';
import { mayReview } from '../../../src/domain/approval/views.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import type { PanelEvent } from '../../../src/domain/approval/panel.ts';
import {
  ada,
  admins,
  after,
  bo,
  bound,
  DAY,
  DIGEST,
  everybody,
  max,
  moderators,
  mona,
  OTHER_DIGEST,
  panelOf,
  person,
  review,
  rita,
  staged,
  START,
  time,
  twoModerators,
} from './kit.ts';

function required(
  requirements: readonly ReturnType<typeof bound>[],
  { people = everybody, requestDigest = DIGEST, at = START, excluded = [rita.arn], paused = false } = {},
): PanelEvent {
  return { kind: 'required', at, requirements, people, requestDigest, excluded, paused };
}

describe('asked again', () => {
  const ladder = staged(
    {
      timedActions: [
        { at: '1d', do: 'remind' },
        { at: '3d', do: 'deny' },
      ],
    },
    'ladder',
  );

  test('what is asked for unchanged goes on, with its reviews and times', () => {
    const before = panelOf([twoModerators, ladder], time(START + DAY));
    const again = required([structuredClone(ladder), structuredClone(twoModerators)], { at: START + 2 * DAY });
    const { panel, notes } = after(before, again);
    expect(panel.requirements).toEqual(before.requirements.toReversed());
    expect(notes).toEqual([]);
    expect(nextDueAt(panel)).toBe(START + 3 * DAY);
    expect(after(before, review(mona, 'approve'), again).panel.requirements[1]?.stages[0]?.approvedBy).toEqual([
      mona.arn,
    ]);
  });

  test('what changed, or has another binding, begins anew', () => {
    const at = START + 2 * DAY;
    const changed = [{ ...ladder, binding: 'other' }, bound({ approvers: moderators, approve: 1 })];
    const { panel, notes } = after(panelOf([twoModerators, ladder], time(at)), required(changed, { at }));
    expect(panel.requirements.map(({ stages }) => stages[0]?.startedAt)).toEqual(
      [at, at].map((ms) => new Date(ms).toISOString()),
    );
    expect(notes.map(({ binding }) => binding)).toEqual(['other', 'rule']);
    expect(nextDueAt(panel)).toBe(START + 3 * DAY);
  });

  test('what is asked for with one thing more begins anew', () => {
    const panel = panelOf(
      [ladder],
      required([staged({ ...ladder.stages[0], dueIn: '9d' }, 'ladder')], { at: START + DAY - 1 }),
    );
    expect(panel.requirements[0]?.stages[0]?.startedAt).toBe(new Date(START + DAY - 1).toISOString());
  });

  test('who reviewed could review, whether the new list has them or not', () => {
    const panel = panelOf([twoModerators], review(mona, 'approve'), required([twoModerators], { people: [max] }));
    expect(panel.result).toEqual({ result: 'open' });
    expect(change(panel, review(max, 'approve')).panel.result).toMatchObject({ result: 'approved' });
  });

  test('earlier reviews count for what is new', () => {
    const panel = panelOf([twoModerators], review(mona, 'approve'));
    expect(change(panel, required([bound({ approvers: moderators, approve: 1 })])).panel.result).toEqual({
      result: 'approved',
      completedBy: mona.arn,
    });
  });

  test('what is not asked for any more holds nothing up', () => {
    const panel = panelOf([staged({}), staged({ approvers: admins }, 'a')], review(mona, 'approve'));
    expect(change(panel, required([staged({})])).panel.result).toEqual({ result: 'approved', completedBy: mona.arn });
    expect(change(panelOf([twoModerators]), required([])).panel.result).toEqual({ result: 'approved' });
  });

  test('who reviewed a stage that time approved did not complete what is asked now', () => {
    const silent = staged({ timedActions: [{ at: '1d', do: 'approve' }] }, 'silent');
    const before = panelOf(
      [silent, bound({ approvers: admins, approve: 2 })],
      time(START + DAY),
      review(ada, 'approve'),
      review(mona, 'approve'),
    );
    const easier = required([silent, bound({ approvers: admins, approve: 1 })], { at: START + DAY });
    expect(change(before, easier).panel.result).toEqual({ result: 'approved', completedBy: ada.arn });
  });

  test('an amended request needs new reviews, and the earlier ones are kept', () => {
    const panel = panelOf(
      [twoModerators],
      review(mona, 'approve'),
      required([twoModerators], { requestDigest: OTHER_DIGEST }),
    );
    expect(panel).toMatchObject({ requestDigest: OTHER_DIGEST, reviews: [{ reviewer: mona.arn }] });
    expect(panel.requirements[0]?.stages[0]).toMatchObject({ approvedBy: [] });
    expect(change(panel, review(max, 'approve', { requestDigest: OTHER_DIGEST })).panel.result).toEqual({
      result: 'open',
    });
    const back = change(panel, required([twoModerators])).panel;
    expect(back.requirements[0]?.stages[0]).toMatchObject({ approvedBy: [mona.arn] });
  });

  test('what was taken back meanwhile does not come back with a request that is amended back', () => {
    for (const decision of ['abstain', 'requestChanges'] as const) {
      const panel = panelOf(
        [twoModerators],
        review(mona, 'approve'),
        required([twoModerators], { requestDigest: OTHER_DIGEST }),
        review(mona, decision, { requestDigest: OTHER_DIGEST }),
        required([twoModerators]),
      );
      expect(panel.requirements[0]?.stages[0]).toMatchObject({ approvedBy: [] });
      expect(change(panel, review(max, 'approve')).panel.result).toEqual({ result: 'open' });
    }
  });

  test('a stage that reviews of the request before had approved is open again', () => {
    const asked = [staged({}), staged({ approvers: admins }, 'a')];
    const panel = panelOf(
      asked,
      review(mona, 'approve'),
      required(asked, { requestDigest: OTHER_DIGEST, at: START + 9 }),
    );
    expect(panel.requirements[0]?.stages[0]).toMatchObject({
      status: 'open',
      startedAt: new Date(START + 9).toISOString(),
    });
    expect(panel.requirements[1]?.stages[0]).toMatchObject({
      status: 'open',
      startedAt: new Date(START).toISOString(),
    });
  });

  test('silence about the request before is no consent to the amended one', () => {
    const silent = staged({ timedActions: [{ at: '2d', do: 'approve' }] }, 'silent');
    const asked = [silent, staged({ approvers: admins })];
    const amended = required(asked, { requestDigest: OTHER_DIGEST, at: START + 3 * DAY });
    const approved = panelOf(asked, time(START + 2 * DAY));
    expect(change(approved, required(asked, { at: START + 3 * DAY })).panel.requirements[0]?.stages[0]).toMatchObject({
      by: 'time',
    });
    expect(nextDueAt(change(approved, amended).panel)).toBe(START + 5 * DAY);
    expect(nextDueAt(panelOf(asked, required(asked, { requestDigest: OTHER_DIGEST, at: START + DAY })))).toBe(
      START + 3 * DAY,
    );
  });

  test('nor is it that nobody could review the request before, if somebody can review the amended one', () => {
    const asked = [staged({ approvers: { roles: ['owner'] }, outcomeIfNoApprovers: 'approve' }), staged({}, 'm')];
    const people = [...everybody, person('olga', 'owner')];
    const [again, amended] = [required(asked, { people }), required(asked, { people, requestDigest: OTHER_DIGEST })];
    const statuses = (event: PanelEvent) => panelOf(asked, event).requirements.map(({ stages }) => stages[0]?.status);
    expect([statuses(again), statuses(amended)]).toEqual([
      ['approved', 'open'],
      ['open', 'open'],
    ]);
  });

  test('what is asked now comes first: time decides nothing more about what was asked before', () => {
    const silent = staged({ timedActions: [{ at: '2d', do: 'approve' }] });
    const denies = staged({ timedActions: [{ at: '2d', do: 'deny' }] });
    const later = { at: START + 2 * DAY };
    const [amended, stricter] = [{ ...later, requestDigest: OTHER_DIGEST }, staged({ approvers: admins })];
    expect(panelOf([silent], required([silent], amended)).result).toEqual({ result: 'open' });
    expect(panelOf([silent], required([stricter], later)).result).toEqual({ result: 'open' });
    expect(panelOf([denies], required([stricter], later)).result).toEqual({ result: 'open' });
    expect(panelOf([denies], required([denies], later)).result).toMatchObject({ code: 'DENIED_BY_TIME' });
    expect(panelOf([silent], required([silent], later)).result).toEqual({ result: 'approved' });
    expect(panelOf([silent], required([silent], { at: START + 30 * DAY })).result).toEqual({ result: 'approved' });
    expect(panelOf([stricter], required([stricter], { at: START + 30 * DAY })).result).toEqual({ result: 'expired' });
  });

  test('after a time in which nobody was asked, the times of what is open are counted anew', () => {
    const hurried = staged({ dueIn: '4d', timedActions: [{ at: '1d', do: 'escalate', to: admins }] });
    const asked = [hurried, staged({ approvers: admins, timedActions: [{ at: '2d', do: 'approve' }] }, 'silent')];
    const before = panelOf(asked, time(START + DAY), review(mona, 'comment'));
    const { panel } = change(before, required(asked, { at: START + 9 * DAY, paused: true }));
    const startedAt = new Date(START + 9 * DAY).toISOString();
    expect(panel.result).toEqual({ result: 'open' });
    expect(panel.requirements.flatMap(({ stages }) => stages)).toMatchObject([
      { startedAt, dueAt: new Date(START + 13 * DAY).toISOString(), actionsDone: 0, approvers: [moderators, admins] },
      { startedAt, actionsDone: 0 },
    ]);
    expect(nextDueAt(panel)).toBe(START + 10 * DAY);
  });

  test('people and parties are those of the new reading', () => {
    const panel = panelOf(
      [twoModerators],
      required([twoModerators], { people: [mona, max, bo, rita], excluded: [bo.arn] }),
    );
    expect(panel.people).toEqual([mona, max, rita]);
    expect(mayReview(panel, bo)).toBe(false);
  });

  test('a reviewer counts for expressions that are new', () => {
    const chosen = bound({ approvers: { ...moderators, expression: 'chosen' }, approve: 1 });
    const people = [{ ...mona, matched: ['chosen'] }, max];
    expect(panelOf([twoModerators], review(mona, 'approve'), required([chosen], { people })).result).toMatchObject({
      result: 'approved',
    });
  });
});
