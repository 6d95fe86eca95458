import { describe, expect, test } from 'vitest';
import { compose } from '../../src/domain/admission.ts';
import type { Composition } from '../../src/domain/admission.ts';
import type { Channel, Role } from '../../src/domain/facts.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import { bot, decide, embeddedWith, evaluateOn, factsOf, inBrief, requestOf, user } from './fixtures.ts';

// docs/architecture.md, "The decision table of the embedded policies", cell by cell. A test is a row; its columns are
// PUBLIC RESTRICTED, PUBLIC UNRESTRICTED, PRIVATE RESTRICTED and PRIVATE UNRESTRICTED, then PUBLIC and PRIVATE elastic.
const kinds: readonly Channel[] = [
  { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: false },
  { privacy: 'PUBLIC', mode: 'UNRESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'RESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'UNRESTRICTED', elastic: false },
  { privacy: 'PUBLIC', mode: 'UNRESTRICTED', elastic: true },
  { privacy: 'PRIVATE', mode: 'UNRESTRICTED', elastic: true },
];

type Target = 'self' | 'other';
type Cells = readonly [string, string, string, string];
type Row = readonly [role: Role, target: Target, ...Cells];

/** Elastic channels count as RESTRICTED. */
const columns = ([a, b, c, d]: Cells) => [a, b, c, d, a, c];

/** What Chime tells of the member fits the role: on an elastic channel a moderator must name a sub-channel. */
function given(role: Role, target: Target, channel: Channel): JoinRequest {
  const subChannel = role === 'moderator' && target === 'self' && channel.elastic ? { subChannelId: 'sub-1' } : {};
  return requestOf({ requestedBy: user('alice'), memberArn: user(target === 'self' ? 'alice' : 'bob'), ...subChannel });
}

async function decideRow(
  role: Role,
  target: Target,
  { params = {}, bearer }: { params?: object; bearer?: { arn: string; role: Role } } = {},
): Promise<Composition[]> {
  return Promise.all(
    kinds.map(async (channel) => {
      const request = { ...given(role, target, channel), ...(bearer ? { chimeBearer: bearer.arn } : {}) };
      const facts = factsOf({
        channel,
        'requester.role': role,
        'bearer.role': bearer?.role ?? null,
        'member.moderator': role === 'moderator' && target === 'self',
      });
      return (await decide(embeddedWith({ privacy: params }), request, facts)).composition;
    }),
  );
}

const OUTSIDER = 'OUTSIDER_INVITES';
const table: readonly Row[] = [
  ['admin', 'self', 'allow', 'allow', 'allow', 'allow'],
  ['admin', 'other', 'allow', 'allow', 'allow', 'allow'],
  ['moderator', 'self', 'allow', 'allow', 'allow', 'allow'],
  ['moderator', 'other', 'allow', 'allow', 'allow', 'allow'],
  ['member', 'self', 'allow', 'allow', 'allow', 'allow'],
  ['member', 'other', 'approval', 'allow', 'approval', 'allow'],
  ['outsider', 'self', 'allow', 'allow', 'approval', 'approval'],
  ['outsider', 'other', OUTSIDER, OUTSIDER, OUTSIDER, OUTSIDER],
];

describe('DEFAULT', () => {
  test.each(table)('%s → %s: %s, %s, %s, %s', async (role, target, ...cells) => {
    expect((await decideRow(role, target)).map(inBrief)).toEqual(columns(cells));
  });

  test('the approval asked for is one, by a moderator or an admin', async () => {
    const approvers = { roles: ['channel_moderator', 'app_instance_admin'] };
    const pend = {
      action: 'pend',
      requirements: [{ binding: 'privacy', ...Requirement.parse({ approvers, approve: 1 }) }],
    };
    expect((await decideRow('member', 'other'))[0]).toEqual(pend);
    expect((await decideRow('outsider', 'self'))[2]).toEqual(pend);
  });

  const [inv, pub, pri] = ['MEMBER_INVITES', 'PUBLIC_SELF_JOIN', 'PRIVATE_SELF_JOIN'];
  const strictest = { memberInvites: 'deny', publicSelfJoin: 'deny', privateSelfJoin: 'deny' };
  const variants: readonly (readonly [params: object, ...Row])[] = [
    [{ memberInvites: 'deny' }, 'member', 'other', inv, 'allow', inv, 'allow'],
    [{ publicSelfJoin: 'requireApproval' }, 'outsider', 'self', 'approval', 'approval', 'approval', 'approval'],
    [{ publicSelfJoin: 'deny' }, 'outsider', 'self', pub, pub, 'approval', 'approval'],
    [{ privateSelfJoin: 'deny' }, 'outsider', 'self', 'allow', 'allow', pri, pri],
    [strictest, 'outsider', 'self', pub, pub, pri, pri],
    [strictest, 'admin', 'other', 'allow', 'allow', 'allow', 'allow'],
    [strictest, 'moderator', 'other', 'allow', 'allow', 'allow', 'allow'],
    [strictest, 'member', 'self', 'allow', 'allow', 'allow', 'allow'],
  ];

  test.each(variants)('with %j, %s → %s: %s, %s, %s, %s', async (params, role, target, ...cells) => {
    expect((await decideRow(role, target, { params })).map(inBrief)).toEqual(columns(cells));
  });

  test.each<[Role, string | undefined, string]>([
    ['admin', undefined, 'allow'],
    ['moderator', 'deny', 'allow'],
    ['member', undefined, 'approval'],
    ['outsider', undefined, 'approval'],
    ['member', 'allow', 'allow'],
    ['member', 'deny', 'LONGER_STAY'],
  ])('a longer term, asked by the %s, with longerStay %s: %s', async (role, longerStay, expected) => {
    const set = embeddedWith({ privacy: longerStay === undefined ? {} : { longerStay } });
    for (const channel of kinds) {
      // Who joined was brought in by a moderator: it is the asker whose role is read.
      const request = requestOf({ requestedBy: user('mona'), memberArn: user('bob'), term: '2d' });
      const asking = { purpose: 'extend' as const, askedBy: user('bob') };
      const facts = factsOf({ channel, 'requester.role': role });
      const decisions = await evaluateOn(set, request, facts, () => undefined, asking);
      expect(inBrief(compose(decisions, 'deny'))).toBe(expected);
    }
  });

  test('params that would open more than the table knows are refused', () => {
    expect(() => embeddedWith({ privacy: { privateSelfJoin: 'allow' } })).toThrow(/privateSelfJoin/);
    expect(() => embeddedWith({ privacy: { memberInvites: 'allow' } })).toThrow(/memberInvites/);
    expect(() => embeddedWith({ privacy: { publicSelfjoin: 'deny' } })).toThrow(/publicSelfjoin/);
  });
});

describe('DEFAULT with an explicit bearer', () => {
  // chime.md §3.3: what Chime would refuse is refused first; what it lets pass is judged as without a bearer.
  const no = 'CALLER_NOT_ALLOWED';
  const refused: readonly Row[] = [
    ['member', 'other', no, 'allow', no, 'allow'],
    ['outsider', 'self', 'allow', 'allow', no, no],
    ['outsider', 'other', no, no, no, no],
  ];
  const isRefused = ([role, target]: Row) => refused.some((row) => row[0] === role && row[1] === target);
  const rows = [...table.filter((row) => !isRefused(row)), ...refused];

  test.each(rows)('the requester, %s → %s: %s, %s, %s, %s', async (role, target, ...cells) => {
    const compositions = await decideRow(role, target, { bearer: { arn: user('alice'), role } });
    expect(compositions.map(inBrief)).toEqual(columns(cells));
    for (const composition of compositions.filter((one) => inBrief(one) === no)) {
      expect(composition).toMatchObject({ reason: { field: 'chimeBearer', binding: 'privacy' } });
    }
  });

  test.each(table)('a service bearer who is admin changes nothing for %s → %s', async (role, target, ...cells) => {
    const bearer = { arn: bot('service'), role: 'admin' } as const;
    expect((await decideRow(role, target, { bearer })).map(inBrief)).toEqual(columns(cells));
  });

  test.each(table)('a service bearer who is admin no more is refused, %s → %s', async (role, target) => {
    const bearer = { arn: bot('service'), role: 'outsider' } as const;
    expect((await decideRow(role, target, { bearer })).map(inBrief)).toEqual(kinds.map(() => no));
  });
});
