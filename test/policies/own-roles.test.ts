import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MissingFactError } from '../../src/domain/conclusion.ts';
import type { Facts } from '../../src/domain/facts.ts';
import type { RequirementInput } from '../../src/schemas/requirement.ts';
import { approval } from '../../src/policies/approval.ts';
import { askedNow } from '../../src/policies/run-policy.ts';
import { bind } from '../../src/policies/binding.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { conclude } from '../../src/policies/conclude.ts';
import { evaluate } from '../../src/policies/evaluate.ts';
import { createOwnFacts } from '../../src/policies/own-facts.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import type { Policy } from '../../src/policies/policy.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { allow, requireApproval } from '../../src/policies/verdicts.ts';
import { bot, factsOf, requestOf, user } from './fixtures.ts';

/** Knows who is on call; `roster` may be anything at all. */
function onCall(roster: unknown): Policy {
  const read = () => {
    if (roster instanceof Error) throw roster;
    return roster;
  };
  return definePolicy({
    id: 'on-call',
    version: '1.0.0',
    title: 'On call',
    params: z.strictObject({}),
    facts: [],
    provides: { 'oncall.people': { source: 'the rota', ttlMs: 0, read } },
    kind: 'pure',
    evaluate: () => allow(),
  });
}

/** Asks for what it is told to ask for; `facts` as it names them. */
function asking(requirement: RequirementInput, facts: readonly string[]): Policy {
  return definePolicy({
    id: 'asking',
    version: '1.0.0',
    title: 'Asking',
    params: z.unknown(),
    facts: () => facts,
    kind: 'pure',
    evaluate: () => requireApproval(requirement),
  });
}

async function concludedBy(bindings: readonly PolicyBinding[], facts: Facts = factsOf()) {
  const set = createPolicySet(bindings);
  const request = requestOf();
  const own = createOwnFacts(set);
  const known = async (names: readonly string[]): Promise<Facts> => {
    const read = names.map(async (name) => [
      name,
      facts[name] ?? (await own.read(name, request, new AbortController().signal)),
    ]);
    return Object.fromEntries(await Promise.all(read)) as Facts;
  };
  const options = { readFacts: known, always: ['channel', 'requester.role', 'member.membership'] };
  const evaluation = await evaluate(set, request, { ...options, log: () => undefined, ...askedNow(new Date()) });
  const answered = { request, purpose: 'join' as const, defaultVerdict: set.defaultVerdict, ...evaluation };
  return { ...evaluation, conclusion: await conclude(answered, () => known(['approvers'])) };
}

const BY_ON_CALL = { approvers: { roles: ['oncall.people'] }, approve: 1 };

describe('a role of our own', () => {
  test('is a fact that another policy provides: it is read, recorded, and its holders could review', async () => {
    const { facts, conclusion } = await concludedBy([
      bind(onCall([user('olga'), user('otto')])),
      bind(approval, BY_ON_CALL),
    ]);
    expect(facts['oncall.people']).toMatchObject({ value: [user('olga'), user('otto')], source: 'the rota' });
    expect(conclusion.composition).toMatchObject({ action: 'pend', requirements: [{ binding: 'approval' }] });
    const eligible = conclusion.facts.approvers?.value;
    expect(eligible).toMatchObject({ channel_moderator: 2, app_instance_admin: 1, total: 5 });
    expect(eligible?.people?.slice(0, 2)).toEqual([
      { arn: user('olga'), roles: ['oncall.people'], matched: [] },
      { arn: user('otto'), roles: ['oncall.people'], matched: [] },
    ]);
  });

  test.each([
    ['nobody holds it', []],
    ['only parties of the request hold it', [user('alice')]],
  ])('%s: a dead end is found at once', async (_title, roster) => {
    const { conclusion } = await concludedBy([bind(onCall(roster)), bind(approval, BY_ON_CALL)]);
    expect(conclusion.composition).toMatchObject({ action: 'deny', reason: { code: 'NO_ELIGIBLE_APPROVER' } });
  });

  test.each<[string, unknown, RegExp]>([
    ['cannot be read', new Error('the rota is down'), /oncall.people could not be read: the rota is down/],
    ['is no list', 'olga', /oncall.people is no list of ARNs of users/],
    ['names no ARNs', ['olga'], /oncall.people is no list of ARNs of users/],
    ['names a bot', [bot('helper')], /oncall.people is no list of ARNs of users/],
    ['is nothing', null, /oncall.people is no list of ARNs of users/],
  ])('that %s is an error of the policy that asks for it', async (_title, roster, message) => {
    for (const [failurePolicy, action] of [
      ['Fail', 'deny'],
      ['Ignore', 'none'],
      ['Escalate', 'pend'],
    ] as const) {
      const set = [bind(onCall(roster)), bind(approval, BY_ON_CALL, { failurePolicy })];
      const { decisions } = await concludedBy(set);
      const decision = decisions.find(({ binding }) => binding === 'approval');
      expect(decision).toMatchObject({ evaluation: 'error', action, code: 'POLICY_ERROR' });
      expect(decision?.message).toMatch(message);
    }
  });
});

describe('a policy in code', () => {
  test('names its roles among its facts', async () => {
    const { decisions } = await concludedBy([
      bind(onCall([user('olga')])),
      bind(asking(BY_ON_CALL, ['oncall.people'])),
    ]);
    expect(decisions[1]).toMatchObject({ evaluation: 'requireApproval', action: 'pend' });
  });

  test.each<[string, RequirementInput, RegExp]>([
    ['a role that it does not name', BY_ON_CALL, /the role oncall.people is unknown/],
    ['a role of the host', { approvers: { roles: ['moderators'] }, approve: 1 }, /the role moderators is unknown/],
    [
      'a role of every object',
      { approvers: { roles: ['constructor'] }, approve: 1 },
      /the role constructor is unknown/,
    ],
    ['a broken expression', { approvers: { expression: 'reviewer.name ==' }, approve: 1 }, /syntax error/],
    [
      'an expression over what is not there',
      { approvers: { expression: 'now > now' }, approve: 1 },
      /unknown name now/,
    ],
    [
      'a broken expression of those who come later',
      {
        stages: [
          {
            approvers: { roles: ['channel_moderator'] },
            anyOf: [{ approve: 1 }],
            timedActions: [{ at: '1d', do: 'escalate', to: { expression: 'reviewer.nam == 1' } }],
          },
        ],
      },
      /unknown field reviewer.nam/,
    ],
  ])('that asks for %s is in error, never waiting for nobody', async (_title, requirement, message) => {
    const { decisions, conclusion } = await concludedBy([
      bind(onCall([user('olga')])),
      bind(asking(requirement, ['moderators'])),
    ]);
    expect(decisions[1]).toMatchObject({ evaluation: 'error', action: 'deny', code: 'POLICY_ERROR' });
    expect(decisions[1]?.message).toMatch(message);
    expect(conclusion.composition).toMatchObject({ action: 'deny', reason: { code: 'POLICY_ERROR' } });
  });
});

test('who holds a role that was never read cannot be concluded', async () => {
  const { decisions, facts } = await concludedBy([bind(onCall([user('olga')])), bind(approval, BY_ON_CALL)]);
  const { 'oncall.people': _gone, ...rest } = { ...factsOf(), ...facts };
  const answered = {
    request: requestOf(),
    purpose: 'join' as const,
    defaultVerdict: 'deny' as const,
    decisions,
    facts: rest,
  };
  await expect(conclude(answered, async () => ({}))).rejects.toThrow(MissingFactError);
});
