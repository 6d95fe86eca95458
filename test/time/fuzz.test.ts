import { setTimeout as wait } from 'node:timers/promises';
import { array, constantFrom, integer, record, sample } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bind } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import { definePolicy } from '../../src/policies/policy.ts';
import { startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { replayFailures } from './replay.ts';
import type { Run } from './replay.ts';

const RUNS = 60;
const LASTS_MS = 2_500;

const given = record({
  /** In ms after the request is pending. */
  at: integer({ min: 0, max: LASTS_MS }),
  what: constantFrom(
    'approve',
    'approve',
    'deny',
    'abstain',
    'comment',
    'requestChanges',
    'amend',
    'changed',
    'reassign',
    'override',
    'extend',
    'revoke',
  ),
  by: constantFrom('mona', 'max', 'ada'),
});
const life = array(given, { minLength: 3, maxLength: 12 });
type Life = typeof life extends Arbitrary<infer T> ? T : never;

/** Two stages on timers of their own, so that reviews, timers and restarts meet. */
const staged = definePolicy({
  id: 'staged',
  version: '1.0.0',
  title: 'two stages',
  params: z.unknown(),
  facts: [],
  kind: 'pure',
  evaluate: () => ({
    verdict: 'requireApproval',
    requirement: {
      stages: [
        {
          name: 'first',
          approvers: { roles: ['channel_moderator'] },
          anyOf: [
            { approve: 2, deny: 2 },
            { approve: 1, approvers: { roles: ['app_instance_admin'] } },
          ],
          timedActions: [
            { at: '300ms', do: 'remind' },
            { at: '700ms', do: 'escalate', to: { roles: ['app_instance_admin'] } },
            { at: '1500ms', do: 'approve' },
          ],
        },
        { name: 'second', approvers: { roles: ['channel_moderator'] }, anyOf: [{ approve: 1 }], dueIn: '900ms' },
      ],
    },
  }),
});

async function give(id: string, memberArn: string, { what, by }: Life[number], { service, emulator }: TestAdmission) {
  const actor = { principal: emulator.user(by) };
  const reason = `by ${by}`;
  switch (what) {
    case 'amend':
      return service.give(id, 'amend', { actor: { principal: memberArn }, changes: { reason } });
    case 'changed':
      return service.give(id, 'reevaluate', { changed: ['facts'] });
    case 'reassign':
      return service.give(id, 'reassign', { actor, reason, binding: 'staged', to: { roles: ['channel_moderator'] } });
    case 'override':
      return service.give(id, 'override', { actor, reason, ticket: 'T-1' });
    case 'extend':
      return service.give(id, 'extend', { actor, by: '1s' });
    case 'revoke':
      return service.give(id, 'revoke', { actor, reason });
    case 'comment':
    case 'approve':
    case 'deny':
    case 'abstain':
    case 'requestChanges':
      return service.review(id, { actor, decision: what, comment: reason });
  }
}

async function live(commands: Life, index: number, admission: TestAdmission) {
  const { service, emulator } = admission;
  const memberArn = await emulator.newUser(`fuzz-${index}`);
  const channelArn = emulator.channel(['lobby', 'square', 'board', 'guild'][index % 4] ?? '');
  const term = index % 3 === 0 ? { term: '1s' } : {};
  const { id } = valueOf(await service.join({ channelArn, memberArn, type: 'HIDDEN', ...term }));
  const answers = await Promise.all(
    commands.map(async (command) => {
      await wait(command.at);
      const { at: _, ...named } = command;
      return { ...named, answer: await give(id, memberArn, command, admission) };
    }),
  );
  const view = valueOf(await service.wait(id));
  const writes = (await emulator.calls('CreateChannelMembership', memberArn)).filter(({ status }) => status === 201);
  const removals = (await emulator.calls('DeleteChannelMembership', memberArn)).filter(({ status }) => status < 300);
  return { id, view, writes: writes.length, removals: removals.length, answers };
}

async function allRuns(id: string, { client }: TestAdmission): Promise<Run[]> {
  const runs: Run[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${id}'` })) runs.push({ id, runId });
  return runs;
}

/** Codes of refusals that have a rule behind them. */
const RULES: readonly string[] = [
  'AlreadyResolved',
  'NotAnApprover',
  'NotAnAdmin',
  'NotActive',
  'NothingChanges',
  'NotPending',
  'NotYours',
  'NoWorker',
  'UnknownRequirement',
  'Unavailable',
];

test(`${RUNS} requests under overlapping reviews, timers and restarts end once each, and every history replays`, async () => {
  const seed = Date.now();
  const lives = sample(life, { numRuns: RUNS, seed });
  const settings = { ADMISSION_EXPIRE_AFTER: '4s', ADMISSION_COMMANDS_PER_RUN: '3', ADMISSION_VALID_FOR: '500ms' };
  const admission = await startAdmission(settings, { worker: false });
  const policies = createPolicySet([bind(staged)]);
  let stop = await startTestWorker(admission.env, policies);
  try {
    for (const by of ['mona', 'max']) {
      const options = { count: 60, memberArn: admission.emulator.user(by) };
      await admission.emulator.fault('DescribeChannelModerator', { kind: 'delay', ms: 40 }, options);
    }
    for (let first = 0; first < RUNS; first += 15) {
      const batch = lives.slice(first, first + 15);
      const ends = Promise.all(batch.map(async (commands, n) => live(commands, first + n, admission)));
      await wait(LASTS_MS / 2);
      const next = await startTestWorker(admission.env, policies);
      await stop();
      stop = next;
      for (const { id, view, writes, removals, answers } of await ends) {
        const codes = answers.flatMap(({ answer }) => (answer.ok ? [] : [answer.error.code]));
        expect({ seed, id, unruled: codes.filter((code) => !RULES.includes(code)) }).toEqual({ seed, id, unruled: [] });
        const isIn = ['joined', 'revoked'].includes(view.outcome ?? '');
        expect({ seed, id, writes, removals }).toEqual({
          seed,
          id,
          writes: isIn ? 1 : 0,
          removals: view.outcome === 'revoked' ? 1 : 0,
        });
        expect({ seed, id, failures: await replayFailures(admission.client, await allRuns(id, admission)) }).toEqual({
          seed,
          id,
          failures: {},
        });
      }
    }
  } finally {
    await stop();
    await admission.close();
  }
}, 180_000);
