import { describe, expect, test } from 'vitest';
import {
  DEFAULT_REQUIREMENT,
  withApprovers,
  withinTerm,
  withMembership,
  withSomebodyElse,
} from '../../src/domain/admission.ts';
import type { BoundRequirement, Composition } from '../../src/domain/admission.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import type { Candidate, Stage } from '../../src/domain/requirement.ts';

const denied: Composition = {
  action: 'deny',
  reason: { code: 'BANNED', message: 'no', visibility: 'opaque', binding: 'ban' },
};
const admitted: Composition = { action: 'admit' };
const requirement = (binding: string, approve: number, more: Partial<Stage> = {}): BoundRequirement => {
  const { stages } = Requirement.parse({ approvers: { roles: ['channel_moderator'] }, approve });
  return { binding, stages: stages.map((stage) => ({ ...stage, ...more })) };
};
const pendingFor = (...requirements: BoundRequirement[]): Composition => ({ action: 'pend', requirements });
const pending = pendingFor(requirement('a', 1), requirement('b', 2));
const people = (count: number, role = 'channel_moderator'): Candidate[] =>
  Array.from({ length: count }, (_, index) => ({ arn: `${role} ${index}`, roles: [role], matched: [] }));

describe('withMembership', () => {
  const other = { action: 'deny', reason: { code: 'OTHER_MEMBERSHIP_TYPE', field: 'type', binding: 'host' } };

  test.each([
    ['admitted', admitted],
    ['pending', pending],
  ])('%s: a member of the same type is alreadyMember, without approval', (_action, composition) => {
    for (const type of ['DEFAULT', 'HIDDEN'] as const) {
      expect(withMembership(composition, { type }, { type })).toEqual({ action: 'alreadyMember' });
    }
  });

  test.each([
    ['admitted', admitted],
    ['pending', pending],
  ])('%s: a member of the other type is denied, and a HIDDEN membership is told to few', (_action, composition) => {
    const hidden = withMembership(composition, { type: 'DEFAULT' }, { type: 'HIDDEN' });
    const visible = withMembership(composition, { type: 'HIDDEN' }, { type: 'DEFAULT' });
    expect(hidden).toMatchObject({ ...other, reason: { ...other.reason, visibility: 'opaque' } });
    expect(visible).toMatchObject({ ...other, reason: { ...other.reason, visibility: 'full' } });
  });

  test('a denial stands, whatever the membership', () => {
    expect(withMembership(denied, { type: 'DEFAULT' }, { type: 'DEFAULT' })).toBe(denied);
    expect(withMembership(denied, { type: 'DEFAULT' }, { type: 'HIDDEN' })).toBe(denied);
  });

  test.each([admitted, pending, denied])('who is no member changes nothing: $action', (composition) => {
    expect(withMembership(composition, { type: 'DEFAULT' }, null)).toBe(composition);
  });
});

describe('withApprovers', () => {
  test.each([2, 9])('%d approvers, where two are needed at most, change nothing', (eligible) => {
    expect(withApprovers(pending, people(eligible))).toBe(pending);
  });

  test.each([1, 0])('%d approvers, where two are needed, are a dead end', (eligible) => {
    const reason = { code: 'NO_ELIGIBLE_APPROVER', binding: 'host' };
    expect(withApprovers(pending, people(eligible))).toMatchObject({ action: 'deny', reason });
  });

  test('each requirement is counted for itself, with its own people', () => {
    const composition = withApprovers(pending, people(5, 'app_instance_admin'));
    const message = 'a asks for 1 approval by channel_moderator, but only 0 person(s) could give one.';
    expect(composition).toMatchObject({ action: 'deny', reason: { message } });
  });

  test.each<[string, Partial<Stage>]>([
    ['a fallback', { fallback: { roles: ['app_instance_admin'] } }],
    [
      'an easier alternative',
      {
        anyOf: [
          { approve: 9, deny: 1 },
          { approve: 1, deny: 1 },
        ],
      },
    ],
    ['that nobody is missed', { outcomeIfNoApprovers: 'approve' }],
  ])('%s keeps a stage from being a dead end', (_title, more) => {
    const one = [...people(1), ...people(2, 'app_instance_admin')];
    expect(withApprovers(pendingFor(requirement('b', 2)), one)).toMatchObject({ action: 'deny' });
    const composition = pendingFor(requirement('b', 2, more));
    expect(withApprovers(composition, one)).toBe(composition);
  });

  test('a later stage that nobody could decide is found at once', () => {
    const [first, second] = [requirement('a', 1), requirement('a', 1, { approvers: { roles: ['oncall'] } })];
    const composition = pendingFor({ binding: 'a', stages: [...first.stages, ...second.stages] });
    expect(withApprovers(composition, people(3))).toMatchObject({
      reason: { message: expect.stringContaining('oncall') },
    });
  });

  test('of a list of 500, which may be cut off, nobody can tell', () => {
    const composition = pendingFor(requirement('a', 1), requirement('b', 1, { approvers: { roles: ['oncall'] } }));
    expect(withApprovers(composition, people(499))).toMatchObject({ action: 'deny' });
    expect(withApprovers(composition, people(500))).toBe(composition);
  });

  test.each([admitted, denied, { action: 'alreadyMember' } as const])('$action needs no approvers', (composition) => {
    expect(withApprovers(composition, [])).toBe(composition);
  });
});

describe('a longer term', () => {
  test('of a term that was decided is never admitted by policies alone', () => {
    const asked = { action: 'pend', requirements: [{ binding: 'host', ...DEFAULT_REQUIREMENT }] };
    expect(withSomebodyElse(admitted)).toEqual(asked);
    expect(withSomebodyElse(denied)).toBe(denied);
  });

  test('is approved neither by time nor by a lack of approvers; the rest of what policies ask stays', () => {
    const actions = [
      { at: '1h', do: 'remind' },
      { at: '2h', do: 'approve' },
      { at: '3h', do: 'deny' },
    ] as const;
    const [asked, left] = [actions, [actions[0], actions[2]]].map((timedActions, index) => {
      return requirement('a', 2, {
        timedActions: [...timedActions],
        outcomeIfNoApprovers: index === 0 ? 'approve' : 'deny',
      });
    });
    expect(withSomebodyElse(pendingFor(asked!))).toEqual(pendingFor(left!));
  });

  test('is no longer than the shortest that a policy allows, whatever kind of policy', () => {
    const request = { term: '3601s' } as JoinRequest;
    const reason = { code: 'TERM_TOO_LONG', field: 'term', binding: 'host' };
    for (const composition of [admitted, pending]) {
      expect(withinTerm(composition, request, 3_600_000)).toMatchObject({ action: 'deny', reason });
      expect(withinTerm(composition, request, 3_601_000)).toBe(composition);
      expect(withinTerm(composition, request)).toBe(composition);
    }
    expect(withinTerm(denied, request, 1)).toBe(denied);
  });
});
