import { describe, expect, test } from 'vitest';
import type { Composition } from '../../src/domain/admission.ts';
import { planOf, planOfConclusion, tellPlan } from '../../src/domain/plan.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { factsOf, requestOf, user } from '../policies/fixtures.ts';
import { ladder, lines, of, people } from '../support/plans.ts';
import { after, decisionOf, JUDGED, panelOf, pendingOn, reviewOf, T0, viewOf } from '../support/views.ts';

describe('a closed request', () => {
  const reason = { code: 'BANNED', message: 'alice is banned.', binding: 'ban', visibility: 'opaque' } as const;
  const notes = [
    { by: user('ada'), at: after(3), verified: true, what: 'overrode (ticket T1)', reason: 'the boss said so' },
  ];
  const view = viewOf({ state: 'closed', outcome: 'denied', closedAt: after(4), reason, notes });

  test('has only what happened', () => {
    const { steps } = planOf(view);
    expect(steps.every(({ status }) => status === 'done')).toBe(true);
    expect(lines(steps)).toEqual([
      '0 h: alice asked to join board as a DEFAULT member.',
      '3 h: ada overrode (ticket T1): "the boss said so".',
      '4 h: The request ends: denied (BANNED: alice is banned.).',
    ]);
  });

  test('of which Temporal tells no more than that it ended, has that', () => {
    const error = { type: 'WorkflowTERMINATED', message: 'by hand' };
    const request = {} as RequestView['request'];
    const ended = viewOf({ state: 'closed', outcome: 'failed', closedAt: after(4), request, error });
    expect(lines(planOf(ended).steps)).toEqual(['4 h: The request ends: failed (WorkflowTERMINATED: by hand).']);
  });

  test('tells the requester nothing that an answer withholds', () => {
    expect(JSON.stringify(tellPlan(view))).not.toMatch(/BANNED|banned|ada|boss/);
    expect(lines(tellPlan(view).steps).at(-1)).toMatch(/NOT_ADMITTED/);
  });
});

test('the requester is told roles and numbers, and no name of anybody who may or did decide', () => {
  const panel = panelOf([ladder], people, [
    reviewOf('max', { decision: 'abstain' }),
    reviewOf('mona', { comment: 'ask max' }),
  ]);
  const told = tellPlan(
    pendingOn(panel, {
      decisions: [decisionOf({ binding: ladder.binding, evaluation: 'requireApproval', action: 'pend' })],
      bearer: user('ada'),
      override: { by: user('ada'), at: T0, verified: true, reason: 'max is ill', ticket: 'T1' },
      notes: [{ by: user('ada'), at: T0, verified: true, what: 'reassigned to max' }],
    }),
  );
  expect(JSON.stringify(told)).not.toMatch(/mona|max|ada|otto|olga/);
  expect(of(told, 'now')).toMatchObject([{ approved: 1, needed: 2, who: 'channel_moderator' }]);
  expect(lines(of(told, 'done')).slice(2)).toEqual(['1 h: an approver abstained.', '1 h: an approver approved.']);
  expect(told.next?.at).toBe(after(24));
});

test.each(['granting', 'incident', 'active', 'closed'] as const)(
  '%s: the requester reads no names and no errors',
  (state) => {
    const panel = panelOf([ladder], people, [reviewOf('mona')]);
    const error = { type: 'ForbiddenException', message: 'ada may not' };
    const told = tellPlan(
      pendingOn(panel, {
        state,
        bearer: user('mona'),
        incident: { at: after(1), during: 'grant', error, dueAt: after(9) },
        term: { startedAt: after(1), endsAt: after(99), remindAt: [] },
        extension: { by: user('ada'), at: after(2), verified: true, ms: 1, panel, ...JUDGED },
      }),
    );
    expect(JSON.stringify(told)).not.toMatch(/mona|max|ada|otto|olga|Forbidden/);
  },
);

describe('before anything is asked', () => {
  const facts = factsOf({ approvers: { channel_moderator: 2, app_instance_admin: 1, total: 3, people } });
  const plan = (composition: Composition) =>
    planOfConclusion(
      requestOf(),
      [decisionOf()],
      { composition, executor: null, facts },
      Date.parse(T0),
      48 * 3_600_000,
    );

  test.each<[Composition, string, string]>([
    [{ action: 'admit' }, 'granting', 'Chime is called until it answers.'],
    [{ action: 'alreadyMember' }, 'closed', 'The request ends: alreadyMember.'],
    [
      { action: 'deny', reason: { code: 'NO', message: 'no.', binding: 'x', visibility: 'full' } },
      'closed',
      'The request ends: denied (NO: no.).',
    ],
    [
      {
        action: 'ask',
        inputs: [{ binding: 'screening', schema: { type: 'object' }, prompt: 'Rules?', expiresIn: '1d' }],
      },
      'pending',
      '24 h: screening: the request expires, if it is not answered.',
    ],
    [
      { action: 'defer', until: after(3), giveUpAfterMs: 9 * 3_600_000, bindings: ['cooling-off'] },
      'pending',
      '3 h: The policies are asked again.',
    ],
    [{ action: 'pend', requirements: [ladder] }, 'pending', '48 h: The request expires.'],
  ])('tells how $action would go', (composition, state, line) => {
    const told = plan(composition);
    expect(told.state).toBe(state);
    expect(lines(told.steps)).toContain(line);
    expect(lines(of(told, 'done'))).toEqual(['0 h: privacy decided allow.']);
    expect(of(told, 'now')).toEqual([]);
    expect(JSON.stringify(told)).not.toContain('alice asked');
  });

  test('tells who may approve, by name and number', () => {
    const first = plan({ action: 'pend', requirements: [ladder] }).steps.find(({ needed }) => needed !== undefined);
    expect(first).toMatchObject({ people: [user('mona'), user('max')], needed: 2, approved: 0, by: after(48) });
  });
});
