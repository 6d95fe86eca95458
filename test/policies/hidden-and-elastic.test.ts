import { describe, expect, test } from 'vitest';
import type { Channel, FactValues, Role } from '../../src/domain/facts.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import { embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { bot, decide, factsOf, inBrief, requestOf, RESTRICTED, user } from './fixtures.ts';

const channels: readonly Channel[] = [
  { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: false },
  { privacy: 'PUBLIC', mode: 'UNRESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'RESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'UNRESTRICTED', elastic: false },
];

const hidden = (target: string) =>
  requestOf({ type: 'HIDDEN', requestedBy: user('alice'), memberArn: user(target === 'self' ? 'alice' : 'bob') });

describe('HIDDEN', () => {
  const rows: readonly (readonly [Role, 'self' | 'other', string])[] = [
    ['admin', 'self', 'approval'],
    ['admin', 'other', 'approval'],
    ['moderator', 'self', 'approval'],
    ['moderator', 'other', 'approval'],
    ['member', 'self', 'approval'],
    ['member', 'other', 'HIDDEN_NEEDS_MODERATOR'],
    ['outsider', 'self', 'approval'],
    ['outsider', 'other', 'HIDDEN_NEEDS_MODERATOR'],
  ];

  test.each(rows)('%s → %s is %s, on every kind of channel', async (role, target, expected) => {
    for (const channel of channels) {
      const facts = factsOf({ channel, 'requester.role': role });
      const { composition, decisions } = await decide(embeddedPolicySet(), hidden(target), facts);
      expect(inBrief(composition)).toBe(expected);
      expect(decisions).toContainEqual(expect.objectContaining({ policy: 'privacy', evaluation: 'notApplicable' }));
    }
  });

  test('the approval asked for is one, by a moderator or an admin', async () => {
    const { composition } = await decide(embeddedPolicySet(), hidden('self'), factsOf());
    const approvers = { roles: ['channel_moderator', 'app_instance_admin'] };
    const requirements = [{ binding: 'hidden-approval', ...Requirement.parse({ approvers, approve: 1 }) }];
    expect(composition).toEqual({ action: 'pend', requirements });
  });

  test.each([
    ['admin', 'approval'],
    ['moderator', 'approval'],
    ['member', 'CALLER_NOT_ALLOWED'],
    ['outsider', 'CALLER_NOT_ALLOWED'],
  ] as const)('with an explicit bearer who is %s is %s', async (role, expected) => {
    for (const channel of channels) {
      const facts = factsOf({ channel, 'requester.role': 'admin', 'bearer.role': role });
      const { composition } = await decide(embeddedPolicySet(), { ...hidden('other'), chimeBearer: bot('b') }, facts);
      expect(inBrief(composition)).toBe(expected);
    }
  });

  test('hidden-approval does not touch DEFAULT', async () => {
    const { decisions } = await decide(embeddedPolicySet(), requestOf(), factsOf());
    expect(decisions).toContainEqual(
      expect.objectContaining({ policy: 'hidden-approval', evaluation: 'notApplicable', action: 'none' }),
    );
  });
});

describe('sub-channel', () => {
  const elastic = { ...RESTRICTED, elastic: true };
  const named = { subChannelId: 'sub-1' };
  const cases: readonly (readonly [string, Partial<JoinRequest>, Partial<FactValues>, string, string | undefined])[] = [
    ['elastic, regular member, none named', {}, { channel: elastic }, 'allow', undefined],
    ['elastic, moderator, one named', named, { channel: elastic, 'member.moderator': true }, 'allow', undefined],
    [
      'elastic, moderator, none named',
      {},
      { channel: elastic, 'member.moderator': true },
      'SUB_CHANNEL_REQUIRED',
      'subChannelId',
    ],
    ['elastic, regular member, one named', named, { channel: elastic }, 'SUB_CHANNEL_NOT_ALLOWED', 'subChannelId'],
    ['elastic, HIDDEN', { type: 'HIDDEN' }, { channel: elastic }, 'ELASTIC_NO_HIDDEN', 'type'],
    [
      'elastic, HIDDEN, moderator, one named',
      { type: 'HIDDEN', ...named },
      { channel: elastic, 'member.moderator': true },
      'ELASTIC_NO_HIDDEN',
      'type',
    ],
    ['normal, none named', {}, {}, 'allow', undefined],
    ['normal, one named', named, {}, 'SUB_CHANNEL_NOT_ALLOWED', 'subChannelId'],
    ['normal, moderator, one named', named, { 'member.moderator': true }, 'SUB_CHANNEL_NOT_ALLOWED', 'subChannelId'],
    ['normal, HIDDEN, one named', { type: 'HIDDEN', ...named }, {}, 'SUB_CHANNEL_NOT_ALLOWED', 'subChannelId'],
  ];

  test.each(cases)('%s', async (_title, fields, values, expected, field) => {
    const facts = factsOf({ 'requester.role': 'admin', ...values });
    const { composition } = await decide(embeddedPolicySet(), requestOf(fields), facts);
    expect(inBrief(composition)).toBe(expected);
    const reason = field ? { code: expected, field, binding: 'sub-channel', visibility: 'full' } : undefined;
    expect(composition).toMatchObject(reason ? { action: 'deny', reason } : { action: 'admit' });
  });
});

describe('ban', () => {
  test.each([
    ['the member', { 'member.ban': true }, 'memberArn'],
    ['the requester', { 'requester.ban': true }, 'requestedBy'],
  ])('%s banned: nobody gets in, not even by an admin, and the reason is opaque', async (_who, bans, field) => {
    for (const type of ['DEFAULT', 'HIDDEN'] as const) {
      const request = requestOf({ type, requestedBy: user('ada') });
      const { composition } = await decide(
        embeddedPolicySet(),
        request,
        factsOf({ 'requester.role': 'admin', ...bans }),
      );
      expect(composition).toMatchObject({ action: 'deny', reason: { code: 'BANNED', field, visibility: 'opaque' } });
    }
  });
});
