import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withApprovers } from '../../../src/domain/admission.ts';
import type { BoundRequirement } from '../../../src/domain/admission.ts';
import { canReassign } from '../../../src/domain/approval/views.ts';
import { change, openPanel } from '../../../src/domain/approval/change.ts';
import type { Panel } from '../../../src/domain/approval/panel.ts';
import type { Candidate } from '../../../src/domain/requirement.ts';
import { ADMIN, after, arn, bound, DIGEST, everybody, mona, opened, max, person, review, START } from './kit.ts';
import { canDivide, distinctIn } from './model.ts';

const by = (...names: string[]) => ({ users: names.map(arn) });
const erin = person('erin');
const asked = (binding: string, names: string[], distinctFrom?: string[], more: object = {}): BoundRequirement =>
  bound({ approvers: by(...names), approve: 1, ...(distinctFrom ? { distinctFrom } : {}), ...more }, binding);
const security = asked('security', ['mona', 'max']);
const hr = asked('hr', ['mona', 'erin'], ['security']);
const people = [mona, max, erin, ...everybody.filter((one) => one !== mona && one !== max)];
const panelOf = (requirements: readonly BoundRequirement[], ...reviewers: Candidate[]): Panel =>
  after(opened(requirements, { people }).panel, ...reviewers.map((one) => review(one, 'approve'))).panel;
const countedIn = ({ requirements }: Panel) =>
  Object.fromEntries(
    requirements.map(({ requirement, stages }) => [requirement.binding, stages.flatMap((one) => one.approvedBy)]),
  );

describe('two requirements that are meant for two people', () => {
  test('are not met by one review, whichever comes first in the set', () => {
    for (const requirements of [
      [security, hr],
      [hr, security],
    ]) {
      const panel = panelOf(requirements, mona);
      expect(panel.result).toEqual({ result: 'open' });
      expect(countedIn(panel)).toEqual({ security: [mona.arn], hr: [] });
    }
  });

  test('are met by two, and who could do either does what the other one cannot', () => {
    expect(panelOf([security, hr], mona, erin).result).toMatchObject({ result: 'approved' });
    const other = panelOf([security, hr], mona, max);
    expect([other.result.result, countedIn(other)]).toEqual(['approved', { security: [max.arn], hr: [mona.arn] }]);
  });

  test('a denial counts wherever its author may review', () => {
    const panel = after(panelOf([security, hr], mona), review(mona, 'deny')).panel;
    expect(panel.result).toMatchObject({ result: 'denied', by: mona.arn });
  });

  test('with one person for both are a dead end, before anybody is asked and in the panel', () => {
    const one = [asked('security', ['mona']), asked('hr', ['mona'], ['security'])];
    const reason = {
      code: 'NO_ELIGIBLE_APPROVER',
      message: expect.stringMatching(/^hr needs other people than security/),
    };
    expect(withApprovers({ action: 'pend', requirements: one }, people)).toMatchObject({ action: 'deny', reason });
    expect(panelOf(one).result).toMatchObject({ code: 'NO_ELIGIBLE_APPROVER', binding: 'hr' });
    const both = { action: 'pend', requirements: [security, hr] } as const;
    expect(withApprovers(both, people)).toBe(both);
  });

  test('go to the fallback of the one that yields', () => {
    const stages = [{ approvers: by('mona'), anyOf: [{ approve: 1 }], fallback: { roles: [ADMIN] } }];
    const yielding = bound({ stages, distinctFrom: ['security'] }, 'hr');
    const panel = panelOf([asked('security', ['mona']), yielding]);
    expect(panel.requirements[1]?.stages[0]?.approvers).toEqual([{ roles: [ADMIN] }]);
  });

  test('cannot be reassigned to who is needed for the other', () => {
    const panel = panelOf([asked('security', ['mona']), hr]);
    expect([by('mona'), by('max')].map((to) => canReassign(panel, 'hr', to, people))).toEqual(['nobody', 'ok']);
  });

  test('and that name each other are counted by name', () => {
    const mutual = [asked('b', ['mona', 'max'], ['a']), asked('a', ['mona', 'max'], ['b'])];
    expect(countedIn(panelOf(mutual, mona))).toEqual({ a: [mona.arn], b: [] });
    expect(panelOf(mutual, mona, max).result).toMatchObject({ result: 'approved' });
  });
});

const NAMES = ['mona', 'max', 'ada', 'erin', 'bo'];
const crowd = NAMES.map((name) => person(name));
const stageOf = fc.record({
  approvers: fc.subarray(NAMES, { minLength: 2 }).map((names) => by(...names)),
  anyOf: fc.constantFrom(1, 1, 1, 2).map((approve) => [{ approve, deny: 3 }]),
});
const BINDINGS = ['r0', 'r1', 'r2'];
const requirements = fc
  .array(
    fc.record({
      stages: fc.array(stageOf, { minLength: 1, maxLength: 2 }),
      distinctFrom: fc.subarray(BINDINGS),
    }),
    { minLength: 2, maxLength: 3 },
  )
  .map((all) =>
    all.map(({ stages, distinctFrom }, index) => {
      const others = distinctFrom.filter((name) => name !== `r${index}`);
      const input = { stages, ...(others.length > 0 ? { distinctFrom: others } : {}) };
      return bound(input, `r${index}`);
    }),
  );
const courses = fc.tuple(requirements, fc.shuffledSubarray(crowd), fc.boolean());
const openedAs = (all: readonly BoundRequirement[]) =>
  openPanel({ requirements: all, people: crowd, excluded: [], requestDigest: DIGEST, at: START, dueAt: START + 1e9 })
    .panel;

describe('of any requirements and any approvals', () => {
  test('nobody counts for two that exclude each other, and all are met as soon as it can be done', () => {
    const property = fc.property(courses, ([all, reviewers]) => {
      let panel = openedAs(all);
      const given: Candidate[] = [];
      for (const one of reviewers) {
        if (panel.result.result !== 'open') break;
        ({ panel } = change(panel, review(one, 'approve')));
        given.push(one);
        expect(distinctIn(panel)).toEqual([]);
        expect(panel.result.result === 'approved').toBe(canDivide(all, given));
      }
    });
    fc.assert(property, { numRuns: 400 });
  });

  test('one more takes none away, and the order of the bindings makes no difference', () => {
    const property = fc.property(courses, ([all, reviewers]) => {
      let [panel, other] = [openedAs(all), openedAs(all.toReversed())];
      for (const one of reviewers) {
        const before = approvedIn(panel);
        ({ panel } = change(panel, review(one, 'approve')));
        ({ panel: other } = change(other, review(one, 'approve')));
        const now = approvedIn(panel);
        expect(before.filter((stage) => !now.includes(stage))).toEqual([]);
        expect([other.result.result, countedIn(other)]).toEqual([panel.result.result, countedIn(panel)]);
      }
    });
    fc.assert(property, { numRuns: 400 });
  });
});

function approvedIn({ requirements: all }: Panel): string[] {
  return all.flatMap(({ requirement, stages }) =>
    stages.flatMap(({ status }, index) => (status === 'approved' ? [`${requirement.binding}.${index}`] : [])),
  );
}
