import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { requestId } from '../../src/workflow-id.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { approvalBy, saying } from './support-policies.ts';
import { CREATE, exception, PATIENCE, startScene, UNAVAILABLE } from './support.ts';

const user = (name: string) => (channelArn: string) => channelArn.replace(/channel.*/, `user/${name}`);
const [mona, max, ada] = [user('mona'), user('max'), user('ada')];
const slow = new Set<string>();
const lastAnswer = definePolicy({
  id: 'slow',
  version: '1.0.0',
  title: 'takes long about an extension',
  params: z.unknown(),
  facts: [],
  kind: 'external',
  async evaluate({ memberArn }, { purpose, signal }) {
    if (purpose === 'extend' && slow.has(memberArn)) await setTimeout(60_000, undefined, { signal });
    return { verdict: 'notApplicable', because: 'nothing is wrong' };
  },
});
/** On the board mona and an admin have to agree; elsewhere nobody, but mona and then max, or his silence, to a longer term. */
const policies = createPolicySet([
  saying('people', ({ channelArn }, { purpose }) => {
    if (channelArn.endsWith('board')) return approvalBy(mona(channelArn));
    if (purpose === 'join') return { verdict: 'allow' };
    const first = { name: 'first', approvers: { users: [mona(channelArn)] }, anyOf: [{ approve: 1 }] };
    const silence = [{ at: '1s', do: 'approve' as const }];
    const then = {
      name: 'then',
      approvers: { users: [max(channelArn)] },
      anyOf: [{ approve: 1 }],
      timedActions: silence,
    };
    return { verdict: 'requireApproval', requirement: { stages: [first, then] } };
  }),
  saying('admins', ({ channelArn }) => {
    if (channelArn.endsWith('board')) return approvalBy(ada(channelArn));
    return { verdict: 'notApplicable', because: 'it is open' };
  }),
]);
const withSlow = createPolicySet([
  saying('all', () => ({ verdict: 'allow' })),
  bind(lastAnswer, {}, { name: 'slow', timeoutMs: 50_000 }),
]);
const scene = await startScene({}, policies);
const { emulator, service } = scene;
const channelArn = emulator.channel('board');
const lobby = emulator.channel('lobby');
const by = (name: string) => ({ actor: { principal: emulator.user(name) } });
const approve = (name: string) => ({ ...by(name), decision: 'approve' as const });
const FORBIDDEN = exception('ForbiddenException');
const writes = async (memberArn: string) => (await emulator.calls(CREATE, memberArn)).map(({ status }) => status);

test('a reassignment that would resolve the request changes nothing where earlier reviewers cannot be checked', async () => {
  const memberArn = await scene.newcomer();
  const id = await scene.pending({ channelArn, memberArn });
  valueOf(await service.review(id, approve('mona')));
  const to = { users: [emulator.user('mona')] };
  const reassign = async () =>
    service.give(id, 'reassign', { ...by('ada'), binding: 'admins', to, reason: 'I am away' });
  // Who could review is read once more before who did is checked.
  await emulator.fault('ListChannelModerators', { kind: 'delay', ms: 0 });
  await emulator.fault('ListChannelModerators', FORBIDDEN);
  expect(errorOf(await reassign()).code).toBe('Unavailable');
  expect(valueOf(await service.show(id))).toMatchObject({ state: 'pending', notes: [] });
  valueOf(await reassign());
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: emulator.user('mona') });
  expect(await writes(memberArn)).toEqual([201]);
});

test('what cannot be read before the call, after people approved, is an incident and no lost request', async () => {
  const { service: hasty } = await scene.otherSystem({ ADMISSION_VALID_FOR: '1ms' });
  const memberArn = await scene.newcomer();
  const { id } = valueOf(await hasty.join({ channelArn, memberArn }));
  valueOf(await hasty.review(id, approve('mona')));
  await emulator.fault('DescribeChannelMembership', FORBIDDEN);
  valueOf(await hasty.review(id, approve('ada')));
  await expect
    .poll(async () => valueOf(await hasty.show(id)), PATIENCE)
    .toMatchObject({
      state: 'incident',
      incident: { during: 'grant', error: { type: 'ForbiddenException' } },
    });
  valueOf(await hasty.give(id, 'retry', { ...by('ada'), reason: 'the right is back' }));
  expect(valueOf(await hasty.wait(id))).toMatchObject({ outcome: 'joined', invitedBy: emulator.user('ada') });
  expect(await writes(memberArn)).toEqual([201]);
});

test('a request that is withdrawn before any worker has looked at it is not granted', async () => {
  const { start, taskQueue } = await scene.otherSystem({}, { worker: false });
  const memberArn = await scene.newcomer();
  const request = { channelArn: lobby, memberArn, type: 'DEFAULT' as const, requestedBy: memberArn };
  const workflowId = requestId(request);
  const started = await scene.client.workflow.start('joinChannel', { workflowId, taskQueue, args: [request] });
  const withdrawn = started.executeUpdate('withdraw', { args: [{ actor: { principal: memberArn } }] });
  await Promise.all([start(), expect(withdrawn).resolves.toMatchObject({ outcome: 'withdrawn' })]);
  expect(await started.result()).toMatchObject({ outcome: 'withdrawn' });
  expect(await writes(memberArn)).toEqual([]);
});

async function member(term: string, own = service) {
  const memberArn = await scene.newcomer();
  const { id } = valueOf(await own.join({ channelArn: lobby, memberArn, term }));
  const view = async () => valueOf(await own.show(id));
  await expect.poll(async () => (await view()).state, PATIENCE).toBe('active');
  return { id, memberArn, view, self: { actor: { principal: memberArn } } };
}

test('while a membership is removed, who wants it longer or shorter is told so at once', async () => {
  const { id, memberArn, self, view } = await member('1s');
  await emulator.fault('DeleteChannelMembership', UNAVAILABLE, { count: 1_000, memberArn });
  await scene.called('DeleteChannelMembership', 1, memberArn);
  expect((await view()).state).toBe('active');
  for (const given of [
    await service.give(id, 'extend', { ...self, by: '1h' }),
    await service.give(id, 'revoke', { ...self, reason: 'now' }),
  ]) {
    expect(errorOf(given)).toMatchObject({ code: 'NotActive', message: 'The membership is being removed already.' });
  }
  await scene.clearFaults();
  expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'revoked' });
});

test.each([
  ['is revoked', '1h', 'REVOKED'],
  ['ends with its term', '4s', 'TERM_ENDED'],
])('a membership %s, however long the policies need to say whether it may last longer', async (_, term, code) => {
  const { service: own } = await scene.otherSystem({}, { policies: withSlow });
  const { id, memberArn, self, view } = await member(term, own);
  slow.add(memberArn);
  const extended = own.give(id, 'extend', { ...self, by: '1h' });
  const asked = async () =>
    JSON.stringify(
      await scene.client.workflow
        .getHandle(id)
        .describe()
        .then(({ raw }) => raw.pendingActivities),
    );
  await expect.poll(asked, PATIENCE).toContain('policy:slow');
  if (code === 'REVOKED') valueOf(await own.give(id, 'revoke', { ...self, reason: 'enough' }));
  await expect.poll(async () => (await view()).state, PATIENCE).toBe('closed');
  expect(await view()).toMatchObject({ outcome: 'revoked', reason: { code } });
  expect(errorOf(await extended)).toMatchObject({ message: expect.stringContaining('ask again, if it stays') });
});
