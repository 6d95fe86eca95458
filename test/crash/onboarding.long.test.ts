import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startAdmission } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { inLane } from '../support/lane.ts';
import { writes } from './end.ts';
import { createLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { startOnCall } from './on-call.ts';
import type { OnCall } from './on-call.ts';
import { endOfOnboarding, membershipsOf, messagesAbout } from './onboarding-end.ts';
import { onboardingScenarios } from './onboarding-scenarios.ts';
import type { OnboardingScenario } from './onboarding-scenarios.ts';
import { createStage } from './stage.ts';

const all = Object.entries(onboardingScenarios);

let admission: TestAdmission;
let onCall: OnCall;
/** In this one workers die. */
let deadly: Lane;
/** In this one nothing happens to them. */
let calm: Lane;
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
  [deadly, calm] = [lane('deadly'), lane('calm')];
  await Promise.all([deadly.use(), calm.use()]);
});
afterAll(async () => {
  await Promise.all([deadly?.stop('SIGKILL'), calm?.stop('SIGKILL')]);
  await admission?.close();
  await onCall?.close();
});

async function played(scenario: OnboardingScenario, lane: Lane, crash: () => Promise<void>) {
  const { emulator, client } = admission;
  const stage = await createStage({ emulator, client, onCall }, lane.service, lane.taskQueue);
  await scenario.play(stage, crash);
  const [end, memberOf, sent] = await Promise.all([endOfOnboarding(stage), membershipsOf(stage), messagesAbout(stage)]);
  return { end, memberOf, sent, writes: await writes(stage) };
}

describe('a worker that is killed changes nothing of an onboarding', () => {
  test.each(inLane({ short: all.slice(0, 1), long: all }))('%s', async (_, scenario) => {
    const killing = async () => {
      await deadly.stop('SIGKILL');
      await deadly.start();
    };
    const [undisturbed, disturbed] = await Promise.all([
      played(scenario, calm, async () => undefined),
      played(scenario, deadly, killing),
    ]);
    const { ends, memberOf, creates, deletes, sent } = scenario;
    expect(disturbed.end).toMatchObject(ends);
    expect(disturbed.end).toEqual(undisturbed.end);
    // Who was there before still is, by whom they were added then, and nobody was added or removed twice.
    expect(disturbed).toMatchObject({ memberOf, sent, writes: { creates, deletes } });
    expect(disturbed.memberOf).toEqual(undisturbed.memberOf);
  });
});
