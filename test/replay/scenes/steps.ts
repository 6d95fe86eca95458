import { decide, join, later, onboard, watch, WHY } from '../onboarding.ts';
import { firstRun } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../../crash/stage.ts';

/** Its share of commands, while a request that it made is open. */
async function commanded(stage: Stage) {
  const onboarding = onboard(stage, [join('team'), watch, later]);
  const request = await onboarding.asks();
  await onboarding.give('pause', 'ada', WHY);
  await onboarding.give('resume', 'ada', WHY);
  return { onboarding, request };
}

const settings = { ADMISSION_COMMANDS_PER_RUN: '2' };

/** Requests that are steps of an onboarding; and an onboarding that hears of one in another run than made it. */
export const asSteps: Record<string, Scene> = {
  'onboarding-continued-before': {
    settings,
    async play(stage) {
      await commanded(stage);
      return firstRun(stage);
    },
  },
  'onboarding-continued-after': {
    settings,
    async play(stage) {
      const { onboarding, request } = await commanded(stage);
      await stage.reachesNextRun();
      await decide(stage, request, 'approve');
      await onboarding.takes('later');
    },
  },
  'joined-as-a-step': {
    async play(stage) {
      const onboarding = onboard(stage, [watch, later]);
      const id = await onboarding.asks();
      await decide(stage, id, 'approve');
      await onboarding.takes('later');
      return { id };
    },
  },
  'active-as-a-step': {
    async play(stage) {
      const onboarding = onboard(stage, [join('team', { term: '30d' }), later]);
      await onboarding.takes('later');
      return { id: await onboarding.requestOf('team') };
    },
  },
  'withdrawn-as-a-step': {
    async play(stage) {
      const onboarding = onboard(stage, [watch, later]);
      const id = await onboarding.asks();
      await onboarding.give('skip', 'ada', { ...WHY, step: 'watch' });
      await stage.service.wait(id);
      return { id };
    },
  },
};
