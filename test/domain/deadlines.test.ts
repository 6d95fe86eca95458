import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpen, panelsOf } from './approval/model.ts';
import { courses } from './approval/arbitraries.ts';
import { change } from '../../src/domain/approval/change.ts';
import { nextDueAt } from '../../src/domain/approval/time.ts';
import { reviewersNow } from '../../src/domain/approval/views.ts';
import { endOfStages, endOfWait, timedSteps } from '../../src/domain/deadlines.ts';
import { planOf } from '../../src/domain/plan.ts';
import { answerFor } from '../../src/domain/view.ts';
import { describeAnswer, describeView } from '../../src/cli/describe/request.ts';
import { user } from '../policies/fixtures.ts';
import { ADMINS, ladder, MODS, people } from '../support/plans.ts';
import { after, bound, decisionOf, JUDGED, panelOf, pendingOn, viewOf } from '../support/views.ts';

const at = (fields: Parameters<typeof viewOf>[0]) => endOfWait(viewOf(fields))?.at;
/** However wide the first column is. */
const narrow = (text: string) => text.replaceAll(/^ +(due|expires) +/gm, (_, name: string) => name.padEnd(9));
const waiting = pendingOn(panelOf([ladder], people));

describe('a request is due', () => {
  test('when the open stage ends, whatever reminds of it or asks more people before', () => {
    expect(endOfWait(waiting)).toEqual({
      at: after(5 * 24),
      what: 'privacy, stage mods: denied, since nobody decided in time. The request is denied.',
    });
    expect(timedSteps(waiting)[0]?.at).toBe(after(24));
  });

  test('when silence approves a stage, and the next begins', () => {
    const silent = bound({
      stages: [
        { name: 'first', approvers: MODS, anyOf: [{ approve: 1 }], timedActions: [{ at: '2h', do: 'approve' }] },
        { name: 'second', approvers: ADMINS, anyOf: [{ approve: 1 }] },
      ],
    });
    expect(endOfWait(pendingOn(panelOf([silent], people)))?.at).toBe(after(2));
  });

  test('after the more time that comes by itself', () => {
    const patient = bound({
      stages: [
        {
          approvers: MODS,
          anyOf: [{ approve: 1 }],
          dueIn: '2d',
          timedActions: [{ at: '1d', do: 'extend', by: '3d' }],
        },
      ],
    });
    expect(endOfWait(pendingOn(panelOf([patient], people)))?.at).toBe(after(5 * 24));
  });

  test('when the first of two requirements ends', () => {
    const urgent = bound({ stages: [{ approvers: ADMINS, anyOf: [{ approve: 1 }], dueIn: '1h' }] }, 'urgent');
    const view = pendingOn(panelOf([ladder, urgent], people));
    expect(endOfWait(view)).toEqual({ at: after(1), what: 'urgent: overdue. The request expires.' });
  });

  test('when a question, a deferral, an incident or a term ends', () => {
    const asked = { binding: 'form', schema: { type: 'object' }, prompt: 'Why?', expiresIn: '1d', dueAt: after(24) };
    const pending = { state: 'pending', expiresAt: after(720) } as const;
    expect(at({ ...pending, waitsFor: 'input', inputs: [asked] })).toBe(after(24));
    expect(at({ ...pending, waitsFor: 'time', deferredUntil: after(48) })).toBe(after(48));
    const error = { type: 'ForbiddenException', message: 'no' };
    expect(at({ state: 'incident', incident: { at: after(1), during: 'grant', error, dueAt: after(9) } })).toBe(
      after(9),
    );
    const term = { startedAt: after(0), endsAt: after(100), remindAt: [after(50)] };
    expect(at({ state: 'active', term })).toBe(after(100));
    expect(timedSteps(viewOf({ state: 'active', term })).map((step) => step.at)).toEqual([after(50), after(100)]);
    const extension = {
      by: user('bob'),
      at: after(1),
      verified: true,
      ms: 1,
      ...JUDGED,
      panel: panelOf([ladder], people),
    };
    expect(at({ state: 'active', term: { ...term, endsAt: after(500) }, extension })).toBe(after(5 * 24));
  });

  test('never, where nothing ends by itself', () => {
    expect(endOfWait(viewOf({ state: 'granting' }))).toBeUndefined();
    expect(endOfWait(viewOf({ state: 'closed', outcome: 'denied' }))).toBeUndefined();
  });
});

test('a stage has an end of its own, where silence ends another one sooner', () => {
  const silence = [{ at: '1h', do: 'approve' as const }];
  const silent = bound({ stages: [{ approvers: ADMINS, anyOf: [{ approve: 1 }], timedActions: silence }] }, 'silent');
  const panel = panelOf([ladder, silent], people);
  expect(endOfStages(panel)).toBe(after(1));
  expect(endOfStages(panel, { binding: 'privacy', stage: 'mods' })).toBe(after(5 * 24));
});

test('the command line says when a request is due and why, and when it expires at the latest', () => {
  const rows = [
    `due      ${after(5 * 24)}: privacy, stage mods: denied, since nobody decided in time. The request is denied.`,
    `expires  ${after(30 * 24)}`,
  ];
  const view = describeView({ ...waiting, uiUrl: null }).join('\n');
  const answer = describeAnswer({ ...answerFor(waiting), approvals: [], uiUrl: null }).join('\n');
  expect(narrow(view)).toContain(rows.join('\n'));
  expect(narrow(answer)).toContain(`due      ${after(5 * 24)}`);
});

test('the requester hears when it is due, and no name that an answer withholds', () => {
  const decisions = [
    decisionOf({ evaluation: 'requireApproval', action: 'pend', visibility: 'opaque', requirement: ladder }),
  ];
  const { deadline } = answerFor({ ...waiting, decisions });
  expect(deadline).toEqual({ at: after(5 * 24), what: 'The request is denied.' });
});

test('of a stage that is named, those may review who may review it; of one that is over, nobody', () => {
  const urgent = bound({ stages: [{ approvers: ADMINS, anyOf: [{ approve: 1 }] }] }, 'urgent');
  const panel = panelOf([ladder, urgent], people);
  expect(reviewersNow(panel, { binding: 'privacy', stage: 'mods' })).toEqual([user('mona'), user('max')]);
  expect(reviewersNow(panel, { binding: 'urgent', stage: 'review' })).toEqual([user('ada')]);
  expect(reviewersNow(panel, { binding: 'privacy', stage: 'admins' })).toEqual([]);
  expect(reviewersNow(panel)).toEqual([user('mona'), user('max'), user('ada')]);
});

test('whatever people do: the timer rings when time does something, the plan says so, and it is due no sooner', () => {
  let open = 0;
  fc.assert(
    fc.property(courses, (course) => {
      for (const panel of panelsOf(course).filter(isOpen)) {
        open += 1;
        const view = pendingOn(panel);
        const ringsAt = nextDueAt(panel) ?? 0;
        const dueAt = Date.parse(endOfWait(view)?.at ?? '');
        expect(Date.parse(timedSteps(view)[0]?.at ?? '')).toBe(ringsAt);
        expect(Date.parse(planOf(view).next?.at ?? '')).toBe(ringsAt);
        expect(dueAt).toBeGreaterThanOrEqual(ringsAt);
        // Until then every stage that is open stays so, and then one does not.
        const stages = (of: typeof panel) =>
          JSON.stringify(of.requirements.map((one) => one.stages.map(({ status }) => status)));
        expect(stages(change(panel, { kind: 'time', at: dueAt - 1 }).panel)).toBe(stages(panel));
        const then = change(panel, { kind: 'time', at: dueAt }).panel;
        expect(isOpen(then) && stages(then) === stages(panel)).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
  // Else it would say nothing.
  expect(open).toBeGreaterThan(200);
});
