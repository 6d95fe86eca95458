import { array, assert, constantFrom, property, record, subarray, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTIFICATION_KINDS } from '../../src/domain/notification.ts';
import type { Rule } from '../../src/notifications/config-schema.ts';
import { route, usualRules } from '../../src/notifications/notifications.ts';
import { channel, eventOf, HOME, user } from './events.ts';

const names = (rules: readonly Rule[], event = eventOf(), operators: string[] = []) =>
  route(event, rules, operators).map(({ to, as, channel: by }) => `${to.split('/').at(-1)} as ${as} by ${by}`);

const rule = (changes: Partial<Rule>): Rule => ({ when: ['pending'], to: ['approvers'], by: 'chat', ...changes });

/** Who hears of an event where no rules are written: mona and max may review, max has, and ada operates. */
const toldOf = (kind: (typeof NOTIFICATION_KINDS)[number]) =>
  route(
    eventOf({ kind, requester: user('bob'), approvers: [user('mona'), user('max')], reviewers: [user('max')] }),
    usualRules('chat'),
    [user('ada')],
  ).map(({ to, as }) => `${to.split('/').at(-1)}:${as}`);

describe('the usual rules', () => {
  const everybody = ['bob:requester', 'alice:member', 'max:reviewers', 'mona:approvers'];
  const approvers = ['mona:approvers', 'max:approvers'];
  test.for([
    ['pending', approvers],
    ['remind', approvers],
    ['escalated', approvers],
    ['amended', approvers],
    ['inputNeeded', ['bob:requester']],
    ['changesRequested', ['bob:requester']],
    ['termEnds', ['bob:requester', 'alice:member']],
    ['joined', everybody],
    ['alreadyMember', everybody],
    ['denied', everybody],
    ['expired', everybody],
    ['withdrawn', everybody],
    ['extended', everybody],
    ['notExtended', everybody],
    ['revoked', everybody],
    ['failed', [...everybody, 'ada:operators']],
    ['overridden', [...everybody, 'ada:operators']],
    ['incident', ['ada:operators']],
    ['onboardingIncident', ['ada:operators']],
    ['onboardingInput', ['alice:member']],
    ['onboardingReview', approvers],
    ['onboardingWaits', ['bob:requester', 'alice:member']],
    ['onboardingEnded', ['bob:requester', 'alice:member']],
  ] as const)('%s', ([kind, people]) => {
    expect(toldOf(kind)).toEqual(people);
  });

  test('every kind of event reaches somebody', () => {
    for (const kind of NOTIFICATION_KINDS) expect([kind, toldOf(kind).length > 0]).toEqual([kind, true]);
  });
});

describe('rules', () => {
  test('the first that reaches a person counts for them, whatever the channel', () => {
    const rules = [rule({ to: [{ users: [user('mona')] }], by: 'pager' }), rule({ by: 'chat' }), rule({ by: 'mail' })];
    expect(names(rules)).toEqual([
      'mona as approvers by pager',
      'max as approvers by chat',
      'ada as approvers by chat',
    ]);
  });

  test('another kind of event, another type or another channel is none of their business', () => {
    expect(names([rule({ when: ['joined'] })])).toEqual([]);
    expect(names([rule({ if: { type: 'HIDDEN' } })])).toEqual([]);
    expect(names([rule({ if: { channel: channel('lobby') } })])).toEqual([]);
    expect(names([rule({ if: { type: 'DEFAULT', channel: channel('board') }, to: ['member'] })])).toHaveLength(1);
  });

  test('who asks for themselves is spoken to as the requester', () => {
    expect(names([rule({ to: ['member'] })])).toEqual(['alice as requester by chat']);
    expect(names([rule({ to: ['member'] })], eventOf({ requester: user('bob') }))).toEqual(['alice as member by chat']);
  });

  test('who is named in a rule is what the event makes of them, else one of the users', () => {
    const to: Rule['to'] = [{ users: ['alice', 'mona', 'ada', 'zoe'].map(user) }];
    const event = eventOf({ approvers: [user('mona')] });
    expect(names([rule({ to })], event, [user('ada')])).toEqual([
      'alice as requester by chat',
      'mona as approvers by chat',
      'ada as operators by chat',
      'zoe as users by chat',
    ]);
  });

  test('bots, and what is no ARN at all, are not told', () => {
    const approvers = [`${HOME}/bot/helper`, 'mona', '', user('max')];
    expect(names([rule({})], eventOf({ approvers }))).toEqual(['max as approvers by chat']);
  });
});

const person = constantFrom('alice', 'bob', 'mona', 'max', 'ada', 'zoe').map(user);
const people = array(person, { maxLength: 8 });
const anyEvent = record({
  kind: constantFrom(...NOTIFICATION_KINDS),
  requester: person,
  member: person,
  approvers: people,
  reviewers: people,
  id: constantFrom('a/1', 'a/2'),
}).map(eventOf);
const anyRule = record({
  when: subarray([...NOTIFICATION_KINDS], { minLength: 1 }),
  to: uniqueArray(constantFrom('requester', 'member', 'approvers', 'reviewers', 'operators'), { minLength: 1 }),
  by: constantFrom('chat', 'mail'),
  users: people,
}).map(({ users, to, ...rest }): Rule => ({ ...rest, to: users.length > 0 ? [...to, { users }] : to }));

test('nobody is told twice of an event, and the ids tell people and events apart, always the same', () => {
  assert(
    property(array(anyRule, { maxLength: 6 }), anyEvent, people, (rules, event, operators) => {
      const deliveries = route(event, rules, operators);
      const told = deliveries.map(({ to }) => to);
      expect(new Set(told).size).toBe(told.length);
      expect(new Set(deliveries.map(({ id }) => id)).size).toBe(told.length);
      expect(route(event, rules, operators)).toEqual(deliveries);
      const other = route({ ...event, id: 'another/1' }, rules, operators);
      expect(other.map(({ id }) => id).filter((id) => deliveries.some((one) => one.id === id))).toEqual([]);
      // Whoever any rule that applies names is told.
      const lists = { ...event, requester: [event.requester], member: [event.member], operators };
      const meant = rules
        .filter(({ when }) => when.includes(event.kind))
        .flatMap(({ to }) => to.flatMap((who) => (typeof who === 'string' ? lists[who] : who.users)));
      expect(new Set(told)).toEqual(new Set(meant));
    }),
    { numRuns: 500 },
  );
});
