import { ANSWERS, DESCRIBE, FORBIDDEN, OUTAGE } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../../crash/stage.ts';

async function asked(stage: Stage, reason = 'asks'): Promise<void> {
  stage.ask({ reason });
  await stage.reaches('pending/input');
}

const answer = async (stage: Stage, answers: Record<string, unknown>) =>
  stage.give('submitInput', stage.member, { binding: 'asked', answers });

/** A request whose policies ask the requester something first, or want to wait. */
export const asking: Record<string, Scene> = {
  'pending-input': { play: async (stage) => asked(stage) },
  'joined-after-input': {
    async play(stage) {
      await asked(stage);
      await answer(stage, ANSWERS);
      await stage.end();
    },
  },
  'denied-for-an-answer': {
    async play(stage) {
      await asked(stage);
      await answer(stage, { ...ANSWERS, team: 'blue' });
      await stage.end();
    },
  },
  'expired-without-input': {
    async play(stage) {
      stage.ask({ reason: 'asks, hurries' });
      await stage.end();
    },
  },
  'pending-people-after-input': {
    async play(stage) {
      await asked(stage, 'asks, stages');
      await answer(stage, ANSWERS);
      await stage.reaches('pending/people');
    },
  },
  'pending-input-in-an-outage': {
    async play(stage) {
      await asked(stage);
      await stage.fault(DESCRIBE, OUTAGE, { count: 1_000 });
      void answer(stage, ANSWERS).catch(() => undefined);
      await stage.reachesAttempt(2);
    },
  },
  'pending-time': {
    async play(stage) {
      stage.ask({ reason: 'tomorrow' });
      await stage.reaches('pending/time');
    },
  },
  'joined-after-time': {
    async play(stage) {
      stage.ask({ reason: 'soon' });
      await stage.end();
    },
  },
  'withdrawn-while-time-passes': {
    async play(stage) {
      stage.ask({ reason: 'tomorrow' });
      await stage.reaches('pending/time');
      await stage.give('withdraw', stage.member, {});
      await stage.end();
    },
  },
  'failed-after-time': {
    async play(stage) {
      stage.ask({ reason: 'soon' });
      await stage.reaches('pending/time');
      await stage.fault(DESCRIBE, FORBIDDEN, { count: 10 });
      await stage.end();
    },
  },
};
