import { describe, expect, test } from 'vitest';
import { withApprovers, withMembership } from '../../src/domain/admission.ts';
import type { Composition } from '../../src/domain/admission.ts';

const denied: Composition = {
  action: 'deny',
  reason: { code: 'BANNED', message: 'no', visibility: 'opaque', binding: 'ban' },
};
const admitted: Composition = { action: 'admit' };
const requirement = (binding: string, approve: number) => ({
  binding,
  approve,
  approvers: { roles: ['channel_moderator' as const] },
});
const pending: Composition = { action: 'pend', requirements: [requirement('a', 1), requirement('b', 2)] };

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
    expect(withApprovers(pending, () => eligible)).toBe(pending);
  });

  test.each([1, 0])('%d approvers, where two are needed, are a dead end', (eligible) => {
    const reason = { code: 'NO_ELIGIBLE_APPROVER', binding: 'host' };
    expect(withApprovers(pending, () => eligible)).toMatchObject({ action: 'deny', reason });
  });

  test('each requirement is counted for itself', () => {
    const composition = withApprovers(pending, ({ approve }) => (approve === 1 ? 0 : 2));
    expect(composition).toMatchObject({ action: 'deny', reason: { message: expect.stringMatching(/^a asks for 1/) } });
  });

  test.each([admitted, denied, { action: 'alreadyMember' } as const])('$action needs no approvers', (composition) => {
    expect(withApprovers(composition, () => 0)).toBe(composition);
  });
});
