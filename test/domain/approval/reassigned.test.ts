import { describe, expect, test } from 'vitest';
import { canReassign, reviewersNow } from '../../../src/domain/approval/views.ts';
import { change } from '../../../src/domain/approval/change.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import type { PanelEvent } from '../../../src/domain/approval/panel.ts';
import type { Approvers } from '../../../src/domain/requirement.ts';
import {
  admins,
  arn,
  bo,
  bound,
  DAY,
  DIGEST,
  everybody,
  max,
  moderators,
  mona,
  panelOf,
  person,
  review,
  rita,
  staged,
  START,
  twoModerators,
} from './kit.ts';

function required(requirements: readonly ReturnType<typeof bound>[], people = everybody): PanelEvent {
  return { kind: 'required', at: START, requirements, people, requestDigest: DIGEST };
}

describe('reassigned', () => {
  const eva = { users: [arn('eva')] };
  const people = [...everybody, person('eva')];
  const reassign = (binding: string, to: Approvers = eva, among = people): PanelEvent => {
    return { kind: 'reassign', at: START, binding, to, people: among };
  };

  test('the open stage has these approvers and nobody else', () => {
    const panel = panelOf([staged({})], reassign('rule'));
    expect(reviewersNow(panel)).toEqual([arn('eva')]);
    expect(change(panel, review(mona, 'approve')).panel.result).toEqual({ result: 'open' });
    expect(change(panel, review(person('eva'), 'approve')).panel.result).toMatchObject({ result: 'approved' });
  });

  test('only the open stage, and its times go on', () => {
    const asked = bound({
      stages: [
        { name: 'one', approvers: moderators, anyOf: [{ approve: 1 }] },
        { name: 'two', approvers: admins, anyOf: [{ approve: 1 }], dueIn: '3d' },
      ],
    });
    const panel = panelOf([asked], review(mona, 'approve'), reassign('rule'));
    expect(panel.requirements[0]?.stages.map(({ approvers }) => approvers)).toEqual([[moderators], [eva]]);
    expect(nextDueAt(panel)).toBe(START + 3 * DAY);
  });

  test('why it cannot be done is told before, and then it changes nothing', () => {
    const panel = panelOf([staged({})]);
    expect(canReassign(panel, 'rule', eva, people)).toBe('ok');
    expect(canReassign(panel, 'other', eva, people)).toBe('unknownRequirement');
    expect(canReassign(panel, 'rule', eva, everybody)).toBe('nobody');
    expect(canReassign(panel, 'rule', { users: [rita.arn] }, [rita])).toBe('nobody');
    const met = panelOf([staged({}), staged({ approvers: admins }, 'a')], review(mona, 'approve'));
    expect(canReassign(met, 'rule', eva, people)).toBe('notOpen');
    expect(canReassign(panelOf([staged({})], review(mona, 'deny')), 'rule', eva, people)).toBe('notOpen');
    expect(change(panel, reassign('rule', eva, everybody)).panel).toEqual(panel);
    expect(change(panel, reassign('other')).panel).toEqual(panel);
    expect(change(met, reassign('rule')).panel).toEqual(met);
  });

  test('policies that ask again do not know of it: its people stay, with what the policies do not measure', () => {
    const [owner, chosen] = [person('eva', 'owner'), { ...max, matched: ['chosen'] }];
    const cases: [Approvers, string][] = [
      [eva, arn('eva')],
      [{ roles: ['owner'] }, arn('eva')],
      [{ expression: 'chosen' }, max.arn],
    ];
    for (const [to, who] of cases) {
      const before = panelOf([staged({})], reassign('rule', to, [mona, owner, chosen]));
      const { panel } = change(before, required([staged({})], [mona, max, bo]));
      expect([panel.result.result, reviewersNow(panel)]).toEqual(['open', [who]]);
      expect(panel.people.map((one) => one.arn)).toEqual([...new Set([mona.arn, max.arn, bo.arn, who])]);
      // What is asked for now has no place for them.
      const anew = change(before, required([staged({ name: 'other' })], [mona, max, bo])).panel;
      expect(anew.people).toEqual([mona, max, bo]);
    }
  });

  test('who lost an office of Chime is not kept for it', () => {
    const before = panelOf([staged({})], reassign('rule', admins, everybody));
    expect(change(before, required([staged({})], [mona, max])).panel.result).toMatchObject({
      code: 'NO_ELIGIBLE_APPROVER',
    });
  });

  test('to as many people as are needed', () => {
    expect(canReassign(panelOf([twoModerators]), 'rule', eva, people)).toBe('nobody');
  });
});
