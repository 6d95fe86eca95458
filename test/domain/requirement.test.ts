import { expect, test } from 'vitest';
import {
  approversIn,
  approversText,
  couldApprove,
  isAmong,
  isReachable,
  requirementText,
} from '../../src/domain/requirement.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import { ada, ADMIN, admins, arn, bo, max, MODERATOR, moderators, mona, person } from './approval/kit.ts';

test('the short form is one stage with one threshold, and one denial ends it', () => {
  expect(Requirement.parse({ approvers: moderators, approve: 2 })).toEqual({
    stages: [
      {
        name: 'review',
        approvers: moderators,
        anyOf: [{ approve: 2, deny: 1 }],
        outcomeIfNoApprovers: 'deny',
        timedActions: [],
        justification: 'optional',
      },
    ],
  });
});

test('what is recorded can be read again', () => {
  const recorded = Requirement.parse({ approvers: moderators, approve: 2 });
  expect(Requirement.parse(JSON.parse(JSON.stringify(recorded)))).toEqual(recorded);
});

const stage = { approvers: moderators, anyOf: [{ approve: 1 }] };
test.for<[string, unknown]>([
  ['no approvers', { approvers: {}, approve: 1 }],
  ['only an exclusion', { approvers: { exclude: [mona.arn] }, approve: 1 }],
  ['a bot', { approvers: { users: [mona.arn.replace('/user/', '/bot/')] }, approve: 1 }],
  ['a role twice', { approvers: { roles: [ADMIN, ADMIN] }, approve: 1 }],
  ['no role', { approvers: { roles: [] }, approve: 1 }],
  ['a role that is no name', { approvers: { roles: ['Owner!'] }, approve: 1 }],
  ['no approvals', { approvers: moderators, approve: 0 }],
  ['101 approvals', { approvers: moderators, approve: 101 }],
  ['half an approval', { approvers: moderators, approve: 1.5 }],
  ['no stage', { stages: [] }],
  ['no threshold', { stages: [{ ...stage, anyOf: [] }] }],
  ['no denial', { stages: [{ ...stage, anyOf: [{ approve: 1, deny: 0 }] }] }],
  ['an action that nobody knows', { stages: [{ ...stage, timedActions: [{ at: '1d', do: 'sing' }] }] }],
  ['an escalation to nobody', { stages: [{ ...stage, timedActions: [{ at: '1d', do: 'escalate' }] }] }],
  ['a time that is none', { stages: [{ ...stage, dueIn: 'soon' }] }],
  ['both forms at once', { stages: [stage], approvers: moderators, approve: 1 }],
  ['a field that nobody knows', { stages: [{ ...stage, quorum: 2 }] }],
])('%s is refused', (_, input) => {
  expect(Requirement.safeParse(input).success).toBe(false);
});

test('people are meant by ARN or by role', () => {
  expect(isAmong({ users: [arn('eva')] }, person('eva'))).toBe(true);
  expect(isAmong({ users: [arn('eva')] }, mona)).toBe(false);
  expect(isAmong({ users: [arn('eva')], roles: [MODERATOR] }, mona)).toBe(true);
  expect(isAmong(admins, mona)).toBe(false);
  expect(isAmong({ roles: ['data.owner'] }, person('eva', 'data.owner'))).toBe(true);
});

const chosen = (one: ReturnType<typeof person>) => ({ ...one, matched: ['chosen'] });

test('an expression narrows, and alone it narrows moderators and admins', () => {
  expect(isAmong({ ...moderators, expression: 'chosen' }, chosen(mona))).toBe(true);
  expect(isAmong({ ...moderators, expression: 'chosen' }, mona)).toBe(false);
  expect(isAmong({ ...moderators, expression: 'chosen' }, chosen(ada))).toBe(false);
  expect(isAmong({ expression: 'chosen' }, chosen(ada))).toBe(true);
  expect(isAmong({ expression: 'chosen' }, chosen(person('eva', 'owner')))).toBe(false);
});

test('an exclusion comes before everything', () => {
  expect(isAmong({ users: [mona.arn], roles: [MODERATOR], exclude: [mona.arn] }, mona)).toBe(false);
});

test('a stage can be decided by enough of its approvers, or of its fallback, but not of both together', () => {
  const two = { approvers: moderators, anyOf: [{ approve: 2, deny: 1 }], timedActions: [] };
  expect(isReachable(two, [mona, max])).toBe(true);
  expect(isReachable(two, [mona, ada])).toBe(false);
  expect(isReachable({ ...two, fallback: admins }, [mona, ada])).toBe(false);
  expect(isReachable({ ...two, fallback: admins }, [ada, bo])).toBe(true);
  expect(couldApprove(two.anyOf, [moderators, admins], [mona, ada])).toBe(true);
});

test('a stage that too few could decide now can be decided once it is escalated', () => {
  const escalate = { at: '1d', do: 'escalate' as const, to: admins, instead: false };
  const two = { approvers: moderators, anyOf: [{ approve: 2, deny: 1 }], timedActions: [escalate] };
  expect(isReachable(two, [mona, ada])).toBe(true);
  expect(isReachable(two, [mona])).toBe(false);
});

test('of alternatives one is enough, and who is not meant by it does not help', () => {
  const anyOf = [
    { approve: 2, deny: 1, approvers: moderators },
    { approve: 1, deny: 1, approvers: admins },
  ];
  const approvers = { roles: [MODERATOR, ADMIN] };
  expect(isReachable({ approvers, anyOf, timedActions: [] }, [mona])).toBe(false);
  expect(isReachable({ approvers, anyOf, timedActions: [] }, [ada])).toBe(true);
  expect(isReachable({ approvers: moderators, anyOf, timedActions: [] }, [ada])).toBe(false);
});

const full: RequirementInput = {
  stages: [
    {
      approvers: moderators,
      anyOf: [{ approve: 2 }, { approve: 1, approvers: { users: [mona.arn] } }],
      fallback: admins,
      timedActions: [
        { at: '1d', do: 'remind' },
        { at: '2d', do: 'escalate', to: { roles: ['owner'] } },
      ],
    },
    { name: 'second', approvers: { expression: 'chosen' }, anyOf: [{ approve: 1 }] },
  ],
};

test('all people that a requirement names are known, also those who come in later', () => {
  expect(approversIn(Requirement.parse(full))).toEqual([
    moderators,
    { users: [mona.arn] },
    admins,
    { roles: ['owner'] },
    { expression: 'chosen' },
  ]);
});

test('what is asked for can be told in one line', () => {
  expect(requirementText(Requirement.parse(full))).toBe(
    '2 approvals by channel_moderator, or 1 approval by 1 named user, ' +
      'then 1 approval by channel_moderator or app_instance_admin for whom chosen',
  );
  expect(approversText({ users: [mona.arn, max.arn], roles: ['owner'] })).toBe('owner or 2 named users');
});
