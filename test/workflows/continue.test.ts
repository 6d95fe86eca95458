import { describe, expect, test } from 'vitest';
import { errorOf, valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { policySet } from './support-policies.ts';
import { CREATE, failedTasks, failureOf, PATIENCE, startScene } from './support.ts';

const policies = policySet([
  'people',
  () => ({
    verdict: 'requireApproval',
    requirement: { stages: [{ name: 'two', approvers: { roles: ['channel_moderator'] }, anyOf: [{ approve: 2 }] }] },
  }),
]);
const scene = await startScene({ ADMISSION_COMMANDS_PER_RUN: '4' }, policies);
const { client, emulator, service } = scene;
const board = emulator.channel('board');
const user = (name: string) => emulator.user(name);
const by = (name: string) => ({ actor: { principal: name.startsWith('arn:') ? name : user(name) } });

async function pending(more: object = {}) {
  const memberArn = await scene.newcomer();
  const answer = valueOf(await service.join({ channelArn: board, memberArn, ...more }));
  return { ...answer, memberArn, view: async () => valueOf(await service.show(answer.id)) };
}

const remark = (text: string) => ({ ...by('mona'), decision: 'comment' as const, comment: text });

/** Cancels a request in Temporal while it goes on as a new run; how it ends. */
async function cancelledOnTheWay(): Promise<string | null> {
  const { id } = await pending();
  for (const text of ['one', 'two', 'three']) valueOf(await service.review(id, remark(text)));
  await client.workflow.getHandle(id).cancel();
  return valueOf(await service.wait(id)).outcome;
}

test('a request that is cancelled in Temporal just when it goes on as a new run is withdrawn', async () => {
  const ends = await Promise.all(Array.from({ length: 10 }, cancelledOnTheWay));
  expect(new Set(ends)).toEqual(new Set(['withdrawn']));
});

describe('a request with many commands', () => {
  test('goes on as a new run, and loses nothing that counts', async () => {
    const { id, runId, memberArn, view, expiresAt } = await pending({ reason: 'first' });
    const first = { ...by('mona'), decision: 'approve' as const, reviewId: 'first' };
    valueOf(await service.review(id, first));
    valueOf(await service.give(id, 'amend', { ...by(memberArn), changes: { reason: 'second' } }));
    valueOf(await service.review(id, { ...by('mona'), decision: 'approve', reviewId: 'again' }));
    await expect.poll(async () => (await view()).runId, PATIENCE).not.toBe(runId);
    const second = await view();
    expect(second).toMatchObject({
      state: 'pending',
      expiresAt,
      request: { reason: 'second' },
      notes: [{ by: memberArn }],
    });
    expect(second.approvals.map(({ reviewId }) => reviewId)).toEqual(['first', 'again']);
    const { memo, typedSearchAttributes } = await client.workflow.getHandle(id).describe();
    // The start of this run does not tell when it was asked for.
    expect(memo).toEqual({ admission: { requestedAt: second.requestedAt } });
    const shown = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(Object.fromEntries(shown)).toMatchObject({
      AdmissionState: 'pending',
      AdmissionWaitsOn: 'people',
      AdmissionDueAt: new Date(expiresAt ?? ''),
      AdmissionMember: memberArn,
    });
    // A review that was counted in another run does not count again.
    expect(valueOf(await service.review(id, { ...by('mona'), decision: 'approve', reviewId: 'again' })).state).toBe(
      'pending',
    );
    expect((await view()).approvals).toHaveLength(2);
    valueOf(await service.review(id, { ...by('max'), decision: 'approve' }));
    expect(valueOf(await service.wait(id))).toMatchObject({ outcome: 'joined', requestedAt: second.requestedAt });
    expect(await emulator.calls(CREATE, memberArn)).toHaveLength(1);
    const runs = [runId, second.runId].map((run) => ({ id, runId: run }));
    expect(await replayFailures(client, runs)).toEqual({});
  });

  test('goes on while commands come in from everywhere at once', async () => {
    const { id, runId, view } = await pending();
    const given = await Promise.all(Array.from({ length: 40 }, (_, n) => service.review(id, remark(`remark ${n}`))));
    expect(given.filter(({ ok }) => !ok)).toEqual([]);
    const { approvals, runId: last } = await view();
    expect(new Set(approvals.map(({ comment }) => comment)).size).toBe(40);
    expect(last).not.toBe(runId);
    expect(failedTasks(await scene.history(id))).toBe(0);
  });
});

test('a state that somebody brings along at a plain start is refused, and nothing is written', async () => {
  const { memberArn, view } = await pending();
  const stolen = {
    phase: 'waiting',
    view: { ...(await view()), override: { by: user('ada') } },
    kept: {},
    usedAssertions: [],
    reviewIds: [],
    told: 0,
  };
  const forged = await client.workflow.start('joinChannel', {
    workflowId: `forged-${memberArn.split('/').at(-1)}`,
    taskQueue: scene.taskQueue,
    args: [{ channelArn: board, memberArn }, stolen],
  });
  const failure = await failureOf(forged.result());
  expect([failure.type, failure.nonRetryable, failure.message]).toEqual([
    'ForgedState',
    true,
    expect.stringContaining('the input alone'),
  ]);
  expect(errorOf(await service.review(forged.workflowId, { ...by('mona'), decision: 'approve' })).code).toBe(
    'AlreadyResolved',
  );
  expect(await emulator.calls(CREATE, memberArn)).toEqual([]);
});
