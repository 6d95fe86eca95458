import { describe, expect, test } from 'vitest';
import type { Rehearsal } from '../../src/authoring/decide.ts';
import { simulate, formatSimulation } from '../../src/authoring/simulate.ts';
import { bind, type PolicyBinding } from '../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet, type PolicySet } from '../../src/policies/policy-set.ts';
import { factsOf, policyThat, requestOf, RESTRICTED, user } from '../policies/fixtures.ts';
import { rehearsalOn } from './support.ts';

async function simulated(
  set: PolicySet,
  { request = requestOf(), facts = factsOf(), ...rest }: Partial<Parameters<typeof simulation>[1]> = {},
) {
  return simulation(set, { request, facts, ...rest });
}

async function simulation(
  set: PolicySet,
  {
    request,
    facts,
    ...rest
  }: { request: ReturnType<typeof requestOf>; facts: ReturnType<typeof factsOf> } & Partial<Rehearsal>,
) {
  const result = await simulate(set, request, rehearsalOn(facts, rest));
  if (!result.ok) throw new Error(`missing: ${result.missing.join(', ')}`);
  return result.simulation;
}

const yes = bind(policyThat(() => ({ verdict: 'allow' }), 'yes'));

function external(options: Partial<PolicyBinding> = {}): PolicyBinding {
  const policy = policyThat(() => {
    throw new Error('asked');
  }, 'on-call');
  return bind({ ...policy, kind: 'external' }, {}, options);
}

describe('what it would come to', () => {
  test('pending, with requirements and who would make the call', async () => {
    const found = await simulated(embeddedPolicySet());
    expect(found).toMatchObject({
      composition: { action: 'pend', rule: 'requirement', bindings: ['privacy'] },
      requirements: [{ binding: 'privacy', stages: [{ anyOf: [{ approve: 1 }] }] }],
      executor: expect.stringContaining('the approver'),
    });
    expect(found.policies.find(({ binding }) => binding === 'ban')?.read.map(({ name }) => name)).toEqual([
      'member.ban',
      'requester.ban',
    ]);
    expect(formatSimulation(found)[0]).toMatch(/^would wait for people/);
  });

  test('admitted, by the requester where Chime lets them', async () => {
    const facts = factsOf({ channel: { ...RESTRICTED, privacy: 'PUBLIC' } });
    expect(await simulated(embeddedPolicySet(), { facts })).toMatchObject({
      composition: { action: 'admit', rule: 'allow' },
      executor: user('alice'),
    });
  });

  test("the host's own rules: a member already, and nobody who could approve", async () => {
    const member = factsOf({ 'member.membership': { type: 'DEFAULT' } });
    expect((await simulated(embeddedPolicySet(), { facts: member })).composition).toMatchObject({
      rule: 'alreadyMember',
    });
    const nobody = factsOf({ approvers: { channel_moderator: 0, app_instance_admin: 0, total: 0 } });
    expect(await simulated(embeddedPolicySet(), { facts: nobody })).toMatchObject({
      composition: { action: 'deny', rule: 'noApprover', reason: { code: 'NO_ELIGIBLE_APPROVER' } },
      executor: null,
    });
  });

  test('policies see the time that is given', async () => {
    const clock = bind(policyThat((_request, { now }) => ({ verdict: 'notApplicable', because: now.toISOString() })));
    const now = new Date('2027-01-01T00:00:00.000Z');
    expect((await simulated(createPolicySet([clock]), { now })).policies[0]?.message).toBe(now.toISOString());
  });
});

describe('facts', () => {
  test('what is needed and not given is named, and only that', async () => {
    const { channel, 'requester.role': role } = factsOf();
    const facts = { ...(channel ? { channel } : {}), ...(role ? { 'requester.role': role } : {}) };
    const none = await simulate(createPolicySet([yes]), requestOf(), rehearsalOn(facts));
    expect(none).toEqual({ ok: false, missing: ['member.membership'] });
    const all = await simulate(embeddedPolicySet(), requestOf(), rehearsalOn(facts));
    expect(all.ok ? [] : all.missing.toSorted()).toEqual([
      'bearer.role',
      'member.ban',
      'member.membership',
      'member.moderator',
      'requester.ban',
    ]);
  });

  test('who could approve is needed only where somebody has to', async () => {
    const { approvers: _unknown, ...facts } = factsOf();
    const asks = await simulate(embeddedPolicySet(), requestOf(), rehearsalOn(facts));
    expect(asks).toEqual({ ok: false, missing: ['approvers'] });
    expect(await simulate(createPolicySet([yes]), requestOf(), rehearsalOn(facts))).toMatchObject({ ok: true });
  });
});

const notOnCall: Rehearsal['ask'] = async () => ({
  verdict: 'deny',
  code: 'NOT_ON_CALL',
  message: 'no',
  visibility: 'full',
});

describe('external policies', () => {
  test('are not asked; what depends on them is said', async () => {
    const found = await simulated(createPolicySet([yes, external()]));
    expect(found.policies.map(({ binding }) => binding)).toEqual(['yes']);
    expect(found.composition?.action).toBe('admit');
    expect(found.notAsked).toEqual({
      bindings: ['on-call'],
      ifTheySay: { allow: 'admit', deny: 'deny', requireApproval: 'pend', notApplicable: 'admit', error: 'deny' },
    });
    expect(formatSimulation(found)).toContain('not asked: on-call (--ask-external asks). If they say');
  });

  test('that count for nothing change nothing, and an ignored error neither', async () => {
    const audited = await simulated(createPolicySet([yes, external({ enforcement: 'Audit' })]));
    expect(new Set(Object.values(audited.notAsked?.ifTheySay ?? {}))).toEqual(new Set(['admit']));
    const ignoring = await simulated(createPolicySet([yes, external({ failurePolicy: 'Ignore' })]));
    expect(ignoring.notAsked?.ifTheySay).toMatchObject({ deny: 'deny', error: 'admit' });
  });

  test('that are asked decide, and nothing is left open', async () => {
    const found = await simulated(createPolicySet([yes, external()]), { ask: notOnCall });
    expect(found.composition).toMatchObject({ action: 'deny', reason: { code: 'NOT_ON_CALL', binding: 'on-call' } });
    expect(found.notAsked).toBeUndefined();
  });
});
