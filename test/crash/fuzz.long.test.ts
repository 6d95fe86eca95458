import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { temporal } from '@temporalio/proto';
import { array, constant, constantFrom, integer, oneof, record, sample } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { installTestRuntime, startAdmission } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { inLane } from '../support/lane.ts';
import { replayFailures } from '../time/replay.ts';
import type { Run } from '../time/replay.ts';
import { membershipOf } from './end.ts';
import { createLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { startOnCall } from './on-call.ts';
import type { OnCall } from './on-call.ts';
import { CREATE, FORBIDDEN } from './scenario.ts';
import { createStage, until } from './stage.ts';
import type { Stage } from './stage.ts';

const RUNS = inLane({ short: 12, long: 60 });
const LASTS_MS = 5_000;

const review = record({
  name: constant('review'),
  by: constantFrom('mona', 'max', 'ada'),
  command: record({
    decision: constantFrom('approve', 'approve', 'approve', 'deny', 'abstain', 'comment', 'requestChanges'),
    comment: constant('as it is'),
    reviewId: constantFrom('one', 'two', 'three'),
  }),
});
const others = constantFrom(
  { name: 'amend', by: 'member', command: { changes: { reason: 'asks, ladder' } } },
  { name: 'amend', by: 'member', command: { changes: { term: '1s' } } },
  { name: 'submitInput', by: 'member', command: { binding: 'asked', answers: { rules: true, team: 'red' } } },
  { name: 'override', by: 'ada', command: { reason: 'fuzz', ticket: 'F-1' } },
  { name: 'reassign', by: 'ada', command: { binding: 'asked', to: { roles: ['app_instance_admin'] }, reason: 'fuzz' } },
  { name: 'reevaluate', by: null, command: { changed: ['roster'] } },
  { name: 'extend', by: 'member', command: { by: '1s' } },
  { name: 'revoke', by: 'mona', command: { reason: 'fuzz' } },
  { name: 'retry', by: 'ada', command: { reason: 'fuzz' } },
  { name: 'withdraw', by: 'member', command: {} },
);
const given = record({ at: integer({ min: 0, max: LASTS_MS }), what: oneof({ weight: 3, arbitrary: review }, others) });
const life = record({
  reason: constantFrom(
    'stages',
    'ladder',
    'ladder',
    'asks, stages',
    'soon, review',
    'generous',
    'impatient',
    'overdue',
  ),
  term: constantFrom(undefined, '1s', '3s'),
  refused: constantFrom(false, false, true),
  commands: array(given, { minLength: 2, maxLength: 10 }),
});
type Life = typeof life extends Arbitrary<infer T> ? T : never;

let admission: TestAdmission;
let onCall: OnCall;
let lanes: readonly Lane[];
beforeAll(async () => {
  onCall = await startOnCall();
  admission = await startAdmission({}, { worker: false });
  const env = {
    ...admission.env,
    ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle'),
    ADMISSION_POLICIES: fileURLToPath(new URL('policies/admission.yaml', import.meta.url)),
    ADMISSION_ATTEMPT_TIMEOUT: '2500ms',
    ADMISSION_EXPIRE_AFTER: '10s',
    ADMISSION_VALID_FOR: '500ms',
    ADMISSION_COMMANDS_PER_RUN: '3',
  };
  installTestRuntime();
  lanes = ['a', 'b', 'c'].map((name) => createLane(env, `${admission.taskQueue}-${name}`, admission.client));
  await Promise.all(lanes.map((lane) => lane.use()));
});
afterAll(async () => {
  await Promise.all((lanes ?? []).map((lane) => lane.stop('SIGKILL')));
  await admission?.close();
  await onCall?.close();
});

/** Lives a random life to its end; the codes with which its commands were refused. */
async function lived({ reason, term, refused, commands }: Life, stage: Stage): Promise<string[]> {
  if (refused) await stage.fault(CREATE, FORBIDDEN);
  stage.ask({ channel: 'board', reason, ...(term === undefined ? {} : { term }) });
  await until('it waits', async () => (await stage.where()) !== 'evaluating');
  const answers = commands.map(async ({ at, what: { name, by, command } }) => {
    await wait(at);
    const actor = by === null ? {} : { actor: { principal: by === 'member' ? stage.member : stage.emulator.user(by) } };
    return stage.service.give(stage.id, name as 'review', { ...actor, ...command } as never);
  });
  const codes = (await Promise.all(answers)).map((answer) => (answer.ok ? 'taken' : answer.error.code));
  await until('its end', async () => (await stage.described())?.status.name !== 'RUNNING');
  return codes;
}

/** A task whose end came together with something new is done again, which is no mistake; any other failure is. */
function failedTasks(events: readonly temporal.api.history.v1.IHistoryEvent[]): unknown[] {
  const failures = events.flatMap(({ workflowTaskFailedEventAttributes: failed }) => (failed ? [failed.failure] : []));
  return failures.filter((failure) => failure?.message !== 'UnhandledCommand');
}

/** Every run of a request, in order. */
async function runsOf(stage: Stage): Promise<Run[]> {
  const { client, id } = stage;
  const { firstRunId } = (await stage.described())?.raw.workflowExecutionInfo ?? {};
  const runs: Run[] = [];
  for (let runId = firstRunId ?? ''; runId !== '';) {
    runs.push({ id, runId });
    const { events } = await client.workflow.getHandle(id, runId).fetchHistory();
    expect(failedTasks(events ?? [])).toEqual([]);
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? '';
  }
  return runs;
}

test(`${RUNS} requests with commands and timers at random, while workers die: each ends once, and every run of it replays`, async () => {
  const seed = Date.now();
  const { emulator, client } = admission;
  const lives = sample(life, { numRuns: RUNS, seed });
  const stages = await Promise.all(
    lives.map((_, index) => {
      const { service, taskQueue } = lanes[index % lanes.length] as Lane;
      return createStage({ emulator, client, onCall }, service, taskQueue);
    }),
  );
  const all = Promise.all(
    lives.map(async (one, index) =>
      lived(one, stages[index] as Stage).catch((error: unknown) => {
        throw new Error(`seed ${seed}, request ${index}, ${JSON.stringify(one)}`, { cause: error });
      }),
    ),
  );
  // Whoever is killed in the middle of a task is missed by Temporal for ten seconds.
  for (const [index, lane] of lanes.entries()) {
    await wait(LASTS_MS / 4);
    await lane.stop(index === 0 ? 'SIGTERM' : 'SIGKILL');
    await lane.start();
  }
  const codes = (await all).flat();
  const runs = (await Promise.all(stages.map(runsOf))).flat();
  expect({ seed, failures: await replayFailures(client, runs) }).toEqual({ seed, failures: {} });
  expect(codes).not.toContain('InternalError');
  // Something did happen: commands counted, requests went on as other runs, and came to all kinds of ends.
  expect(codes.filter((code) => code === 'taken').length).toBeGreaterThan(RUNS / 2);
  expect(runs.length).toBeGreaterThan(RUNS);
  const outcomes = new Set(await Promise.all(stages.map(async (stage) => (await stage.view()).outcome)));
  expect(outcomes.size).toBeGreaterThan(inLane({ short: 1, long: 3 }));
  for (const [index, stage] of stages.entries()) {
    const { state, outcome } = await stage.view();
    const which = { seed, index, life: lives[index], state };
    const there = (await membershipOf(stage)) !== undefined;
    // A revocation that came after the end has ended the membership by a workflow of its own.
    const mayBeRevoked = lives[index]?.commands.some(({ what }) => what.name === 'revoke') === true;
    expect({ ...which, state, there, outcome }).toEqual({
      ...which,
      state: 'closed',
      there: outcome === 'joined' && (there || !mayBeRevoked),
      outcome,
    });
    const applied = (await emulator.calls(CREATE, stage.member)).filter(({ status }) => status === 201);
    expect({ ...which, applied: applied.length <= 1 }).toEqual({ ...which, applied: true });
  }
});
