import { describe, expect, test } from 'vitest';
import { planOf } from '../../src/domain/plan.ts';
import { requestOf, user } from '../policies/fixtures.ts';
import { lines, MODS, of, people } from '../support/plans.ts';
import { after, bound, decisionOf, JUDGED, panelOf, pendingOn, reviewOf, viewOf } from '../support/views.ts';

describe('a request that waits for something else', () => {
  test('evaluating: the policies are being asked', () => {
    const plan = planOf(viewOf());
    expect(lines(of(plan, 'now'))).toEqual(['The policies are being asked.']);
    expect(plan).not.toHaveProperty('next');
  });

  test('input: what is asked, of whom and until when', () => {
    const asking = {
      binding: 'screening',
      schema: { type: 'object' },
      prompt: 'Accept the rules.',
      expiresIn: '7d',
    } as const;
    const inputs = [{ ...asking, dueAt: after(7 * 24) }];
    const plan = planOf(viewOf({ state: 'pending', waitsFor: 'input', inputs, expiresAt: after(720) }));
    expect(of(plan, 'now')).toEqual([
      {
        status: 'now',
        what: 'screening: waits for answers. Accept the rules.',
        who: 'the requester or the member',
        people: [user('alice')],
        by: after(7 * 24),
        binding: 'screening',
      },
    ]);
    expect(lines(of(plan, 'next')).slice(0, 3)).toEqual([
      '168 h: screening: the request expires, if it is not answered.',
      '720 h: The request expires.',
      'Once it is answered: the policies are asked again.',
    ]);
  });

  test('time: until when, what then, and when it is over', () => {
    const composition = {
      action: 'defer',
      until: after(48),
      giveUpAfterMs: 240 * 3_600_000,
      bindings: ['cooling-off'],
    } as const;
    const decisions = [
      decisionOf({ binding: 'cooling-off', evaluation: 'defer', action: 'defer', message: 'Sleep on it.' }),
    ];
    const view = viewOf({
      state: 'pending',
      waitsFor: 'time',
      deferredUntil: after(48),
      composition,
      decisions,
      expiresAt: after(720),
    });
    const plan = planOf(view);
    expect(of(plan, 'now')).toEqual([
      { status: 'now', what: 'The policies want to wait. cooling-off: Sleep on it.', by: after(48) },
    ]);
    expect(lines(of(plan, 'next')).slice(0, 3)).toEqual([
      '48 h: The policies are asked again.',
      '240 h: The request expires, if the policies still want to wait.',
      '720 h: The request expires.',
    ]);
  });

  test('granting: who makes the call, and the term that will begin: the shortest', () => {
    const decisions = [
      decisionOf({ term: { max: '90d', remind: ['7d'] } }),
      decisionOf({ binding: 'x', enforcement: 'Warn', term: { max: '1d', remind: [] } }),
    ];
    const request = requestOf({ term: '365d' });
    const plan = planOf(viewOf({ state: 'granting', bearer: user('ada'), decisions, request }));
    expect(lines(of(plan, 'now'))).toEqual(['Chime is called as ada until it answers.']);
    expect(lines(of(plan, 'next'))).toEqual([
      'Once the member has joined, the term begins: the membership is removed 90d later, and people hear of it before.',
    ]);
  });

  test.each(['grant', 'removal'] as const)(
    'an incident of the %s: an operator, until when, and what else',
    (during) => {
      const error = { type: 'ForbiddenException', message: 'no' };
      const incident = { at: after(1), during, error, dueAt: after(100) };
      const panel = panelOf([bound({ approvers: MODS, approve: 1 })], people, [reviewOf('mona')]);
      const plan = planOf(pendingOn(panel, { state: 'incident', incident }));
      const [now] = of(plan, 'now');
      expect(now).toMatchObject({ who: 'app_instance_admin', people: [user('ada')], by: after(100) });
      expect(now?.what).toMatch(/ForbiddenException: no.*try again or to give up/);
      const what = `The request fails${during === 'grant' ? '' : ', and the member stays'}, if no app instance admin has acted.`;
      expect(plan.next).toEqual({ what, at: after(100) });
      expect(lines(of(plan, 'next')).some((line) => line.startsWith('If it is tried again'))).toBe(during === 'grant');
    },
  );
});

describe('a membership with a term', () => {
  const term = { startedAt: after(1), endsAt: after(1_000), remindAt: [after(900), after(990)] };
  const view = viewOf({ state: 'active', term });

  test('tells the reminders and the end', () => {
    const plan = planOf(view);
    expect(lines(of(plan, 'done')).at(-1)).toBe('1 h: alice joined, and the term began.');
    expect(of(plan, 'now')).toMatchObject([{ by: after(1_000) }]);
    expect(lines(of(plan, 'next'))).toEqual([
      '900 h: People hear that the term ends.',
      '990 h: People hear that the term ends.',
      '1000 h: The term ends: the membership is removed, if it is still the one that this request made.',
    ]);
  });

  test('tells who has to agree to a longer one, and what comes of it', () => {
    const panel = panelOf([bound({ approvers: MODS, approve: 1 })], people);
    const asked = { by: user('alice'), at: after(2), verified: true, ms: 1_999 * 3_600_000, panel, ...JUDGED };
    const plan = planOf({ ...view, extension: asked });
    expect(lines(of(plan, 'done'))).toContain('2 h: alice asked for a longer term.');
    expect(of(plan, 'now')).toMatchObject([
      { by: after(1_000) },
      { binding: 'privacy', people: [user('mona'), user('max')] },
    ]);
    expect(lines(of(plan, 'next'))).toContain('720 h: The wish for a longer term expires.');
    expect(lines(of(plan, 'next'))).toContain(`Once it is approved: the term ends at ${after(2_000)}.`);
  });

  test('that is being removed has no end to come any more', () => {
    const reason = { code: 'REVOKED', message: 'Revoked: spam', binding: 'host', visibility: 'full' } as const;
    const plan = planOf({ ...view, reason });
    expect(lines(of(plan, 'now'))).toEqual(['The membership is being removed (REVOKED: Revoked: spam).']);
    expect(of(plan, 'next')).toEqual([]);
  });
});
