import { describe, expect, test } from 'vitest';
import { channelArn, emulator, outcome, seedOf, user } from './support.ts';

const people = ['mona', 'moderator', 'member', 'outsider', 'other', 'existing'];
const kinds = [
  ['PUBLIC', 'RESTRICTED'],
  ['PUBLIC', 'UNRESTRICTED'],
  ['PRIVATE', 'RESTRICTED'],
  ['PRIVATE', 'UNRESTRICTED'],
] as const;

const yes = 'ok';
const no = 'ForbiddenException';
const dup = 'ConflictException';

type Row = readonly [bearer: string, target: string, type: 'DEFAULT' | 'HIDDEN', ...cells: string[]];

// Columns as in the decision matrix: PUBLIC·RESTRICTED, PUBLIC·UNRESTRICTED, PRIVATE·RESTRICTED, PRIVATE·UNRESTRICTED.
const common: readonly Row[] = [
  ['ada', 'ada', 'DEFAULT', yes, yes, yes, yes],
  ['ada', 'other', 'DEFAULT', yes, yes, yes, yes],
  ['mona', 'mona', 'DEFAULT', yes, yes, yes, yes],
  ['mona', 'other', 'DEFAULT', yes, yes, yes, yes],
  ['moderator', 'other', 'DEFAULT', yes, yes, yes, yes],
  ['member', 'other', 'DEFAULT', no, yes, no, yes],
  ['outsider', 'other', 'DEFAULT', no, no, no, no],
  ['ada', 'existing', 'DEFAULT', dup, dup, dup, dup],
  ['mona', 'existing', 'DEFAULT', dup, dup, dup, dup],
  ['mona', 'existing', 'HIDDEN', dup, dup, dup, dup],
  ['member', 'existing', 'DEFAULT', no, dup, no, dup],
  ['outsider', 'existing', 'DEFAULT', no, no, no, no],
  ['ada', 'other', 'HIDDEN', yes, yes, yes, yes],
  ['mona', 'other', 'HIDDEN', yes, yes, yes, yes],
  ['member', 'other', 'HIDDEN', no, no, no, no],
  ['outsider', 'outsider', 'HIDDEN', no, no, no, no],
];

const selfJoin: Readonly<Record<'allow' | 'deny', readonly Row[]>> = {
  allow: [
    ['outsider', 'outsider', 'DEFAULT', yes, yes, no, no],
    ['member', 'member', 'DEFAULT', dup, dup, no, dup],
  ],
  deny: [
    ['outsider', 'outsider', 'DEFAULT', no, no, no, no],
    ['member', 'member', 'DEFAULT', no, dup, no, dup],
  ],
};

describe.each(['allow', 'deny'] as const)('publicSelfJoin %s', async (publicSelfJoin) => {
  const cells = [...common, ...selfJoin[publicSelfJoin]].flatMap(([bearer, target, type, ...expected], row) =>
    kinds.map(([privacy, mode], column) => ({
      id: `c${row}-${column}`,
      bearer,
      target,
      type,
      privacy,
      mode,
      expected: expected[column],
    })),
  );
  const channels = cells.map(({ id, privacy, mode }) => ({
    id,
    privacy,
    mode,
    moderators: ['mona', 'moderator'],
    members: ['moderator', 'member', 'existing'],
  }));
  const { messaging } = await emulator({ seed: seedOf(people, channels), publicSelfJoin });

  test.each(cells)('$privacy $mode: $bearer adds $target as $type: $expected', async (cell) => {
    const call = messaging.createChannelMembership({
      ChannelArn: channelArn(cell.id),
      MemberArn: user(cell.target),
      Type: cell.type,
      ChimeBearer: user(cell.bearer),
    });
    expect(await outcome(call)).toBe(cell.expected);
  });
});
