import { describe, expect, test } from 'vitest';
import { mayCreateMembership } from '../../src/domain/facts.ts';
import type { Channel, Role } from '../../src/domain/facts.ts';

// reference/chime.md §3.3: who may make the call. The columns are the channels below.
const channels: readonly Channel[] = [
  { privacy: 'PUBLIC', mode: 'RESTRICTED', elastic: false },
  { privacy: 'PUBLIC', mode: 'UNRESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'RESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'UNRESTRICTED', elastic: false },
  { privacy: 'PRIVATE', mode: 'UNRESTRICTED', elastic: true },
];
const [yes, no] = [true, false];
const rows: readonly (readonly [Role, 'self' | 'other', boolean[]])[] = [
  ['admin', 'other', [yes, yes, yes, yes, yes]],
  ['moderator', 'other', [yes, yes, yes, yes, yes]],
  ['member', 'other', [no, yes, no, yes, no]],
  ['outsider', 'self', [yes, yes, no, no, no]],
  ['outsider', 'other', [no, no, no, no, no]],
];

describe('who may make the call', () => {
  test.each(rows)('DEFAULT: %s → %s', (role, target, cells) => {
    expect(channels.map((channel) => mayCreateMembership(role, target === 'self', 'DEFAULT', channel))).toEqual(cells);
  });

  test.each(rows)('HIDDEN: %s → %s, only in office', (role, target) => {
    const office = role === 'admin' || role === 'moderator';
    const cells = channels.map((channel) => mayCreateMembership(role, target === 'self', 'HIDDEN', channel));
    expect(cells).toEqual(channels.map(() => office));
  });
});
