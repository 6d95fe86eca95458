import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { StageProgress } from '../../src/domain/approval/panel.ts';
import { startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import { historyOf } from '../time/replay.ts';
import { onboardingsOf, PATIENCE } from './scene.ts';

// Whoever approved must be an approver still when the step is resolved, and must not have taken it back by then.

const moderators = { approvers: { roles: ['channel_moderator'] } };
/** After one moderator approved, silence does. */
const THEN_SILENCE = {
  stages: [
    { name: 'first', ...moderators, anyOf: [{ approve: 1 }] },
    {
      name: 'silent',
      approvers: { roles: ['app_instance_admin'] },
      anyOf: [{ approve: 1 }],
      timedActions: [{ at: '2s', do: 'approve' }],
    },
  ],
};

let admission: TestAdmission;
let scene: Awaited<ReturnType<typeof onboardingsOf>>;
let stopWorker: () => Promise<void>;
/** Two more moderators: whoever asks for an onboarding reviews none of it. */
let [eve, dan] = ['', ''];

beforeAll(async () => {
  admission = await startAdmission({}, { worker: false });
  scene = await onboardingsOf(admission);
  await startWorker();
  [eve, dan] = [await newModerator('eve'), await newModerator('dan')];
});
afterAll(async () => {
  await stopWorker?.();
  await admission?.close();
});

async function startWorker(): Promise<void> {
  stopWorker = await startTestWorker(admission.env, undefined, admission.flows);
}

async function newModerator(name: string): Promise<string> {
  const { emulator, chime } = scene;
  const arn = await emulator.newUser(name);
  const about = { ChannelArn: emulator.channel('board'), ChannelModeratorArn: arn, ChimeBearer: emulator.user('ada') };
  await chime.messaging.createChannelModerator(about);
  return arn;
}

/** An onboarding of one step that waits for reviews. */
async function reviewed(requirement: object): Promise<string> {
  const step = { id: 'check', kind: 'approval', channelArn: scene.emulator.channel('board'), requirement };
  const { id } = await scene.started([step]);
  await scene.reaches(id, { steps: [{ status: 'now', panel: {} }] });
  return id;
}

async function review(id: string, by: string, decision: string) {
  return scene.give(id, 'review', by, { step: 'check', decision, comment: 'I looked at it.' });
}

async function stagesOf(id: string): Promise<readonly StageProgress[]> {
  const [step] = (await scene.show(id)).steps;
  return step?.panel?.requirements[0]?.stages ?? [];
}

/** While no worker runs, these are given one after the other: a worker then gets all of them in one task. */
async function inOneTask(given: readonly (() => Promise<unknown>)[]): Promise<void> {
  const answers: Promise<unknown>[] = [];
  for (const give of given) {
    answers.push(give());
    // They come in this order.
    await sleep(200);
  }
  await startWorker();
  await Promise.all(answers);
}

test('an approval does not count by the time that silence decides, where its author is no moderator any more', async () => {
  const max = await newModerator('ex');
  const id = await reviewed(THEN_SILENCE);
  valueOf(await review(id, max, 'approve'));
  const about = {
    ChannelArn: scene.emulator.channel('board'),
    ChannelModeratorArn: max,
    ChimeBearer: scene.emulator.user('ada'),
  };
  await scene.chime.messaging.deleteChannelModerator(about);
  const isDecided = async () => (await stagesOf(id)).every(({ status }) => status === 'approved');
  const isOpenAgain = async () => (await stagesOf(id))[0]?.status === 'open';
  await vi.waitUntil(async () => (await isDecided()) || isOpenAgain(), PATIENCE);
  expect(await stagesOf(id)).toMatchObject([{ status: 'open', approvedBy: [] }, { status: 'waiting' }]);
});

test('an approval that is taken back in one task with the time that would complete it does not count', async () => {
  const id = await reviewed(THEN_SILENCE);
  valueOf(await review(id, eve, 'approve'));
  const { runId } = await scene.show(id);
  const fired = async () => {
    const { events } = await historyOf(admission.client, { id, runId });
    return events?.some((event) => event.timerFiredEventAttributes) === true;
  };
  await stopWorker();
  await vi.waitUntil(fired, PATIENCE);
  // What comes first says nothing; time must not go before what comes with it.
  await inOneTask([() => review(id, dan, 'comment'), () => review(id, eve, 'abstain')]);
  expect(await stagesOf(id)).toMatchObject([{ status: 'open', approvedBy: [] }, { status: 'waiting' }]);
});

test('an approval that is taken back in one task with the one that would complete it does not count', async () => {
  const id = await reviewed({ ...moderators, approve: 2 });
  valueOf(await review(id, eve, 'approve'));
  await stopWorker();
  await inOneTask([() => review(id, dan, 'approve'), () => review(id, eve, 'abstain')]);
  expect(await stagesOf(id)).toMatchObject([{ status: 'open', approvedBy: [dan] }]);
});
