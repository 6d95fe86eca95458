import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { consequenceOf } from '../../src/domain/admission.ts';
import { Requirement } from '../../src/schemas/requirement.ts';
import { digestOf } from '../../src/identity/digest.ts';
import { approval } from '../../src/policies/approval.ts';
import { bind } from '../../src/policies/binding.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { screening } from '../../src/policies/screening.ts';
import { allow, requireApproval } from '../../src/policies/verdicts.ts';
import { requestId } from '../../src/workflow-id.ts';
import { activities, admitting, NOW, readsOf, rota, run, scene, useScene } from './scene.ts';

useScene();

const external = definePolicy({
  id: 'external',
  version: '1.0.0',
  title: 'External',
  params: z.strictObject({}),
  facts: [],
  kind: 'external',
  evaluate: () => requireApproval(),
});

const asked = (key?: string) => admitting({ asker: {}, workflowId: requestId(scene.request, key) });

describe('admit', () => {
  test('who is not believed is refused before anything is read', async () => {
    const distrustful = activities({ trustClients: false });
    const reads = await readsOf(async () => {
      for (const asker of [{}, { actor: { principal: scene.request.requestedBy } }]) {
        await expect(run(() => distrustful.admit(admitting({ asker })))).rejects.toMatchObject({
          type: 'Unauthenticated',
          nonRetryable: true,
          details: [{ code: 'Unauthenticated', field: 'actor.assertion' }],
        });
      }
    });
    expect(reads).toEqual([]);
  });

  test('where it is known who asks there is no proof; else it is recorded', async () => {
    const distrustful = activities({ trustClients: false });
    expect(await run(() => distrustful.admit(admitting()))).not.toHaveProperty('proof');
    const admission = await run(() => activities().admit(admitting({ asker: {} })));
    expect(admission).toMatchObject({ proof: { verified: false }, requestDigest: digestOf(scene.request) });
  });

  test('an id that another key made is refused: a second request of the same asker would be open', async () => {
    expect(await run(() => activities().admit(asked()))).toMatchObject({ proof: { verified: false } });
    const refusal = { type: 'InvalidRequest', nonRetryable: true, details: [{ field: 'id' }] };
    await expect(run(() => activities().admit(asked('k'.repeat(32))))).rejects.toMatchObject(refusal);
  });

  test('who could review is recorded by name, with what makes them one', async () => {
    const binding = bind(approval, { approvers: { roles: ['oncall.people'], expression: "reviewer.id != 'max'" } });
    const { conclusion } = await run(() => activities({ bindings: [bind(rota), binding] }).admit(admitting()));
    expect(conclusion?.facts.approvers?.value).toMatchObject({
      channel_moderator: 2,
      app_instance_admin: 1,
      total: 4,
      people: expect.arrayContaining([
        { arn: scene.emulator.user('erin'), roles: ['oncall.people'], matched: ["reviewer.id != 'max'"] },
        { arn: scene.emulator.user('max'), roles: ['channel_moderator', 'oncall.people'], matched: [] },
      ]),
    });
  });

  test('reads rosters only where somebody has to approve, each once', async () => {
    const allowing = activities();
    const asking = activities({ bindings: [bind(approval)] });
    expect(await readsOf(async () => run(() => allowing.admit(admitting())))).not.toContain('ListChannelModerators');
    expect(await readsOf(async () => run(() => asking.admit(admitting())))).toEqual([
      'DescribeChannel',
      'DescribeChannelModerator',
      'ListAppInstanceAdmins',
      'ListChannelModerators',
    ]);
  });

  test('something that changed is read again; what is remembered serves the rest', async () => {
    const same = activities();
    await run(() => same.admit(admitting()));
    expect(await readsOf(async () => run(() => same.admit(admitting())))).not.toContain('DescribeChannel');
    expect(await readsOf(async () => run(() => same.admit(admitting({ fresh: true }))))).toContain('DescribeChannel');
  });

  test('answers reach the policy that asked', async () => {
    const set = activities({ bindings: [bind(rota), bind(screening, { rules: ['Be kind.'] })] });
    const answer = {
      binding: 'screening',
      answers: { rules: true },
      by: scene.request.requestedBy,
      at: NOW,
      verified: true,
    };
    expect((await run(() => set.admit(admitting()))).conclusion?.composition).toMatchObject({ action: 'ask' });
    const admission = await run(() => set.admit(admitting({ answers: [answer] })));
    expect(admission.conclusion?.composition).toEqual({ action: 'admit' });
  });

  test('policies see no earlier time than the workflow, and a member may ask to stay', async () => {
    const seen: string[] = [];
    const clock = definePolicy({
      ...rota,
      id: 'clock',
      provides: {},
      evaluate: (_request, context) => {
        seen.push(`${context.purpose} ${context.now.toISOString().slice(0, 4)}`);
        return allow();
      },
    });
    const member = { ...scene.request, memberArn: scene.emulator.user('bob'), requestedBy: scene.emulator.user('bob') };
    const set = activities({ bindings: [bind(clock)] });
    const later = { request: member, now: '2999-01-01T00:00:00.000Z' };
    const joined = await run(() => set.admit(admitting(later)));
    const extended = await run(() => set.admit(admitting({ ...later, purpose: 'extend' })));
    expect([joined, extended].map(({ conclusion }) => conclusion?.composition.action)).toEqual([
      'alreadyMember',
      'admit',
    ]);
    await run(() => set.admit(admitting({ request: member, now: '2001-01-01T00:00:00.000Z' })));
    expect(seen).toEqual(['join 2999', 'extend 2999', `join ${new Date().getUTCFullYear()}`]);
  });
});

test('concludeAdmission counts who could review for the external policies too', async () => {
  const set = activities({ bindings: [bind(external)] });
  const admission = await run(() => set.admit(admitting()));
  expect(admission.external).toHaveLength(1);
  const requirement = Requirement.parse({ approvers: { users: [scene.emulator.user('erin')] }, approve: 1 });
  const verdict = { verdict: 'requireApproval', requirement } as const;
  const decisions = admission.external.map(({ origin, failurePolicy }) => {
    return { ...origin, ...consequenceOf(verdict, origin.enforcement, failurePolicy), elapsedMs: 1 };
  });
  const { facts, defaultVerdict } = admission;
  const answered = {
    request: scene.request,
    requestedAt: NOW,
    purpose: 'join',
    decisions,
    facts,
    defaultVerdict,
  } as const;
  const conclusion = await run(() => set.concludeAdmission(answered));
  expect(conclusion.composition).toMatchObject({ action: 'pend' });
  expect(conclusion.facts.approvers?.value.people?.[0]).toEqual({
    arn: scene.emulator.user('erin'),
    roles: [],
    matched: [],
  });
});
