import { expect, test } from 'vitest';
import { allow, defer, definePolicy, notApplicable, requireApproval, requireInput, z } from 'channel-admission/policy';
import { policyConformance } from 'channel-admission/testing';
import { Verdict } from '../../src/schemas/verdict.ts';
import { builtIns } from '../../src/policies/built-ins.ts';

const ALICE = 'arn:aws:chime:us-east-1:111122223333:app-instance/home/user/alice';

const PARAMS: Record<string, unknown> = {
  expression: { denyWhen: "request.type == 'HIDDEN' && facts.channel.privacy == 'PRIVATE'" },
  'allow-list': { members: ['alice'] },
  screening: { rules: ['Be kind.'] },
  'cooling-off': { wait: '1d' },
  term: { max: '90d' },
};

test.each(builtIns.filter(({ kind }) => kind === 'pure').map((policy) => [policy.id, policy] as const))(
  'the built-in policy %s conforms',
  async (id, policy) => {
    const roles = ['admin', 'moderator', 'member', 'outsider'] as const;
    const cases = roles.map((role) => ({ name: role, params: PARAMS[id], facts: { 'requester.role': role } }));
    expect(await policyConformance(policy, cases)).toEqual({ ok: true, findings: [] });
  },
);

test('a policy that asks first is checked with and without answers, and with the times that it is told', async () => {
  const asking = definePolicy({
    id: 'asking',
    version: '1.0.0',
    title: 'Asking',
    params: z.strictObject({}),
    facts: [],
    kind: 'pure',
    evaluate(_request, { answers, requestedAt, now }) {
      if (!answers) return requireInput({ type: 'object' }, 'Why?', '7d');
      if (answers['why'] === undefined) return { verdict: 'maybe' } as never;
      if (now.getTime() - requestedAt.getTime() < 3_600_000) return defer(new Date(now), '1d', 'too early');
      return notApplicable('said why', { term: { max: '1d' } });
    },
  });
  const requestedAt = new Date('2026-01-05T00:00:00Z');
  const good = [{}, { answers: { why: 'x' } }, { answers: { why: 'x' }, requestedAt }];
  expect(await policyConformance(asking, good)).toEqual({ ok: true, findings: [] });
  expect(await policyConformance(asking, [{ answers: {} }])).toMatchObject({
    ok: false,
    findings: [{ rule: 'verdict' }],
  });
});

test('the helpers make verdicts, requirements in either form', () => {
  const stages = [{ approvers: { users: [ALICE] }, anyOf: [{ approve: 1 }] }];
  const made = [
    requireApproval(2, ['hr.partners']),
    requireApproval({ approvers: { expression: 'true' }, approve: 1 }),
    requireApproval({ stages }),
    requireInput({ type: 'object' }, 'Why?', '7d'),
    defer(new Date(0), '1d', 'too early'),
    allow({ validFor: '1h', warnings: ['soon'], term: { max: '1d' } }),
  ].map((verdict) => Verdict.parse(verdict));
  expect(made[0]).toMatchObject({
    requirement: { stages: [{ approvers: { roles: ['hr.partners'] }, anyOf: [{ approve: 2 }] }] },
  });
  expect(made.slice(1).map(({ verdict }) => verdict)).toEqual([
    'requireApproval',
    'requireApproval',
    'requireInput',
    'defer',
    'allow',
  ]);
});
