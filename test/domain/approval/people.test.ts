import { describe, expect, test } from 'vitest';
import { change } from '../../../src/domain/approval/change.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import { reviewersNow } from '../../../src/domain/approval/views.ts';
import type { PanelEvent } from '../../../src/domain/approval/panel.ts';
import type { Candidate } from '../../../src/domain/requirement.ts';
import {
  ada,
  ADMIN,
  admins,
  alan,
  arn,
  bo,
  bound,
  DAY,
  max,
  MODERATOR,
  moderators,
  mona,
  opened,
  panelOf,
  person,
  review,
  rita,
  staged,
  START,
  time,
  twoModerators,
} from './kit.ts';

const stranger = person('mona');

const roster = (...people: Candidate[]): PanelEvent => ({ kind: 'roster', at: START, people });
const standing = (...people: Candidate[]): PanelEvent => ({ kind: 'standing', at: START, people });

describe('dead ends', () => {
  test('too few people deny the request when it is opened', () => {
    expect(opened([twoModerators], { people: [mona, ada] })).toMatchObject({
      panel: { result: { result: 'denied', code: 'NO_ELIGIBLE_APPROVER', binding: 'rule' } },
      notes: [],
    });
  });

  test('or approve it, where the stage says so; then nobody completed it', () => {
    const { panel } = opened([staged({ approvers: admins, outcomeIfNoApprovers: 'approve' })], { people: [mona] });
    expect(panel.result).toEqual({ result: 'approved' });
    expect(panel.requirements[0]?.stages[0]).toMatchObject({ status: 'approved', by: 'noApprovers' });
  });

  test('nor did who reviewed another requirement, when the last approvers leave', () => {
    const asked = [staged({}), staged({ approvers: admins, outcomeIfNoApprovers: 'approve' }, 'a')];
    expect(panelOf(asked, review(mona, 'approve')).result).toEqual({ result: 'open' });
    expect(panelOf(asked, review(mona, 'approve'), roster(mona, max)).result).toEqual({ result: 'approved' });
  });

  test('a stage that nobody could decide is passed over, and whose review led to it completed the request', () => {
    const asked = bound({
      stages: [
        { name: 'one', approvers: moderators, anyOf: [{ approve: 1 }] },
        { name: 'two', approvers: { roles: ['owner'] }, anyOf: [{ approve: 1 }], outcomeIfNoApprovers: 'approve' },
      ],
    });
    expect(panelOf([asked], review(mona, 'approve')).result).toEqual({ result: 'approved', completedBy: mona.arn });
  });

  test('the fallback is asked where it could decide, and people hear of it', () => {
    const { panel, notes } = opened([staged({ approvers: { roles: ['owner'] }, fallback: admins })]);
    expect(notes).toEqual([{ kind: 'escalate', binding: 'rule', stage: 'review' }]);
    expect(reviewersNow(panel)).toEqual([ada.arn, alan.arn, bo.arn]);
    expect(change(panel, review(ada, 'approve')).panel.result).toMatchObject({ result: 'approved' });
  });

  test('a fallback that could not decide either is no help', () => {
    const asked = staged({ approvers: { roles: ['owner'] }, fallback: { roles: ['deputy'] } });
    expect(opened([asked]).panel.result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('earlier reviews of the fallback count at once', () => {
    const asked = staged({ fallback: admins });
    const panel = panelOf([asked], review(ada, 'approve'), roster(ada, alan));
    expect(panel.result).toEqual({ result: 'approved', completedBy: ada.arn });
  });

  test('an escalation still to come is waited for; without one that helps, nobody waits', () => {
    const owners = { roles: ['owner'] };
    const helps = staged({ approvers: owners, timedActions: [{ at: '2d', do: 'escalate', to: admins }] });
    const { panel } = opened([helps]);
    expect(panel.result).toEqual({ result: 'open' });
    expect(reviewersNow(panel)).toEqual([]);
    expect(reviewersNow(change(panel, time(START + 2 * DAY)).panel)).toEqual([ada.arn, alan.arn, bo.arn]);
    const useless = staged({
      approvers: owners,
      timedActions: [{ at: '2d', do: 'escalate', to: { roles: ['deputy'] } }],
    });
    expect(opened([useless]).panel.result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('an escalation to nobody instead is one, when its time comes', () => {
    const asked = staged({ timedActions: [{ at: '2d', do: 'escalate', to: { roles: ['deputy'] }, instead: true }] });
    expect(panelOf([asked], time(START + 2 * DAY)).result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('an escalation that was done is no help any more', () => {
    const asked = staged({
      timedActions: [
        { at: '1d', do: 'escalate', to: admins },
        { at: '2d', do: 'escalate', to: { roles: ['deputy'] }, instead: true },
      ],
    });
    expect(panelOf([asked], time(START + 2 * DAY)).result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('that of a later stage counts when its turn comes', () => {
    const asked = bound({
      stages: [
        { name: 'one', approvers: moderators, anyOf: [{ approve: 1 }] },
        { name: 'two', approvers: { roles: ['owner'] }, anyOf: [{ approve: 1 }] },
      ],
    });
    const { panel } = opened([asked]);
    expect(panel.result).toEqual({ result: 'open' });
    expect(change(panel, review(mona, 'approve')).panel.result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('a threshold of its own people needs enough of them', () => {
    const asked = staged({ anyOf: [{ approve: 2, approvers: { users: [mona.arn] } }] });
    expect(opened([asked]).panel.result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('of a list of 500, which may be cut off, nobody can tell', () => {
    const crowd = Array.from({ length: 500 }, (_, index) => person(`crowd${index}`, MODERATOR));
    const asked = staged({ approvers: { users: [arn('named')] } });
    expect(opened([asked], { people: crowd }).panel.result).toEqual({ result: 'open' });
    expect(opened([asked], { people: crowd.slice(1) }).panel.result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });
});

describe('the roster', () => {
  test('who is not on it any more does not count', () => {
    const panel = panelOf([twoModerators], review(mona, 'approve'), roster(max, bo));
    expect(panel.requirements[0]?.stages[0]).toMatchObject({ status: 'open', approvedBy: [] });
    expect(change(panel, review(max, 'approve')).panel.result).toEqual({ result: 'open' });
  });

  test('who is on it is what it says', () => {
    const asked = staged({ approvers: admins, anyOf: [{ approve: 2 }] });
    const panel = panelOf([asked], review(mona, 'approve'), roster(person('mona', ADMIN), ada));
    expect(panel.requirements[0]?.stages[0]?.approvedBy).toEqual([mona.arn]);
  });

  test('of 500 it may be cut off: who is not on it keeps what they had', () => {
    const crowd = Array.from({ length: 500 }, (_, index) => person(`crowd${index}`, MODERATOR));
    const panel = panelOf([twoModerators], review(mona, 'approve'));
    const kept = change(panel, roster(...crowd)).panel;
    expect(kept.requirements[0]?.stages[0]?.approvedBy).toEqual([mona.arn]);
    expect(change(panel, roster(...crowd.slice(1))).panel.requirements[0]?.stages[0]?.approvedBy).toEqual([]);
  });

  test('that leaves too few people is a dead end', () => {
    expect(panelOf([twoModerators], roster(mona, ada)).result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
  });

  test('brings no party of the request in', () => {
    expect(panelOf([twoModerators], roster(mona, max, rita)).people).toEqual([mona, max]);
  });

  test('a stage that was approved begins anew when its approver is gone, with its own people and times', () => {
    const asked = bound({
      stages: [
        { name: 'one', approvers: moderators, anyOf: [{ approve: 1 }], dueIn: '5d' },
        { name: 'two', approvers: admins, anyOf: [{ approve: 1 }] },
      ],
    });
    const panel = panelOf([asked], review(mona, 'approve'), time(START + 4 * DAY), roster(max, ada));
    expect(panel.requirements[0]?.stages).toMatchObject([{ status: 'open', approvedBy: [] }, { status: 'waiting' }]);
    expect(nextDueAt(panel)).toBe(START + 9 * DAY);
  });
});

describe('standing', () => {
  test('who lost the office before the request is resolved does not count for it', () => {
    const panel = panelOf([twoModerators], review(mona, 'approve'), standing(stranger), review(max, 'approve'));
    expect(panel.result).toEqual({ result: 'open' });
    expect(panel.reviews).toMatchObject([{ reviewer: mona.arn, roles: [] }, { reviewer: max.arn }]);
    expect(change(panel, review(bo, 'approve')).panel.result).toMatchObject({ result: 'approved' });
  });

  test('it counts for what time decides at the same moment', () => {
    const asked = [staged({}, 'a'), staged({ approvers: admins, timedActions: [{ at: '1d', do: 'approve' }] }, 'b')];
    const panel = panelOf(asked, review(mona, 'approve'));
    const lost: PanelEvent = { kind: 'standing', at: START + DAY, people: [stranger] };
    expect(change(panel, time(START + DAY)).panel.result).toMatchObject({ result: 'approved' });
    expect(change(panel, lost).panel.result).toEqual({ result: 'open' });
  });

  test('what it takes back is not shown, though nothing is decided by it any more', () => {
    const before = panelOf([twoModerators], review(mona, 'approve'));
    const { panel } = change(before, { kind: 'standing', at: START + 30 * DAY, people: [stranger] });
    expect(panel.result).toEqual({ result: 'expired' });
    expect(panel.requirements[0]?.stages[0]?.approvedBy).toEqual([]);
  });

  test('who is not named keeps what they had', () => {
    const panel = panelOf(
      [bound({ approvers: moderators, approve: 3 })],
      review(mona, 'approve'),
      standing(person('max')),
    );
    expect(panel.result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER' });
    const kept = panelOf([twoModerators], review(mona, 'approve'), standing(person('max')));
    expect(kept.requirements[0]?.stages[0]?.approvedBy).toEqual([mona.arn]);
  });

  test('of a new review is that of the earlier ones as well', () => {
    const panel = panelOf([twoModerators], review(mona, 'approve'), review(stranger, 'comment'));
    expect(panel.requirements[0]?.stages[0]?.approvedBy).toEqual([]);
    expect(reviewersNow(panel)).toEqual([max.arn, bo.arn]);
  });

  test('an office that the list did not know yet counts against a dead end', () => {
    const asked = bound({
      stages: [
        { name: 'one', approvers: moderators, anyOf: [{ approve: 1 }] },
        { name: 'two', approvers: { roles: ['owner'] }, anyOf: [{ approve: 1 }] },
      ],
    });
    expect(
      panelOf([asked], review(person('bo', MODERATOR, 'owner'), 'comment'), review(mona, 'approve')).result,
    ).toEqual({
      result: 'open',
    });
  });
});
