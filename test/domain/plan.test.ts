import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { change } from '../../src/domain/approval/change.ts';
import { nextDueAt } from '../../src/domain/approval/time.ts';
import { planOf } from '../../src/domain/plan.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { user } from '../policies/fixtures.ts';
import { ADMINS, ladder, lines, MODS, of, people } from '../support/plans.ts';
import { after, bound, decisionOf, moderator, panelOf, pendingOn, reviewOf, viewOf } from '../support/views.ts';

describe('a request that waits for people', () => {
  const view = pendingOn(panelOf([ladder], people, [reviewOf('mona', { comment: 'fine' })]), {
    decisions: [
      decisionOf({ evaluation: 'requireApproval', action: 'pend', requirement: ladder }),
      decisionOf({ binding: 'ban', evaluation: 'notApplicable', action: 'none', message: 'nobody is banned' }),
    ],
  });
  const plan = planOf(view);

  test('tells what happened: who asked, what each policy decided, who reviewed', () => {
    expect(lines(of(plan, 'done'))).toEqual([
      '0 h: alice asked to join board as a DEFAULT member.',
      '0 h: privacy decided requireApproval: 2 approvals by channel_moderator, then 1 approval by app_instance_admin.',
      '0 h: ban decided notApplicable: nobody is banned.',
      '1 h: mona approved: "fine".',
    ]);
  });

  test('tells what is going on, who may act, and until when', () => {
    expect(of(plan, 'now')).toEqual([
      {
        status: 'now',
        what: 'privacy, stage mods: waits for 2 approvals by channel_moderator; it has 1 of 2.',
        who: 'channel_moderator',
        people: [user('max')],
        approved: 1,
        needed: 2,
        by: after(5 * 24),
        binding: 'privacy',
        stage: 'mods',
      },
    ]);
  });

  test('tells what comes by itself and when, then what comes once people have acted', () => {
    expect(lines(of(plan, 'next'))).toEqual([
      '24 h: privacy, stage mods: reminder to the approvers.',
      '48 h: privacy, stage mods: escalation to app_instance_admin, besides the approvers.',
      '72 h: privacy, stage mods: escalation to 2 named users, instead of the approvers.',
      '120 h: privacy, stage mods: denied, since nobody decided in time.',
      '120 h: The request is denied.',
      'privacy, stage admins: begins when the stage before it is approved; needs 1 approval by app_instance_admin, within 4d; 1d after it begins: reminder to the approvers.',
      'Once it is approved: Chime is called so that alice joins board.',
    ]);
    expect(plan.next).toEqual({ what: 'privacy, stage mods: reminder to the approvers.', at: after(24) });
  });

  test('once time has gone on, tells what was done, and who may act now', () => {
    const { panel } = change(panelOf([ladder], people), { kind: 'time', at: Date.parse(after(50)) });
    const later = planOf(pendingOn(panel));
    expect(lines(of(later, 'done')).slice(1)).toEqual([
      '24 h: privacy, stage mods: reminder to the approvers.',
      '48 h: privacy, stage mods: escalation to app_instance_admin, besides the approvers.',
    ]);
    expect(of(later, 'now')[0]).toMatchObject({
      who: 'channel_moderator, or app_instance_admin',
      people: [user('mona'), user('max'), user('ada')],
    });
    expect(later.next?.at).toBe(after(72));
  });

  test('with more time before it is approved by itself, is waited for until then', () => {
    const patient = bound({
      stages: [
        {
          approvers: MODS,
          anyOf: [{ approve: 1 }],
          dueIn: '2d',
          timedActions: [
            { at: '1d', do: 'extend', by: '3d' },
            { at: '4d', do: 'approve' },
          ],
        },
      ],
    });
    const { steps } = planOf(pendingOn(panelOf([patient], people)));
    expect(steps.find(({ status }) => status === 'now')).toMatchObject({ by: after(4 * 24) });
    expect(lines(steps.filter(({ status }) => status === 'next'))).toEqual([
      '24 h: privacy: 3d more time.',
      '96 h: privacy: approved, since nobody decided in time.',
      '96 h: The request is approved.',
      'Once it is approved: Chime is called so that alice joins board.',
    ]);
  });

  test('with nothing timed, expires; an overdue stage says so', () => {
    const plain = planOf(pendingOn(panelOf([bound({ approvers: MODS, approve: 1 })], people)));
    expect(lines(of(plain, 'next'))[0]).toBe('720 h: The request expires.');
    const due = bound({ stages: [{ approvers: MODS, anyOf: [{ approve: 1 }], dueIn: '2d' }] });
    expect(lines(of(planOf(pendingOn(panelOf([due], people))), 'next')).slice(0, 2)).toEqual([
      '48 h: privacy: overdue.',
      '48 h: The request expires.',
    ]);
  });

  test('names at most 20 people, and counts the others', () => {
    const many = Array.from({ length: 33 }, (_, index) => moderator(`m${index}`));
    const [now] = of(planOf(pendingOn(panelOf([bound({ approvers: MODS, approve: 1 })], many))), 'now');
    expect(now?.people).toEqual(many.slice(0, 20).map(({ arn }) => arn));
    expect(now?.morePeople).toBe(13);
  });

  test.each<[string, Partial<RequestView['approvals'][number]>[], string | undefined]>([
    ['of an earlier version', [{ requestDigest: 'b'.repeat(64) }], 'it is about an earlier version of the request'],
    ['that was given again', [{}, { at: after(2), decision: 'abstain' }], 'the same person reviewed again'],
    ['of who lost the office', [{ roles: [] }], 'the reviewer is no approver any more'],
    ['that was followed by a comment', [{}, { at: after(2), decision: 'comment', comment: 'so be it' }], undefined],
  ])('a review %s is told as what it counts', (_title, given, why) => {
    const approvals = given.map((fields) => reviewOf('mona', fields));
    const [first] = of(planOf({ ...view, approvals }), 'done').filter(({ who }) => who === 'mona');
    expect(first?.what).toBe(why === undefined ? 'mona approved.' : `mona approved; it does not count: ${why}.`);
  });
});

/** The kind of each thing that happened. */
const kinds = (view: RequestView) =>
  lines(of(planOf(view), 'done')).map((line) => /asked|answered|decided|joined|ends/.exec(line)?.[0]);

describe('what happened is told by one clock, causes before their effects', () => {
  const decisions = [decisionOf({ evaluation: 'allow', action: 'admit' })];

  test('facts that a worker read by a clock of its own do not put the policies behind the end', () => {
    const facts = { 'member.ban': { value: false, source: 'DescribeChannelBan', readAt: after(3) } };
    const times = { facts, judgedAt: after(1), closedAt: after(1) } as const;
    const view = viewOf({ state: 'closed', outcome: 'denied', decisions, ...times });
    expect(lines(of(planOf(view), 'done'))).toEqual([
      '0 h: alice asked to join board as a DEFAULT member.',
      '1 h: privacy decided allow.',
      '1 h: The request ends: denied.',
    ]);
  });

  test('nor does the clock of Chime put the member there before the call, or after the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 100 }), (skew) => {
        const term = { startedAt: after(2 + skew), endsAt: after(900), remindAt: [] };
        const view = viewOf({ state: 'active', decisions, judgedAt: after(1), calledSince: after(2), term });
        expect(kinds(view)).toEqual(['asked', 'decided', 'joined']);
        const closed = { ...view, state: 'closed', outcome: 'revoked', closedAt: after(5) } as const;
        expect(kinds(closed)).toEqual(['asked', 'decided', 'joined', 'ends']);
        const times = of(planOf(closed), 'done').map(({ at }) => Date.parse(at ?? ''));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });

  test('who answered did so before the policies decided on it', () => {
    const answers = [{ by: user('alice'), at: after(1), verified: true, binding: 'rules', answers: {} }];
    expect(kinds(viewOf({ decisions, answers, judgedAt: after(1) }))).toEqual(['asked', 'answered', 'decided']);
  });
});

test('whatever the ladder: every step that comes by itself is in order, and happens just when the reducer does it', () => {
  const hours = fc.integer({ min: 1, max: 900 }).map((n) => `${n}h`);
  const action = fc.oneof(
    fc.record({ at: hours, do: fc.constant('remind' as const) }),
    fc.record({ at: hours, do: fc.constant('escalate' as const), to: fc.constant(ADMINS), instead: fc.boolean() }),
    fc.record({ at: hours, do: fc.constantFrom('deny' as const, 'approve' as const) }),
    fc.record({ at: hours, do: fc.constant('extend' as const), by: hours }),
  );
  const stage = fc.record(
    {
      approvers: fc.constantFrom(MODS, ADMINS),
      anyOf: fc.integer({ min: 1, max: 2 }).map((approve) => [{ approve }]),
      timedActions: fc.array(action, { maxLength: 5 }),
      outcomeIfNoApprovers: fc.constantFrom('deny' as const, 'approve' as const),
      dueIn: hours,
    },
    { requiredKeys: ['approvers', 'anyOf', 'timedActions'] },
  );
  fc.assert(
    fc.property(fc.array(fc.array(stage, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }), (all) => {
      const requirements = all.map((stages, index) => bound({ stages }, `policy-${index}`));
      const panel = panelOf(requirements, people);
      fc.pre(panel.result.result === 'open');
      const { steps, next } = planOf(pendingOn(panel));
      const times = steps.flatMap(({ status, at }) => (status === 'next' && at !== undefined ? [Date.parse(at)] : []));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(next && Date.parse(next.at)).toBe(nextDueAt(panel));
      const last = times.at(-1) ?? NaN;
      const before = change(panel, { kind: 'time', at: last - 1 }).panel.result.result;
      const then = change(panel, { kind: 'time', at: last }).panel.result.result;
      expect([before, then === 'open']).toEqual(['open', false]);
      const ends = steps.flatMap(({ status, by }) => (status === 'now' && by !== undefined ? [Date.parse(by)] : []));
      expect(Math.max(...ends)).toBeLessThanOrEqual(last);
    }),
    { numRuns: 200 },
  );
});
