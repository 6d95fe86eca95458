import { describe, expect, test } from 'vitest';
import { formatExplanation } from '../../src/authoring/explain-text.ts';
import { explainRequest } from '../../src/authoring/explain.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { bind } from '../../src/policies/binding.ts';
import { embeddedPolicySet, createPolicySet } from '../../src/policies/policy-set.ts';
import { bindingThat, factsOf, policyThat, user } from '../policies/fixtures.ts';
import { programThat, recordedBy, viewOf } from './support.ts';

const lines = (view: Parameters<typeof explainRequest>[0]) => formatExplanation(explainRequest(view));

/** The only line that begins so, whatever it is indented by. */
function line(view: Parameters<typeof explainRequest>[0], start: string): string {
  const found = lines(view).filter((one) => one.trimStart().startsWith(start));
  expect(found).toHaveLength(1);
  return found[0]?.trimStart() ?? '';
}

const condition = (name: string, value: () => unknown) => ({
  name,
  program: programThat(`facts.channel.privacy == '${name}'`, value, ['channel']),
});

describe('the tree', () => {
  test('shows every policy with a mark, its code, and which one decided', async () => {
    const facts = factsOf({ 'member.ban': true });
    const view = await recordedBy(embeddedPolicySet(), { facts });
    expect(line(view, '✗ ban')).toMatch(/ban@1.0.0: deny {2}← deny/);
    expect(lines(view).filter((one) => one.includes('BANNED: The member is banned'))).toHaveLength(2);
    expect(line(view, '? privacy')).not.toContain('←');
    expect(line(view, '- hidden-approval')).toContain('notApplicable');
    expect(line(view, '→ 1')).toMatch(/deny.*: ban$/);
    expect(lines(view)[0]).toBe('join:board:alice:1 is denied');
  });

  test('shows conditions with the pieces and values that made them so', () => {
    const explain = {
      text: "request.type == 'HIDDEN' && facts.requester.role == 'member'",
      value: false,
      children: [
        { text: "request.type == 'HIDDEN'", value: false, children: [{ text: 'request.type', value: 'DEFAULT' }] },
        { text: "facts.requester.role == 'member'", value: true },
        { text: 'facts.gone', error: 'no such fact' },
      ],
    };
    const view = viewOf({
      decisions: [
        {
          binding: 'auditors',
          policy: 'approval',
          version: '1.0.0',
          enforcement: 'Enforce',
          elapsedMs: 1,
          policyDigest: 'd',
          evaluation: 'notApplicable',
          action: 'none',
          message: 'condition c does not hold',
          conditions: [{ name: 'c', expression: explain.text, value: false, explain }],
        },
      ],
      composition: {
        action: 'deny',
        reason: { code: 'NOTHING_ALLOWS', message: 'x', visibility: 'full', binding: 'host' },
      },
    });
    const shown = lines(view);
    const at = shown.findIndex((one) => one.includes('✗ condition c:'));
    expect(shown.slice(at + 1, at + 6).map((one) => one.trimStart())).toEqual([
      "✗ request.type == 'HIDDEN'",
      '· request.type = "DEFAULT"',
      "✓ facts.requester.role == 'member'",
      '! facts.gone: no such fact',
      expect.stringMatching(/^fact requester.role = "outsider" {2}\(test, 2026-11-23T12:00:00.000Z\)$/),
    ]);
    expect(line(view, '→ 6')).toContain('defaultVerdict');
  });

  test('an error in a condition is marked as one', async () => {
    const broken = condition('BROKEN', () => {
      throw new Error('no overload');
    });
    const binding = bindingThat(() => ({ verdict: 'allow' }), { matchConditions: [broken] });
    const view = await recordedBy(createPolicySet([binding]));
    expect(line(view, '! condition BROKEN')).toContain("facts.channel.privacy == 'BROKEN'");
    expect(line(view, '! no overload')).toBe('! no overload');
    expect(line(view, '! odd')).toContain('error  ← deny');
  });

  test('Warn and Audit are shown as counting for nothing', async () => {
    const warned = bindingThat(() => ({ verdict: 'deny', code: 'NO', message: 'no' }), { enforcement: 'Warn' });
    const view = await recordedBy(createPolicySet([warned, bind(policyThat(() => ({ verdict: 'allow' }), 'yes'))]));
    expect(line(view, '✗ odd')).toContain('(Warn: counts for nothing)');
    expect(line(view, '→ 5')).toMatch(/: yes$/);
  });

  test('every fact is shown once with value, source and time, or why it could not be read', async () => {
    const unread = { value: null, source: 'HR', readAt: '2026-11-23T12:00:00.000Z', error: 'timed out' };
    const view = viewOf({ decisions: [], facts: { ...factsOf(), 'hr.grade': unread } });
    const facts = lines(view).filter((one) => one.includes('fact '));
    expect(facts).toHaveLength(Object.keys(view.facts).length);
    expect(line(view, 'fact hr.grade')).toBe(
      'fact hr.grade could not be read: timed out  (HR, 2026-11-23T12:00:00.000Z)',
    );
  });

  test('where the record says which facts a policy was given, they stand below it', () => {
    const decision = {
      binding: 'ban',
      policy: 'ban',
      version: '1.0.0',
      enforcement: 'Enforce' as const,
      elapsedMs: 1,
      policyDigest: 'd',
      evaluation: 'notApplicable' as const,
      action: 'none' as const,
      facts: ['member.ban'],
    };
    const { policies, otherFacts } = explainRequest(viewOf({ decisions: [decision] }));
    expect(policies[0]?.read).toEqual([{ name: 'member.ban', ...factsOf()['member.ban'] }]);
    expect(otherFacts.map(({ name }) => name)).not.toContain('member.ban');
  });
});

describe('what it came to', () => {
  test.each([
    ['OTHER_MEMBERSHIP_TYPE', 'otherMembership'],
    ['NO_ELIGIBLE_APPROVER', 'noApprover'],
    ['NOTHING_ALLOWS', 'default'],
  ])('%s is %s', (code, rule) => {
    const reason = { code, message: 'x', visibility: 'full', binding: 'host' } as const;
    const { composition } = explainRequest(viewOf({ decisions: [], composition: { action: 'deny', reason } }));
    expect(composition).toMatchObject({ rule, reason: { code } });
  });

  test('reviews and the end that people made of it are shown beside what the policies said', async () => {
    const pended = await recordedBy(embeddedPolicySet());
    if (pended.composition?.action !== 'pend') throw new Error('it should wait');
    const view = {
      ...pended,
      requirements: pended.composition.requirements,
      progress: [{ binding: 'privacy', stage: 'review', status: 'denied' as const, approve: 1, approvedBy: [] }],
      approvals: [
        {
          reviewer: user('mona'),
          decision: 'deny' as const,
          at: '2026-11-23T13:00:00.000Z',
          verified: false,
          roles: ['channel_moderator'],
          matched: [],
          requestDigest: 'f'.repeat(64),
          comment: 'not now',
        },
      ],
      reason: { code: 'REVIEW_DENIED', message: 'denied', visibility: 'full' as const, binding: 'host' },
    };
    expect(line(view, '→ 4')).toMatch(/: privacy$/);
    expect(line(view, '✗ privacy: 1 approval by channel_moderator or app_instance_admin')).toMatch(
      /denied, 0 of 1 given$/,
    );
    expect(line(view, '✗ deny by mona')).toMatch(/not verified.*: not now$/);
    expect(lines(view).slice(-2)).toEqual(['in the end: denied', '  REVIEW_DENIED: denied']);
  });

  test('nothing is evaluated again: a policy that would now say otherwise changes nothing', async () => {
    let verdict: 'allow' | 'throw' = 'allow';
    const fickle = bindingThat(() => {
      if (verdict === 'throw') throw new Error('asked again');
      return { verdict: 'allow' };
    });
    const view = await recordedBy(createPolicySet([fickle]));
    verdict = 'throw';
    expect(explainRequest(view).composition).toMatchObject({ action: 'admit', rule: 'allow', bindings: ['odd'] });
  });

  test('a request that ended before any policy decided says so', () => {
    const { composition: _none, ...rest } = viewOf({ decisions: [] });
    const view = {
      ...rest,
      request: {} as JoinRequest,
      error: { type: 'WorkflowTERMINATED', message: 'gone' },
    };
    expect(lines(view)).toEqual(expect.arrayContaining(['no policy has decided', '  WorkflowTERMINATED: gone']));
  });
});
