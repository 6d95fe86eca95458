import { describe, expect, test } from 'vitest';
import { compose, withMembership } from '../../src/domain/admission.ts';
import type { FactValues } from '../../src/domain/facts.ts';
import { answerFor } from '../../src/domain/view.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { evaluateOn, factsOf, requestOf, user } from '../policies/fixtures.ts';

const request = requestOf({ requestedBy: user('alice'), memberArn: user('bob') });
const reviewers = [user('mona'), user('max')];

/** A request as the embedded policies judge it on these facts. */
async function judged(values: Partial<FactValues>, fields: Partial<RequestView> = {}): Promise<RequestView> {
  const facts = factsOf({ channel: { privacy: 'PUBLIC', mode: 'UNRESTRICTED', elastic: false }, ...values });
  const set = embeddedPolicySet();
  const decisions = await evaluateOn(set, request, facts);
  const membership = facts['member.membership']?.value ?? null;
  const composition = withMembership(compose(decisions, set.defaultVerdict), request, membership);
  return {
    id: 'join:board:bob:01234567',
    runId: 'run',
    request,
    state: 'closed',
    outcome: composition.action === 'deny' ? 'denied' : 'joined',
    ...(composition.action === 'deny' ? { reason: composition.reason } : {}),
    decisions: decisions.map((decision) => ({ ...decision, elapsedMs: 0 })),
    facts,
    requirements: [],
    progress: [],
    approvals: [],
    requestedAt: '2026-11-23T12:00:00.000Z',
    ...fields,
  };
}

const hiddenMember = { 'member.membership': { type: 'HIDDEN' } } as const;
/** Each with what must not be read in an answer, and with the code that people in office are told. */
const secrets: readonly (readonly [string, Partial<FactValues>, RegExp, code: string])[] = [
  ['a ban of the member', { 'member.ban': true }, /BANNED|is banned|"ban"/, 'BANNED'],
  ['a ban of the requester', { 'requester.ban': true }, /BANNED|is banned|"ban"/, 'BANNED'],
  ['a HIDDEN membership', hiddenMember, /OTHER_MEMBERSHIP|has a HIDDEN/, 'OTHER_MEMBERSHIP_TYPE'],
];

describe.each(secrets)('%s', (_secret, facts, words, code) => {
  test.each(['member', 'outsider'] as const)('is not told to a requester who is %s', async (role) => {
    const answer = answerFor(await judged({ 'requester.role': role, ...facts }));
    const about = role === 'member' || code === 'BANNED' ? 'NOT_ADMITTED' : 'OUTSIDER_INVITES';
    expect(answer).toMatchObject({ outcome: 'denied', reason: { code: about } });
    expect(JSON.stringify(answer)).not.toMatch(words);
  });

  test.each(['moderator', 'admin'] as const)('is told to a requester who is %s', async (role) => {
    const answer = answerFor(await judged({ 'requester.role': role, ...facts }));
    expect(answer).toMatchObject({ outcome: 'denied', reason: { code } });
  });
});

test('what is withheld cannot be told apart: ban and HIDDEN membership answer alike', async () => {
  const [byMember, byRequester, hidden] = await Promise.all(
    secrets.map(async ([, facts]) => answerFor(await judged({ 'requester.role': 'member', ...facts }))),
  );
  expect(byRequester).toEqual(byMember);
  expect(hidden).toEqual(byMember);
});

test('a HIDDEN membership that Chime tells of only while granting is not told to an outsider either', async () => {
  const message = 'The member already has a HIDDEN membership; Chime cannot change its type.';
  const error = { type: 'OtherMembershipType', message, hint: 'Remove that membership, then ask again.' };
  const failed = { outcome: 'failed', error } as const;
  const outsider = answerFor(await judged({ 'requester.role': 'member' }, failed));
  expect(JSON.stringify(outsider)).not.toMatch(/HIDDEN membership/);
  expect(answerFor(await judged({ 'requester.role': 'admin' }, failed)).error).toEqual(error);
});

test('an answer never names who may or did review, only roles and numbers', async () => {
  const roles = ['channel_moderator', 'app_instance_admin'] as const;
  const requirement = { binding: 'privacy', approvers: { roles: [...roles] }, approve: 3 };
  const view = await judged(
    { 'requester.role': 'member' },
    {
      state: 'pending',
      outcome: null,
      dueAt: '2026-12-23T12:00:00.000Z',
      requirements: [requirement],
      progress: [{ binding: 'privacy', approve: 3, approvedBy: reviewers }],
      approvals: reviewers.map((reviewer) => {
        return { reviewer, decision: 'approve', at: '2026-11-23T12:00:00.000Z', verified: true, roles: [...roles] };
      }),
    },
  );
  const answer = answerFor(view);
  expect(answer).toMatchObject({
    waitingFor: [{ approve: 3, approved: 2, roles }],
    eligible: { channel_moderator: 2, app_instance_admin: 1, total: 3 },
    dueAt: '2026-12-23T12:00:00.000Z',
  });
  expect(JSON.stringify(answer)).not.toMatch(/mona|max/);
  expect(answerFor({ ...view, state: 'closed', outcome: 'denied' })).toMatchObject({ waitingFor: [] });
  expect(JSON.stringify(answerFor({ ...view, state: 'closed', outcome: 'denied' }))).not.toMatch(/mona|max/);
});

test('an answer that holds no secret says all: codes, fields and what each policy found', async () => {
  const answer = answerFor(await judged({ 'requester.role': 'outsider' }));
  expect(answer.reason).toMatchObject({ code: 'OUTSIDER_INVITES', binding: 'privacy' });
  expect(answer.reason).not.toHaveProperty('visibility');
  expect(answer.decisions).toContainEqual(expect.objectContaining({ binding: 'privacy', code: 'OUTSIDER_INVITES' }));
});
