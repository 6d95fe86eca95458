import { decide, form, join, later, letServiceWrite, message, onboard, watch, WHY } from '../replay/onboarding.ts';
import { CREATE, DELETE, slow } from './scenario.ts';
import type { Stage } from './stage.ts';
import { BY_HAND } from './stage.ts';

/** An onboarding whose worker dies, once or more often. It is played twice: undisturbed, and with the crashes. */
export interface OnboardingScenario {
  readonly ends: object;
  /** The channels of which the member is one in the end, and who invited them. */
  readonly memberOf: Readonly<Record<string, string>>;
  /** The statuses of our calls; 0 is one that the worker did not live to hear the answer of. */
  readonly creates: readonly number[];
  readonly deletes: readonly number[];
  /** How many messages about the member there are. */
  readonly sent: number;
  /** `crash` comes wherever a worker dies, and returns once another one runs. */
  play(stage: Stage, crash: () => Promise<void>): Promise<void>;
}

/** The member is in this channel before anything begins: nobody of ours put them there. */
const BEFORE = { ...join('before'), channelArn: '{{params.square}}' };

async function wasThereBefore(stage: Stage): Promise<void> {
  stage.channelArn = stage.emulator.channel('square');
  await stage.byHand('add');
}

export const onboardingScenarios: Record<string, OnboardingScenario> = {
  'while Chime applies the call of a join, while people decide on one, and between a message and an answer': {
    ends: { outcome: 'completed', percent: 100 },
    memberOf: { square: BY_HAND, board: 'ada', lobby: 'ada' },
    creates: [0, 409, 201],
    deletes: [],
    sent: 1,
    async play(stage, crash) {
      await letServiceWrite(stage);
      await wasThereBefore(stage);
      await stage.fault(CREATE, slow(1_000));
      const onboarding = onboard(stage, [BEFORE, join('team'), watch, message('hello', 'Hello {{member.id}}'), form()]);
      await stage.isAnswering(CREATE);
      await crash();
      const request = await onboarding.asks();
      await crash();
      await decide(stage, request, 'approve');
      await onboarding.takes('form');
      await crash();
      await onboarding.answer();
      await onboarding.end();
    },
  },
  'while it removes what it granted': {
    ends: {
      outcome: 'cancelled',
      grants: [
        { step: 'team', settled: 'removed' },
        { step: 'watch', settled: 'removed' },
      ],
    },
    memberOf: { square: BY_HAND },
    creates: [201, 201],
    deletes: [0, 204],
    sent: 0,
    async play(stage, crash) {
      await wasThereBefore(stage);
      const onboarding = onboard(stage, [BEFORE, join('team'), watch, later]);
      await decide(stage, await onboarding.asks(), 'approve');
      await onboarding.takes('later');
      await stage.fault(DELETE, slow(1_000));
      await onboarding.give('cancel', 'ada', { ...WHY, compensate: true });
      await stage.isAnswering(DELETE);
      await crash();
      await onboarding.end();
    },
  },
};
