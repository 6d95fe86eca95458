import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test, vi } from 'vitest';
import { createMembershipActivities } from '../../src/activities/membership.ts';
import { createChimeReads } from '../../src/chime/reads.ts';
import type { VerdictInput } from '../../src/schemas/verdict.ts';
import { valueOf } from '../support/admission.ts';
import { policySet } from './support-policies.ts';
import { CREATE, exception, PATIENCE, performed, startScene, UNAVAILABLE } from './support.ts';
import type { Ordered } from './support.ts';

vi.setConfig({ maxConcurrency: 4 });

const approval = { approvers: { roles: ['channel_moderator'] }, approve: 1 };
const ASK: VerdictInput = { verdict: 'requireApproval', requirement: approval };
const DENY: VerdictInput = { verdict: 'deny', code: 'CLOSED', message: 'Closed by now.', visibility: 'full' };
const said = new Map<string, VerdictInput>();
const policies = policySet(['gate', ({ memberArn }) => said.get(memberArn) ?? { verdict: 'allow' }]);

/** What the policies said holds for a second; the next attempt is made after more than that. */
const scene = await startScene(
  { ADMISSION_VALID_FOR: '1s', ADMISSION_RETRY_INITIAL: '1500ms', ADMISSION_RETRY_MAXIMUM: '2s' },
  policies,
);
const { emulator, service } = scene;
const lobby = emulator.channel('lobby');
const LATER = exception('ThrottledClientException', { retryAfter: 2 });
const mona = emulator.user('mona');

/** Asks, lets the policies say something else after the first call, and tells what came of it. */
async function join(
  faults: readonly Ordered[],
  then: VerdictInput | undefined,
  first?: VerdictInput,
  more: object = {},
) {
  const memberArn = await scene.newcomer();
  if (first) said.set(memberArn, first);
  await scene.orderFaults(memberArn, faults);
  const answer = service.join({ channelArn: lobby, memberArn, ...more });
  if (first === ASK)
    valueOf(await service.review(valueOf(await answer).id, { actor: { principal: mona }, decision: 'approve' }));
  await scene.called(CREATE, 1, memberArn);
  if (then) said.set(memberArn, then);
  // On a busy machine the answer may come too late; the request goes on.
  const result = await answer;
  return { id: result.ok ? result.value.id : String(result.error.id), memberArn };
}

async function ended({ id, memberArn }: { id: string; memberArn: string }) {
  const view = valueOf(await service.wait(id));
  const statuses = (await emulator.calls(CREATE, memberArn)).map(({ status }) => status);
  return { view, statuses, activities: performed(await scene.history(id)).map(({ activity }) => activity) };
}

const becomes = async (state: string, id: string, from = service) =>
  vi.waitFor(async () => expect(valueOf(await from.show(id)).state).toBe(state), PATIENCE);

const isMember = async (memberArn: string) =>
  scene.membership(lobby, memberArn).then(
    () => true,
    () => false,
  );

// prettier-ignore
describe('a call that comes too late asks the policies again', () => {
  test.concurrent.each<[string, Ordered[], VerdictInput | undefined, VerdictInput | undefined, string, number[]]>([
    ['which deny it by then', [LATER], undefined, DENY, 'denied', [429]],
    ['which deny it by then, whoever approved', [LATER], ASK, DENY, 'denied', [429]],
    ['which still allow it', [LATER], undefined, undefined, 'joined', [429, 201]],
    ['which still ask for what people gave', [LATER], ASK, undefined, 'joined', [429, 201]],
    ['when no attempt was applied', [UNAVAILABLE], undefined, DENY, 'denied', [503]],
    ['when an attempt was lost on its way', [{ kind: 'dropBefore' }], undefined, DENY, 'denied', [0]],
    ['as often as it takes', [{ ...LATER, times: 2 }], undefined, undefined, 'joined', [429, 429, 201]],
  ])('%s', async (_title, faults, first, then, outcome, expected) => {
    const asked = await join(faults, then, first);
    const { view, statuses } = await ended(asked);
    expect(view.outcome).toBe(outcome);
    expect(statuses).toEqual(expected);
    expect(await isMember(asked.memberArn)).toBe(outcome === 'joined');
    expect(view.reason?.code).toBe(then === DENY ? 'CLOSED' : undefined);
  });
});

test.concurrent(
  'an attempt that was applied while the policies allowed it is ours, whatever they say by now',
  async () => {
    const asked = await join([{ kind: 'dropAfter' }], DENY, undefined, { term: '1h' });
    const { id, memberArn } = asked;
    await becomes('active', id);
    const view = valueOf(await service.show(id));
    expect(view).toMatchObject({ invitedBy: memberArn, term: { endsAt: expect.any(String) } });
    expect((await emulator.calls(CREATE, memberArn)).map(({ status }) => status)).toEqual([0]);
  },
);

test.concurrent('policies that want people by then get them', async () => {
  const asked = await join([LATER], ASK);
  await becomes('pending', asked.id);
  valueOf(await service.review(asked.id, { actor: { principal: mona }, decision: 'approve' }));
  expect(await ended(asked)).toMatchObject({ view: { outcome: 'joined' }, statuses: [429, 201] });
});

test.concurrent('while the policies are asked again, it can be withdrawn', async () => {
  const asked = await join([{ ...LATER, times: 2 }], undefined);
  const { id, memberArn } = asked;
  await scene.called(CREATE, 2, memberArn);
  await emulator.fault('DescribeChannelMembership', UNAVAILABLE, { memberArn, count: 100 });
  await becomes('evaluating', id);
  valueOf(await service.withdraw(id, { actor: { principal: memberArn } }));
  expect(await ended(asked)).toMatchObject({ view: { outcome: 'withdrawn' }, statuses: [429, 429] });
});

test.concurrent('a membership that an attempt before an incident made is ours', async () => {
  const { service: hasty } = await scene.otherSystem({ ADMISSION_VALID_FOR: '1h', ADMISSION_RETRY_FOR: '2s' });
  const memberArn = await scene.newcomer();
  said.set(memberArn, ASK);
  await scene.orderFaults(memberArn, [{ kind: 'dropAfter' }, exception('ForbiddenException')]);
  const { id } = valueOf(await hasty.join({ channelArn: lobby, memberArn, term: '1h' }));
  await emulator.fault('DescribeChannelMembership', exception('ForbiddenException'), { memberArn, count: 1 });
  valueOf(await hasty.review(id, { actor: { principal: mona }, decision: 'approve' }));
  await becomes('incident', id, hasty);
  valueOf(await hasty.give(id, 'retry', { actor: { principal: emulator.user('ada') }, reason: 'mended' }));
  await becomes('active', id, hasty);
  expect(await scene.membership(lobby, memberArn)).toEqual({ type: 'DEFAULT', invitedBy: memberArn });
});

test('the first attempt is none either, where queue or workers took too long', async () => {
  const memberArn = await scene.newcomer();
  const clients = { messaging: scene.chime.messaging, identity: scene.chime.identity };
  const activities = createMembershipActivities({
    reads: createChimeReads(clients),
    messaging: clients.messaging,
    bearers: [emulator.bearer],
  });
  const call = {
    request: { channelArn: lobby, memberArn, type: 'DEFAULT', requestedBy: memberArn },
    bearer: memberArn,
  } as const;
  const attempt = async (validUntil: number) =>
    new MockActivityEnvironment().run(async () => activities.createChannelMembership({ ...call, validUntil }));
  await expect(attempt(Date.now() - 1)).rejects.toMatchObject({
    type: 'AdmissionTooOld',
    nonRetryable: true,
    details: [{ earlierAttempt: false }],
  });
  expect(await emulator.calls(CREATE, memberArn)).toEqual([]);
  expect(await attempt(Date.now() + 60_000)).toMatchObject({ outcome: 'joined' });
});
