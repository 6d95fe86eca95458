import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { STATES } from '../../src/domain/outcome.ts';
import { startAdmission } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { inLane } from '../support/lane.ts';
import { endOf, writes } from './end.ts';
import { createLane, inFreeLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { startOnCall } from './on-call.ts';
import type { OnCall } from './on-call.ts';
import type { Crash, Scenario } from './scenario.ts';
import { createStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { whileActive } from './while-active.ts';
import { whileGranting } from './while-granting.ts';
import { whileWaiting } from './while-waiting.ts';

const all = Object.entries({ ...whileWaiting, ...whileGranting, ...whileActive });
const onePerState = all.filter(([, { at }], index) => all.findIndex(([, other]) => other.at === at) === index);
const scenarios = inLane({ short: onePerState, long: all });

let admission: TestAdmission;
let onCall: OnCall;
/** In these workers die. */
let lanes: readonly Lane[];
/** In this one nothing happens to them. */
let calm: Lane;
let inFree: ReturnType<typeof inFreeLane>;
beforeAll(async () => {
  onCall = await startOnCall();
  admission = await startAdmission({ ADMISSION_ATTEMPT_TIMEOUT: '2500ms' }, { worker: false });
  const env = {
    ...admission.env,
    ADMISSION_WORKFLOW_BUNDLE: inject('workflowBundle'),
    ADMISSION_POLICIES: fileURLToPath(new URL('policies/admission.yaml', import.meta.url)),
    ON_CALL_URL: onCall.url,
  };
  const lane = (name: string) => createLane(env, `${admission.taskQueue}-${name}`, admission.client);
  calm = lane('calm');
  lanes = ['a', 'b', 'c'].map(lane);
  inFree = inFreeLane(lanes);
  await Promise.all([calm, ...lanes].map((one) => one.use()));
});
afterAll(async () => {
  await Promise.all([calm, ...(lanes ?? [])].map((one) => one?.stop('SIGKILL')));
  await admission?.close();
  await onCall?.close();
});

type CrashOf = (stage: Stage, lane: Lane) => Crash;

const calmly: CrashOf = () => async (meanwhile) => meanwhile?.();

/** Kills the worker in the state that the scenario names, and starts another. */
const killing =
  ({ at }: Scenario): CrashOf =>
  (stage, lane) =>
  async (meanwhile, when) => {
    await when?.();
    expect(await stage.where()).toBe(at);
    await lane.stop('SIGKILL');
    await meanwhile?.();
    await lane.start();
  };

async function played(scenario: Scenario, lane: Lane, crash: CrashOf) {
  const { emulator, client } = admission;
  const stage = await createStage({ emulator, client, onCall }, lane.service, lane.taskQueue);
  await scenario.play(stage, crash(stage, lane));
  return { end: await endOf(stage), writes: await writes(stage) };
}

describe.concurrent('a worker that is killed changes nothing', () => {
  test.each(scenarios)('%s', async (_, scenario) => {
    const [undisturbed, disturbed] = await Promise.all([
      played(scenario, calm, calmly),
      inFree(async (lane) => {
        await lane.use(scenario.settings);
        return played(scenario, lane, killing(scenario));
      }),
    ]);
    expect(disturbed.end).toMatchObject(scenario.ends);
    expect(disturbed.end).toEqual(undisturbed.end);
    expect(disturbed.writes).toEqual({ creates: scenario.creates, deletes: scenario.deletes ?? [] });
  });
});

test('in every state that a request can be in while it is open, a worker is killed', () => {
  const states = new Set(scenarios.map(([, { at }]) => at.split('/')[0]));
  expect(states).toEqual(new Set(STATES.filter((state) => state !== 'closed')));
});
