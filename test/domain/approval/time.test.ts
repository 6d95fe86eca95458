import { describe, expect, test } from 'vitest';
import { change, openPanel } from '../../../src/domain/approval/change.ts';
import { nextDueAt } from '../../../src/domain/approval/time.ts';
import { reviewersNow } from '../../../src/domain/approval/views.ts';
import type { StageProgress } from '../../../src/domain/approval/panel.ts';
import {
  ada,
  admins,
  after,
  alan,
  bo,
  bound,
  DAY,
  DIGEST,
  HOUR,
  max,
  moderators,
  mona,
  opened,
  panelOf,
  resultOf,
  review,
  stage,
  staged,
  START,
  time,
} from './kit.ts';

const iso = (at: number) => new Date(at).toISOString();
const first = ({ panel }: ReturnType<typeof opened>): StageProgress => panel.requirements[0]!.stages[0]!;

describe('the ladder remind 1d, escalate 2d, admins 3d, deny 5d', () => {
  const ladder = staged({
    approvers: { users: [mona.arn] },
    timedActions: [
      { at: '5d', do: 'deny' },
      { at: '1d', do: 'remind' },
      { at: '2d', do: 'escalate', to: moderators },
      { at: '3d', do: 'escalate', to: admins, instead: true },
    ],
  });

  test('goes up one rung a time, and who is asked changes', () => {
    let { panel } = opened([ladder]);
    const seen: unknown[] = [];
    while (panel.result.result === 'open') {
      const at = nextDueAt(panel)!;
      const changed = change(panel, time(at));
      panel = changed.panel;
      seen.push([(at - START) / DAY, changed.notes.map(({ kind }) => kind), reviewersNow(panel)]);
    }
    expect(seen).toEqual([
      [1, ['remind'], [mona.arn]],
      [2, ['escalate'], [mona.arn, max.arn, bo.arn]],
      [3, ['escalate'], [ada.arn, alan.arn, bo.arn]],
      [5, [], []],
    ]);
    expect(panel.result).toEqual({ result: 'denied', code: 'DENIED_BY_TIME', binding: 'rule' });
    expect(nextDueAt(panel)).toBeUndefined();
  });

  test('all that is due is done in the order of its times when time comes late', () => {
    const { panel, notes } = after(opened([ladder]).panel, time(START + 4 * DAY));
    expect(notes.map(({ kind }) => kind)).toEqual(['remind', 'escalate', 'escalate']);
    expect(nextDueAt(panel)).toBe(START + 5 * DAY);
    expect(first({ panel, notes })).toMatchObject({ status: 'open', approvers: [admins], actionsDone: 3 });
  });

  test('a review of who came in later counts; of who was replaced it does not, but did', () => {
    const late = { at: START + 3 * DAY };
    expect(resultOf([ladder], time(START + 3 * DAY), review(mona, 'approve', late))).toEqual({ result: 'open' });
    expect(resultOf([ladder], time(START + 3 * DAY), review(ada, 'approve', late))).toMatchObject({
      completedBy: ada.arn,
    });
    expect(resultOf([ladder], time(START + 2 * DAY), review(max, 'deny', late), review(max, 'deny'))).toEqual({
      result: 'open',
    });
  });

  test('a review that someone gave early counts once they are asked', () => {
    const panel = panelOf([ladder], review(max, 'approve'));
    expect(panel.result).toEqual({ result: 'open' });
    expect(change(panel, time(START + 2 * DAY)).panel.result).toEqual({ result: 'approved', completedBy: max.arn });
  });

  test('what is due before a review is done before it', () => {
    expect(resultOf([ladder], review(ada, 'approve', { at: START + 5 * DAY }))).toMatchObject({
      code: 'DENIED_BY_TIME',
    });
    expect(resultOf([ladder], review(ada, 'approve', { at: START + 5 * DAY - 1 }))).toMatchObject({
      result: 'approved',
    });
  });
});

describe('actions', () => {
  test('approve: silence is consent, and nobody completed it', () => {
    const asked = [staged({ timedActions: [{ at: '2d', do: 'approve' }] })];
    const panel = panelOf(asked, time(START + 2 * DAY));
    expect(panel.result).toEqual({ result: 'approved' });
    expect(panel.requirements[0]?.stages[0]).toMatchObject({ status: 'approved', by: 'time' });
  });

  test('approve: who reviewed another requirement did not complete the request', () => {
    const asked = [staged({}), staged({ approvers: admins, timedActions: [{ at: '2d', do: 'approve' }] }, 'a')];
    expect(panelOf(asked, review(mona, 'approve'), time(START + 2 * DAY)).result).toEqual({ result: 'approved' });
  });

  test('approve of a stage begins the next one then, whose own time is counted from there', () => {
    const asked = bound({
      stages: [
        stage({ name: 'one', timedActions: [{ at: '2d', do: 'approve' }] }),
        stage({
          name: 'two',
          approvers: admins,
          timedActions: [
            { at: '1d', do: 'remind' },
            { at: '2d', do: 'deny' },
          ],
        }),
      ],
    });
    const { panel, notes } = after(opened([asked]).panel, time(START + 3 * DAY));
    expect(notes.map(({ kind, stage: name }) => [kind, name])).toEqual([
      ['stage', 'two'],
      ['remind', 'two'],
    ]);
    expect(nextDueAt(panel)).toBe(START + 4 * DAY);
    expect(change(panel, time(START + 40 * DAY)).panel.result).toMatchObject({ code: 'DENIED_BY_TIME' });
  });

  test('extend moves the end of the stage and of the request, once', () => {
    const asked = staged({ dueIn: '2d', timedActions: [{ at: '1d', do: 'extend', by: '3d' }] });
    const { panel, notes } = after(opened([asked], { dueAt: START + 4 * DAY }).panel, time(START + DAY));
    expect(notes).toEqual([{ kind: 'extend', binding: 'rule', stage: 'review' }]);
    expect(panel.dueAt).toBe(iso(START + 7 * DAY));
    expect(first({ panel, notes }).dueAt).toBe(iso(START + 5 * DAY));
    expect(nextDueAt(panel)).toBe(START + 5 * DAY);
  });

  test('extend of a stage that has no end moves that of the request alone', () => {
    const asked = staged({ timedActions: [{ at: '1d', do: 'extend', by: '3d' }] });
    const { panel, notes } = after(opened([asked], { dueAt: START + DAY }).panel, time(START + DAY));
    expect(panel).toMatchObject({ dueAt: iso(START + 4 * DAY), result: { result: 'open' } });
    expect(first({ panel, notes })).not.toHaveProperty('dueAt');
  });

  test('an escalation to who is asked already changes nothing but the count of what was done', () => {
    const asked = staged({ timedActions: [{ at: '1d', do: 'escalate', to: moderators }] });
    expect(first(after(opened([asked]).panel, time(START + DAY)))).toMatchObject({
      approvers: [moderators],
      actionsDone: 1,
    });
  });

  test('at: 0s is done when the stage begins', () => {
    const { panel, notes } = opened([
      staged({
        timedActions: [
          { at: '0s', do: 'remind' },
          { at: '0s', do: 'deny' },
        ],
      }),
    ]);
    expect(panel.result).toMatchObject({ code: 'DENIED_BY_TIME' });
    expect(notes).toEqual([{ kind: 'stage', binding: 'rule', stage: 'review' }]);
  });
});

describe('at the same time', () => {
  test.for([
    [['approve', 'deny'], 'denied'],
    [['deny', 'approve'], 'denied'],
  ] as const)('%j: a denial comes first', ([order, result]) => {
    const timedActions = order.map((action) => ({ at: '1d', do: action }));
    expect(resultOf([staged({ timedActions })], time(START + DAY))).toMatchObject({ result });
  });

  test('also where another requirement, which stands before, is approved by time', () => {
    const approves = staged({ timedActions: [{ at: '1d', do: 'approve' }] }, 'a');
    const denies = staged({ timedActions: [{ at: '24h', do: 'deny' }] }, 'b');
    const { panel } = after(opened([approves, denies]).panel, time(START + DAY));
    expect(panel.result).toEqual({ result: 'denied', code: 'DENIED_BY_TIME', binding: 'b' });
    expect(panel.requirements[0]?.stages[0]?.status).toBe('open');
  });

  test('actions are done as they are written otherwise', () => {
    const timedActions = [
      { at: '1d', do: 'escalate', to: admins, instead: true },
      { at: '24h', do: 'escalate', to: moderators, instead: true },
    ] as const;
    expect(
      first(after(opened([staged({ timedActions: [...timedActions] })]).panel, time(START + DAY))).approvers,
    ).toEqual([moderators]);
  });

  test('an action comes before the end of the stage, and that before the end of the request', () => {
    const dueAt = START + DAY;
    const extended = staged({ dueIn: '1d', timedActions: [{ at: '1d', do: 'extend', by: '1d' }] });
    expect(after(opened([extended], { dueAt }).panel, time(dueAt)).panel.result).toEqual({ result: 'open' });
    const approved = staged({ dueIn: '1d', timedActions: [{ at: '1d', do: 'approve' }] });
    expect(after(opened([approved], { dueAt }).panel, time(dueAt)).panel.result).toEqual({ result: 'approved' });
    const late = after(opened([staged({ dueIn: '1d' })], { dueAt }).panel, time(dueAt));
    expect(late.panel.result).toEqual({ result: 'expired', binding: 'rule' });
    expect(late.notes).toEqual([{ kind: 'overdue', binding: 'rule', stage: 'review' }]);
    expect(first(late).status).toBe('overdue');
  });
});

describe('the end', () => {
  test('the request expires when nobody decided it', () => {
    const panel = panelOf([staged({})]);
    expect(nextDueAt(panel)).toBe(START + 30 * DAY);
    expect(change(panel, time(START + 30 * DAY - 1)).panel.result).toEqual({ result: 'open' });
    expect(change(panel, time(START + 30 * DAY))).toMatchObject({
      panel: { result: { result: 'expired' } },
      notes: [],
    });
  });

  test('a stage whose turn has not come is not overdue', () => {
    const asked = bound({ stages: [stage({ name: 'one' }), stage({ name: 'two', approvers: admins, dueIn: '1d' })] });
    const panel = panelOf([asked], time(START + 2 * DAY), review(mona, 'approve', { at: START + 2 * DAY }));
    expect(panel.result).toEqual({ result: 'open' });
    expect(nextDueAt(panel)).toBe(START + 3 * DAY);
  });

  test('an end that has come already ends it at once', () => {
    const past = { people: [mona], excluded: [], requestDigest: DIGEST, at: START, dueAt: START - HOUR };
    expect(openPanel({ requirements: [staged({})], ...past }).panel.result).toEqual({ result: 'expired' });
  });

  test('time never goes back: an event of an earlier time counts as of the last', () => {
    const panel = panelOf(
      [staged({}), staged({ approvers: admins }, 'a')],
      time(START + 2 * DAY),
      review(mona, 'approve'),
    );
    expect(panel.at).toBe(iso(START + 2 * DAY));
  });

  test('a time beyond what a date can tell is as good as never', () => {
    const { panel } = opened([staged({})], { dueAt: Number.MAX_SAFE_INTEGER });
    expect(panel.result).toEqual({ result: 'open' });
    expect(change(panel, time(nextDueAt(panel)!)).panel.result).toEqual({ result: 'expired' });
  });
});
