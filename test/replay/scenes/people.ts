import { DESCRIBE, firstRun, inOneTask, nextRun, OUTAGE, pending, review } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { until } from '../../crash/stage.ts';
import type { Stage } from '../../crash/stage.ts';

async function reviewed(stage: Stage, decision: 'approve' | 'deny'): Promise<void> {
  await pending(stage);
  await review(stage, 'mona', decision);
  await stage.end();
}

/** One of two moderators has approved; then an admin has to. */
async function halfWay(stage: Stage): Promise<void> {
  await pending(stage, 'stages');
  await stage.approve('mona');
}

async function actionsDone(stage: Stage, count: number): Promise<void> {
  await until(`${count} actions are done`, async () => {
    const { panel } = await stage.view();
    const [first] = panel?.requirements.find(({ requirement }) => requirement.binding === 'asked')?.stages ?? [];
    return first?.actionsDone === count;
  });
}

const ends = (reason: string): Scene => ({
  async play(stage) {
    stage.ask({ channel: 'board', reason });
    await stage.end();
  },
});

/** A request that people have to decide on. */
export const people: Record<string, Scene> = {
  pending: { play: async (stage) => pending(stage) },
  'pending-two-reviews-in-one-task': {
    async play(stage, lane) {
      await pending(stage);
      await inOneTask(lane, () => [review(stage, 'bob', 'approve'), review(stage, 'carol', 'deny')]);
    },
  },
  'pending-half-way': { play: halfWay },
  'pending-reviews-of-every-kind': {
    async play(stage) {
      await pending(stage, 'stages');
      await stage.give('review', 'mona', { decision: 'comment', comment: 'Who is this?' });
      await stage.give('review', 'mona', { decision: 'requestChanges', comment: 'Say why.', reviewId: 'why' });
      await stage.give('review', 'mona', { decision: 'requestChanges', comment: 'Say why.', reviewId: 'why' });
      await stage.approve('max');
      await stage.give('review', 'max', { decision: 'abstain' });
    },
  },
  'pending-reminded-and-escalated': {
    async play(stage) {
      await pending(stage, 'ladder');
      await stage.approve('mona');
      await actionsDone(stage, 2);
    },
  },
  'joined-by-a-review': { play: async (stage) => reviewed(stage, 'approve') },
  'joined-after-two-stages': {
    async play(stage) {
      await halfWay(stage);
      await stage.approve('max');
      await stage.approve('ada');
      await stage.end();
    },
  },
  'joined-after-an-escalation': {
    async play(stage) {
      await pending(stage, 'ladder');
      await stage.approve('mona');
      await actionsDone(stage, 2);
      await stage.approve('ada');
      await stage.end();
    },
  },
  'joined-by-silence': {
    async play(stage) {
      stage.ask({ reason: 'generous' });
      await stage.end();
    },
  },
  'joined-after-asking-again': {
    settings: { ADMISSION_VALID_FOR: '1ms' },
    play: async (stage) => reviewed(stage, 'approve'),
  },
  'pending-asking-again-in-an-outage': {
    settings: { ADMISSION_VALID_FOR: '1ms' },
    async play(stage) {
      await pending(stage);
      await stage.fault(DESCRIBE, OUTAGE, { count: 1_000 });
      await stage.approve('mona');
      await stage.reachesAttempt(2);
    },
  },
  'denied-after-asking-again': {
    settings: { ADMISSION_VALID_FOR: '1ms' },
    async play(stage) {
      await pending(stage);
      await stage.emulator.ban('board', stage.member.split('/').at(-1) ?? '');
      await stage.approve('mona');
      await stage.end();
    },
  },
  'denied-by-a-review': { play: async (stage) => reviewed(stage, 'deny') },
  'denied-two-reviews-in-one-task': {
    async play(stage, lane) {
      await pending(stage);
      await inOneTask(lane, () => [review(stage, 'mona', 'approve'), review(stage, 'max', 'deny')]);
      await stage.end();
    },
  },
  'denied-by-time': ends('impatient'),
  'expired-overdue': ends('overdue'),
  expired: { ...ends('nobody looks'), settings: { ADMISSION_EXPIRE_AFTER: '500ms' } },
  withdrawn: {
    async play(stage) {
      await pending(stage);
      await stage.give('withdraw', stage.member, {});
      await stage.end();
    },
  },
  'withdrawn-by-cancelling': {
    async play(stage) {
      await pending(stage);
      await stage.client.workflow.getHandle(stage.id).cancel();
      await stage.end();
    },
  },
  'continued-before': {
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    async play(stage) {
      await halfWay(stage);
      await stage.give('review', 'mona', { decision: 'comment', comment: 'Good.' });
      return firstRun(stage);
    },
  },
  'continued-after': {
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    async play(stage) {
      await halfWay(stage);
      await stage.give('review', 'mona', { decision: 'comment', comment: 'Good.' });
      await nextRun(stage);
      await stage.approve('max');
    },
  },
};
