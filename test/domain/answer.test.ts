import { describe, expect, test } from 'vitest';
import { compose, withMembership } from '../../src/domain/admission.ts';
import type { FactValues } from '../../src/domain/facts.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import { answerFor, isConfidential } from '../../src/domain/view.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { evaluateOn, factsOf, requestOf, user } from '../policies/fixtures.ts';

const request = requestOf({ requestedBy: user('alice'), memberArn: user('bob') });
const reviewers = [user('mona'), user('max')];
const AT = '2026-11-30T12:00:00.000Z';
const NUMBERS = { channel_moderator: 2, app_instance_admin: 1, total: 3 };
const candidate = (arn: string) => ({ arn, roles: ['channel_moderator'], matched: [] });

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
    inputs: [],
    answers: [],
    notes: [],
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
    // That an outsider brings in others is enough to deny it, whatever else is the case.
    const about = role === 'member' ? 'NOT_ADMITTED' : 'OUTSIDER_INVITES';
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
  const { stages } = Requirement.parse({
    approvers: { roles: ['channel_moderator'], users: [user('ada')] },
    approve: 3,
  });
  const view = await judged(
    { 'requester.role': 'member', approvers: { ...NUMBERS, people: reviewers.map((arn) => candidate(arn)) } },
    {
      state: 'pending',
      waitsFor: 'people',
      outcome: null,
      expiresAt: '2026-12-23T12:00:00.000Z',
      requirements: [{ binding: 'privacy', stages }],
      progress: [{ binding: 'privacy', stage: 'review', status: 'open', approve: 3, approvedBy: reviewers }],
      approvals: reviewers.map((reviewer) => ({
        reviewer,
        decision: 'approve',
        requestDigest: 'a'.repeat(64),
        at: '2026-11-23T12:00:00.000Z',
        verified: true,
        roles: ['channel_moderator'],
        matched: [],
      })),
      notes: [{ by: user('ada'), at: '2026-11-23T12:00:00.000Z', verified: true, what: 'named mona' }],
      override: { by: user('ada'), at: '2026-11-23T12:00:00.000Z', verified: true, reason: 'max is ill', ticket: 'T' },
    },
  );
  const answer = answerFor(view);
  expect(answer).toMatchObject({
    waitsFor: 'people',
    waitingFor: [{ approve: 3, approved: 2, text: '3 approvals by channel_moderator or 1 named user' }],
    expiresAt: '2026-12-23T12:00:00.000Z',
  });
  expect(answer).not.toHaveProperty('eligible');
  expect(JSON.stringify(answer)).not.toMatch(/mona|max|ada/);
  expect(answerFor({ ...view, state: 'closed', outcome: 'denied' })).toMatchObject({ waitingFor: [] });
  expect(JSON.stringify(answerFor({ ...view, state: 'closed', outcome: 'denied' }))).not.toMatch(/mona|max|ada/);
});

test('an answer says what the requester is asked, until it is resolved', async () => {
  const inputs = [
    { binding: 'screening', schema: { type: 'object' }, prompt: 'Accept the rules.', expiresIn: '7d', dueAt: AT },
  ];
  const asked = await judged({}, { state: 'pending', waitsFor: 'input', outcome: null, inputs });
  expect(answerFor(asked)).toMatchObject({ waitsFor: 'input', inputs });
  const withdrawn = answerFor({ ...asked, state: 'closed', outcome: 'withdrawn' });
  expect(withdrawn.inputs).toEqual([]);
  expect(withdrawn).not.toHaveProperty('waitsFor');
});

test('an answer says until when the membership lasts, and nothing of its reminders', async () => {
  const term = { startedAt: '2026-11-23T12:00:00.000Z', endsAt: '2027-02-21T12:00:00.000Z' };
  const answer = answerFor(
    await judged({}, { state: 'active', outcome: null, term: { ...term, remindAt: [term.endsAt] } }),
  );
  expect(answer.term).toEqual(term);
});

test('an answer that holds no secret says all: codes, fields and what each policy found', async () => {
  const answer = answerFor(await judged({ 'requester.role': 'outsider' }));
  expect(answer.reason).toMatchObject({ code: 'OUTSIDER_INVITES', binding: 'privacy' });
  expect(answer.reason).not.toHaveProperty('visibility');
  expect(answer.decisions).toContainEqual(expect.objectContaining({ binding: 'privacy', code: 'OUTSIDER_INVITES' }));
});

test('a ban, and what Chime tells of a HIDDEN membership, are confidential', () => {
  const reason = { code: 'BANNED', message: 'banned', binding: 'bans', visibility: 'opaque' } as const;
  expect(isConfidential({ reason })).toBe(true);
  expect(isConfidential({ reason: { ...reason, visibility: 'full' } })).toBe(false);
  expect(isConfidential({ error: { type: 'OtherMembershipType', message: 'HIDDEN' } })).toBe(true);
  expect(isConfidential({})).toBe(false);
});
