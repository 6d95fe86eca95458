import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTIFICATION_KINDS, RELATIONS, subjectOf } from '../../src/domain/notification.ts';
import type { NotificationEvent, Relation } from '../../src/domain/notification.ts';
import { messageFor } from '../../src/notifications/message.ts';
import { channel, deliveryTo, eventOf, hiddenEvent, user } from './events.ts';

const LINK = 'https://admit.example.com/requests/{id}?run={run}';
const say = (event: NotificationEvent, as: Relation, to = 'zoe') =>
  messageFor(subjectOf(event), deliveryTo(to, { as }), LINK);
const subjects = (event: NotificationEvent) => Object.fromEntries(RELATIONS.map((as) => [as, say(event, as).subject]));

describe('wording', () => {
  test('each is spoken to as what they are', () => {
    const forAlice = eventOf({ requester: user('bob') });
    expect(subjects(forAlice)).toEqual({
      requester: 'Your request to let alice join board waits for a review',
      member: 'The request of bob to let you join board waits for a review',
      approvers: 'bob asks to let alice join board',
      reviewers: 'The request of bob to let alice join board waits for a review',
      operators: 'The request of bob to let alice join board waits for a review',
      users: 'The request of bob to let alice join board waits for a review',
    });
    expect(say(eventOf(), 'approvers').subject).toBe('alice asks to join board');
    expect(say(eventOf({ kind: 'joined' }), 'requester').text[0]).toBe(
      'Your request to join board was approved: you are a member now.',
    );
    expect(say({ ...forAlice, kind: 'joined' }, 'member').subject).toBe(
      'The request of bob to let you join board was approved: you are a member now',
    );
    expect(say(hiddenEvent(), 'approvers').subject).toBe('bob asks to let alice join board as a hidden member');
  });

  test('why, until when and where stand below', () => {
    const message = say(
      eventOf({ kind: 'inputNeeded', message: 'Nobody knows you.', code: 'UNKNOWN', dueAt: '2026-02-03T04:05:06Z' }),
      'requester',
    );
    expect(message.text.slice(1)).toEqual(['Nobody knows you.', 'It waits until 2026-02-03 04:05 UTC.']);
    expect(message.link).toBe('https://admit.example.com/requests/join%3Aboard%3Aalice%3A0a1b2c3d?run=7e6f');
    expect(say(eventOf({ kind: 'denied', dueAt: '2026-02-03T04:05:06Z' }), 'requester').text).toHaveLength(1);
    expect(say(eventOf({ kind: 'termEnds', dueAt: '2026-02-03T04:05:06Z' }), 'requester').text).toEqual([
      'Your membership of board ends soon.',
      'It ends at 2026-02-03 04:05 UTC.',
    ]);
  });

  test('every kind has a sentence for everybody, each of its own', () => {
    for (const as of RELATIONS) {
      const all = NOTIFICATION_KINDS.map((kind) => say(eventOf({ kind, requester: user('bob') }), as).subject);
      expect([as, new Set(all).size]).toEqual([as, NOTIFICATION_KINDS.length]);
    }
  });
});

describe('discretion', () => {
  test('bindings that ask, and why an operator let somebody through, are for who may judge', () => {
    for (const kind of ['pending', 'remind', 'escalated', 'overridden'] as const) {
      const event = eventOf({ kind, requester: user('bob'), message: 'not-banned, stage 2' });
      const hear = RELATIONS.filter((as) => JSON.stringify(say(event, as)).includes('not-banned'));
      expect([kind, hear]).toEqual([kind, ['approvers', 'reviewers', 'operators']]);
    }
  });

  const told = hiddenEvent({ kind: 'denied', code: 'BANNED', message: 'alice is banned.' });
  const reasoned = { ...told, request: { ...told.request, reason: 'alice is my friend' } };

  test('of a HIDDEN request, whoever has nothing to do with it learns neither member, requester nor id', () => {
    for (const kind of NOTIFICATION_KINDS) {
      const message = say({ ...reasoned, kind }, 'users');
      expect(JSON.stringify(message)).not.toMatch(/alice|bob|join:|banned|friend/i);
    }
    expect(say(told, 'users').subject).toBe('A request for a hidden membership of board was denied');
    expect(say({ ...told, kind: 'pending' }, 'approvers').subject).toContain('alice');
    expect(say({ ...told, kind: 'incident' }, 'operators').subject).toContain('alice');
  });

  test('why is for the requester and those who judge, not for the member whom they judge', () => {
    for (const as of ['member', 'users'] as const) {
      for (const event of [reasoned, { ...reasoned, request: { ...reasoned.request, type: 'DEFAULT' as const } }]) {
        expect(JSON.stringify(say(event, as))).not.toMatch(/banned|friend/i);
      }
    }
    for (const as of ['requester', 'approvers', 'reviewers', 'operators'] as const) {
      expect(say(reasoned, as).text).toContain('alice is banned.');
      expect(say(reasoned, as).about).toMatchObject({ code: 'BANNED' });
    }
    expect(say(reasoned, 'approvers').text).toContain('bob gives as a reason: “alice is my friend”');
    expect(say(reasoned, 'requester').text.join()).not.toContain('gives as a reason');
  });
});

test('of a ban or a HIDDEN membership the requester in office hears alone, of an incident the operators alone', () => {
  const said = { kind: 'denied', code: 'BANNED', message: 'alice is banned.', requester: user('bob') } as const;
  const banned = eventOf({ ...said, confidential: true });
  const stuck = eventOf({ ...said, kind: 'incident' });
  for (const as of RELATIONS) {
    expect([as, JSON.stringify(say(banned, as)).includes('anned')]).toEqual([as, as === 'requester']);
    expect([as, JSON.stringify(say(stuck, as)).includes('anned')]).toEqual([as, as === 'operators']);
  }
});

test('whatever users write, each paragraph is one short line, and the subject has none of it', () => {
  const request = {
    channelArn: channel('board'),
    memberArn: user('alice'),
    requestedBy: user('alice'),
    type: 'DEFAULT',
  };
  assert(
    property(
      string({ unit: 'binary', maxLength: 1_024 }),
      string({ unit: 'binary', maxLength: 2_000 }),
      (reason, why) => {
        const event = eventOf({ message: why, request: { ...request, reason } as NotificationEvent['request'] });
        const { subject, text } = say(event, 'approvers');
        expect(subject).toBe('alice asks to join board');
        for (const line of text) {
          // oxlint-disable-next-line no-control-regex
          expect(line).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/);
          expect(line.length).toBeLessThanOrEqual(340);
          expect(line.isWellFormed()).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});
