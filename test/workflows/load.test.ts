import { expect, test } from 'vitest';
import { z } from 'zod';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { errorOf, valueOf } from '../support/admission.ts';
import { replayFailures } from '../time/replay.ts';
import { CREATE, failedTasks, startScene } from './support.ts';

const TEAM = 500;

function team(arn: string): string[] {
  const home = arn.replace(/\/(channel|user)\/.*/, '');
  return Array.from({ length: TEAM }, (_, n) => `${home}/user/reviewer-${n}`);
}

/** A hundred of a team of five hundred have to approve. */
const manyApprovals = definePolicy({
  id: 'many-approvals',
  version: '1.0.0',
  title: 'many approvals',
  params: z.unknown(),
  facts: [],
  provides: { team: { source: 'a list', ttlMs: 60_000, read: ({ channelArn }) => team(channelArn) } },
  kind: 'pure',
  evaluate: () => ({
    verdict: 'requireApproval',
    requirement: { stages: [{ approvers: { roles: ['team'] }, anyOf: [{ approve: 100, deny: 100 }] }] },
  }),
});

const scene = await startScene({}, createPolicySet([bind(manyApprovals)]));
const { client, emulator, service } = scene;
const board = emulator.channel('board');
const reviewers = team(board);
const review = async (id: string, principal: string, decision: 'approve' | 'abstain') =>
  service.review(id, { actor: { principal }, decision });

async function pending() {
  const memberArn = await scene.newcomer();
  const answer = valueOf(await service.join({ channelArn: board, memberArn }));
  expect(answer.state).toBe('pending');
  return { ...answer, memberArn };
}

test('a hundred reviews in parallel all count', async () => {
  const { id, memberArn } = await pending();
  const given = await Promise.all(reviewers.slice(0, 100).map(async (principal) => review(id, principal, 'approve')));
  expect(given.filter(({ ok }) => !ok)).toEqual([]);
  const { outcome, approvals } = valueOf(await service.wait(id));
  expect([outcome, new Set(approvals.map(({ reviewer }) => reviewer)).size]).toEqual(['joined', 100]);
  expect(await emulator.calls(CREATE, memberArn)).toHaveLength(1);
});

test('five hundred reviews in a row all count, across runs that go on as new ones', async () => {
  const { id, runId, memberArn } = await pending();
  for (const principal of reviewers.slice(0, 400)) valueOf(await review(id, principal, 'abstain'));
  const view = valueOf(await service.show(id));
  expect([view.state, view.approvals.length]).toEqual(['pending', 400]);
  expect(view.runId).not.toBe(runId);
  for (const principal of reviewers.slice(400)) valueOf(await review(id, principal, 'approve'));
  const { outcome, approvals, runId: last } = valueOf(await service.wait(id));
  expect([outcome, new Set(approvals.map(({ reviewer }) => reviewer)).size]).toEqual(['joined', 500]);
  expect(await emulator.calls(CREATE, memberArn)).toHaveLength(1);
  expect(failedTasks(await scene.history(id))).toBe(0);
  expect(
    await replayFailures(
      client,
      [runId, view.runId, last].map((run) => ({ id, runId: run })),
    ),
  ).toEqual({});
});

test('after 2,100 commands that were refused a request answers as before', async () => {
  const { id, memberArn, runId } = await pending();
  const before = valueOf(await service.show(id));
  const refused = await Promise.all(Array.from({ length: 2_100 }, async () => review(id, memberArn, 'approve')));
  expect(new Set(refused.map((result) => errorOf(result).code))).toEqual(new Set(['OwnRequest']));
  expect(valueOf(await service.show(id))).toEqual(before);
  // The service itself gives up after ten seconds.
  valueOf(await review(id, reviewers[0] ?? '', 'abstain'));
  const { approvals, runId: still } = valueOf(await service.show(id));
  expect([approvals.length, still]).toEqual([1, runId]);
});
