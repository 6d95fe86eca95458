import { ONBOARDING_TYPE } from '../../../src/domain/onboarding/commands.ts';
import {
  approval,
  decide,
  form,
  inputOf,
  join,
  later,
  letServiceWrite,
  message,
  onboard,
  wait,
  watch,
  WHY,
} from '../onboarding.ts';
import { CREATE, DELETE, failing, FORBIDDEN, inOneTask, OUTAGE, review } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../../crash/stage.ts';

const COMPENSATE = { ...WHY, compensate: true };

/** A membership was made, and a step of 30 days begins. */
async function halfWay(stage: Stage) {
  const onboarding = onboard(stage, [join('team'), later]);
  await onboarding.takes('later');
  return onboarding;
}

/** An onboarding that has ended: with all its steps, or before. */
export const closedOnboardings: Record<string, Scene> = {
  'onboarding-completed': {
    async play(stage) {
      await letServiceWrite(stage);
      const onboarding = onboard(stage, [
        join('team', { term: '30d' }),
        form(),
        message('hello', '{{member.name}} is a {{answers.form.role}}'),
        join('guards', { if: { answer: 'form.role', equals: 'guard' } }),
        wait('while', '300ms'),
        approval(),
      ]);
      await onboarding.answer();
      await onboarding.takes('check', ({ panel }) => panel !== undefined);
      await onboarding.give('review', 'max', { step: 'check', decision: 'approve' });
      await onboarding.end();
    },
  },
  'onboarding-completed-with-a-skip': {
    async play(stage) {
      await letServiceWrite(stage);
      const [hello, bye] = [message('hello', 'Hello'), message('bye', 'Bye, {{member.id}}')];
      const onboarding = onboard(stage, [hello, form(), later, bye]);
      await onboarding.takes('form');
      await onboarding.give('skip', 'ada', { ...WHY, step: 'later' });
      await onboarding.give('skip', 'ada', { ...WHY, step: 'form' });
      await onboarding.end();
    },
  },
  'onboarding-completed-without-a-join': {
    async play(stage) {
      const onboarding = onboard(stage, [watch, wait('while', '300ms')]);
      await onboarding.asks();
      await onboarding.give('skip', 'ada', { ...WHY, step: 'watch' });
      await onboarding.end();
    },
  },
  'onboarding-completed-after-an-incident': {
    async play(stage) {
      await stage.fault(CREATE, FORBIDDEN);
      const onboarding = onboard(stage, [join('team', { onFailure: 'hold' })]);
      await onboarding.is('incident');
      await onboarding.give('retryStep', 'ada', { ...WHY, step: 'team' });
      await onboarding.end();
    },
  },
  'onboarding-completed-after-another-try': {
    async play(stage) {
      await stage.fault(CREATE, FORBIDDEN);
      await onboard(stage, [join('team', { retry: { times: 1, after: '300ms' } })]).end();
    },
  },
  'onboarding-completed-and-told': {
    tells: true,
    async play(stage) {
      const onboarding = onboard(stage, [form({ remind: ['300ms'] }), approval()]);
      await onboarding.takes('form', ({ remindAt }) => remindAt.length === 0);
      await onboarding.answer();
      await onboarding.takes('check', ({ panel }) => panel !== undefined);
      await onboarding.give('review', 'max', { step: 'check', decision: 'approve' });
      await onboarding.end();
    },
  },
  'onboarding-cancelled-with-compensation': {
    async play(stage) {
      const onboarding = await halfWay(stage);
      await onboarding.give('cancel', 'ada', COMPENSATE);
      await onboarding.end();
    },
  },
  'onboarding-cancelled-after-an-incident': {
    async play(stage) {
      const onboarding = await halfWay(stage);
      await stage.fault(DELETE, FORBIDDEN);
      await onboarding.give('cancel', 'ada', COMPENSATE);
      await onboarding.is('incident');
      await onboarding.give('retryStep', 'ada', { ...WHY, step: 'team' });
      await onboarding.end();
    },
  },
  'onboarding-cancelled-with-a-join-pending': {
    async play(stage) {
      const onboarding = onboard(stage, [watch, later]);
      await onboarding.asks();
      await onboarding.give('cancel', 'ada', COMPENSATE);
      await onboarding.end();
    },
  },
  'onboarding-cancelled-in-temporal': {
    async play(stage) {
      const onboarding = await halfWay(stage);
      await stage.client.workflow.getHandle(stage.id).cancel();
      await onboarding.end();
    },
  },
  'onboarding-cancelled-while-preparing': {
    async play(stage) {
      await stage.fault('DescribeAppInstanceUser', OUTAGE, { count: 1_000 });
      const onboarding = onboard(stage, [join('team')]);
      await stage.reachesAttempt(2);
      await onboarding.give('cancel', 'ada', COMPENSATE);
      await onboarding.end();
    },
  },
  'onboarding-stopped-by-a-denied-join': {
    async play(stage) {
      const onboarding = onboard(stage, [join('team'), watch]);
      await decide(stage, await onboarding.asks(), 'deny');
      await onboarding.end();
    },
  },
  'onboarding-stopped-as-overdue': {
    play: async (stage) => onboard(stage, [join('team'), form({ dueIn: '500ms' })]).end(),
  },
  'onboarding-stopped-two-reviews-in-one-task': {
    async play(stage, lane) {
      const onboarding = onboard(stage, [join('team'), approval()]);
      await onboarding.takes('check', ({ panel }) => panel !== undefined);
      const about = { step: 'check' };
      // The denial is sent a call later: it goes first although the approval came first.
      await inOneTask(lane, () => [
        review(stage, 'max', 'approve', about),
        stage.described().then(async () => review(stage, 'mona', 'deny', about)),
      ]);
      await onboarding.end();
    },
  },
  'onboarding-failed-by-a-step': {
    play: async (stage) => onboard(stage, [join('team'), form({ dueIn: '500ms', onFailure: 'fail' })]).end(),
  },
  'onboarding-failed-preparing': {
    // Who is no admin brings no flow along.
    play: async (stage) => onboard(stage, [message('hello', 'Hello')], stage.member).end(),
  },
  'onboarding-failed-invalid-input': {
    play: async (stage) => failing(stage, ONBOARDING_TYPE, [{ ...inputOf(stage, [join('team')]), member: 7 }]),
  },
  'onboarding-failed-forged-state': {
    async play(stage) {
      const carried = { state: 'running', course: { steps: [], grants: [] } };
      return failing(stage, ONBOARDING_TYPE, [inputOf(stage, [join('team')]), carried]);
    },
  },
};
