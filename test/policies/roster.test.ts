import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eligibleOf } from '../../src/domain/facts.ts';
import { isAmong } from '../../src/domain/requirement.ts';
import type { Approvers } from '../../src/domain/requirement.ts';
import { candidateOf, candidates, eligibleFor } from '../../src/policies/roster.ts';
import type { Holders } from '../../src/policies/roster.ts';
import { bot, requestOf, user } from './fixtures.ts';

const CHIME = eligibleOf([user('mona'), user('max')], [user('ada'), user('mona')]);

/** Who could review, by name, as the approvers mean it. */
async function meant(approvers: Approvers, holders: Holders = {}, request = requestOf()): Promise<string[]> {
  const { people = [] } = await eligibleFor(CHIME, { request, approvers: [approvers], holders });
  return people.filter((person) => isAmong(approvers, person)).map(({ arn }) => arn.split('/').at(-1) ?? '');
}

describe('who is meant', () => {
  test.each<[string, Approvers, string[]]>([
    ['a role of Chime', { roles: ['channel_moderator'] }, ['mona', 'max']],
    [
      'both roles of Chime, each person once',
      { roles: ['channel_moderator', 'app_instance_admin'] },
      ['mona', 'max', 'ada'],
    ],
    ['a role of our own', { roles: ['hr.partners'] }, ['olga', 'max']],
    ['a role that nobody holds', { roles: ['hr.leads'] }, []],
    ['named users', { users: [user('olga'), user('otto')] }, ['olga', 'otto']],
    ['named users and a role', { users: [user('otto')], roles: ['app_instance_admin'] }, ['mona', 'ada', 'otto']],
    [
      'an expression alone narrows moderators and admins',
      { expression: "reviewer.id.startsWith('m')" },
      ['mona', 'max'],
    ],
    ['an expression narrows a role', { roles: ['hr.partners'], expression: "reviewer.id != 'max'" }, ['olga']],
    ['an expression narrows named users', { users: [user('otto')], expression: 'reviewer.roles.size() > 0' }, []],
    [
      'roles of our own are roles in an expression',
      {
        roles: ['hr.partners'],
        expression: "'hr.partners' in reviewer.roles && 'channel_moderator' in reviewer.roles",
      },
      ['max'],
    ],
    ['an ARN', { expression: `reviewer.arn == '${user('ada')}'` }, ['ada']],
    ['the request', { expression: "request.type == 'HIDDEN'" }, []],
    ['exclude', { roles: ['channel_moderator'], exclude: [user('mona')] }, ['max']],
  ])('%s', async (_title, approvers, names) => {
    const holders = { 'hr.partners': [user('olga'), user('max')], 'hr.leads': [] };
    expect((await meant(approvers, holders)).toSorted()).toEqual(names.toSorted());
  });

  test.each([
    ['is false', 'false'],
    ['fails', "request.reason.contains('x')"],
    ['gives no boolean', 'reviewer.id'],
    ['takes too much', `["${'a'.repeat(90)}"]${'.map(x, x + x)'.repeat(22)}.exists(x, x.size() > 5) || true`],
    ['cannot be compiled', 'reviewer.id =='],
    ['reads what it may not', 'facts.channel.elastic == false'],
  ])('an expression that %s is true for nobody', async (_title, expression) => {
    expect(await meant({ expression })).toEqual([]);
  });

  test('parties of the request are never among them, however they are named', async () => {
    const request = requestOf({ requestedBy: user('mona'), memberArn: user('olga'), chimeBearer: user('max') });
    const all = { users: [user('olga'), user('mona'), user('ada')], roles: ['channel_moderator', 'hr.partners'] };
    expect(await meant(all, { 'hr.partners': [user('olga'), user('max')] }, request)).toEqual(['ada']);
  });

  test('nor are bots', async () => {
    const found = await candidates([], {
      request: requestOf(),
      approvers: [{ roles: ['x'] }],
      holders: { x: [bot('b'), user('u')] },
    });
    expect(found.map(({ arn }) => arn)).toEqual([user('u')]);
  });
});

test('everybody is told once, with all that makes them one', async () => {
  const approvers = [
    { roles: ['hr'] },
    { expression: "reviewer.id == 'mona'" },
    { expression: 'true', users: [user('mona')] },
  ];
  const person = { arn: user('mona'), roles: ['app_instance_admin'] };
  const measure = { request: requestOf(), approvers, holders: { hr: [user('mona')], other: [user('mona')] } };
  expect(await candidateOf(person, measure)).toEqual({
    arn: user('mona'),
    roles: ['app_instance_admin', 'hr'],
    matched: ["reviewer.id == 'mona'", 'true'],
  });
  expect(await candidates([person], measure)).toHaveLength(1);
});

test('of many people, those who could review are kept first; all are counted', async () => {
  const moderators = Array.from({ length: 900 }, (_, index) => user(`m${index}`));
  const approvers = [{ expression: "reviewer.id == 'm899'" }, { users: [user('olga')] }];
  const measure = { request: requestOf(), approvers, holders: {} };
  const { people = [], ...numbers } = await eligibleFor(eligibleOf(moderators, []), measure);
  expect(people).toHaveLength(500);
  expect(people.slice(0, 3).map(({ arn }) => arn)).toEqual([user('m899'), user('olga'), user('m0')]);
  expect(numbers).toEqual({ channel_moderator: 900, app_instance_admin: 0, total: 901 });
});

test('where only numbers of moderators and admins are known, named users and holders come to them', async () => {
  const numbers = { channel_moderator: 2, app_instance_admin: 1, total: 3 };
  const measure = { request: requestOf(), approvers: [{ users: [user('olga')] }], holders: {} };
  const { people = [], total } = await eligibleFor(numbers, measure);
  expect([total, people[0]]).toEqual([4, { arn: user('olga'), roles: [], matched: [] }]);
  expect(people.filter(({ roles }) => roles.includes('channel_moderator'))).toHaveLength(2);
});

const name = fc.constantFrom('mona', 'max', 'ada', 'olga', 'otto', 'alice', 'bob');
const people = fc.uniqueArray(name.map(user), { maxLength: 5 });

test('whatever is asked for, a party and a bot could never review, and nobody is counted twice', () =>
  fc.assert(
    fc.asyncProperty(people, people, people, people, async (moderators, admins, users, holders) => {
      const request = requestOf({ requestedBy: user('bob'), chimeBearer: user('bob') });
      const approvers = [{ users: [user('olga'), ...users] }, { roles: ['own'] }, { expression: 'true' }];
      const measure = { request, approvers, holders: { own: [...holders, bot('b')] } };
      const found = (await candidates(eligibleOf(moderators, admins).people ?? [], measure)).map(({ arn }) => arn);
      expect(found).not.toContain(user('alice'));
      expect(found).not.toContain(user('bob'));
      expect(found).not.toContain(bot('b'));
      expect(new Set(found).size).toBe(found.length);
    }),
  ));
