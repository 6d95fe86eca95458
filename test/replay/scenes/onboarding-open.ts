import { approval, decide, form, join, later, onboard, REVIEWERS, watch, WHY } from '../onboarding.ts';
import { CREATE, DELETE, FORBIDDEN, OUTAGE } from '../scene.ts';
import type { Scene } from '../scene.ts';

const MODERATORS = { roles: ['channel_moderator'] };
const ADMINS = { roles: ['app_instance_admin'] };

/** An onboarding that goes on, or waits for somebody. */
export const openOnboardings: Record<string, Scene> = {
  'onboarding-preparing-in-an-outage': {
    async play(stage) {
      await stage.fault('DescribeAppInstanceUser', OUTAGE, { count: 1_000 });
      onboard(stage, [join('team')]);
      await stage.reachesAttempt(2);
    },
  },
  'onboarding-running-at-an-input': {
    async play(stage) {
      await onboard(stage, [join('team'), form({ dueIn: '7d', remind: ['1d'] })]).takes('form');
    },
  },
  'onboarding-running-at-a-wait': {
    async play(stage) {
      await onboard(stage, [join('team'), later]).takes('later');
    },
  },
  'onboarding-running-at-an-approval': {
    async play(stage) {
      const onboarding = onboard(stage, [approval({ approvers: REVIEWERS, approve: 2 })]);
      await onboarding.takes('check', ({ panel }) => panel !== undefined);
      await onboarding.give('review', 'max', { step: 'check', decision: 'approve' });
    },
  },
  'onboarding-running-reminded-and-escalated': {
    async play(stage) {
      const timedActions = [
        { at: '300ms', do: 'remind' },
        { at: '600ms', do: 'escalate', to: ADMINS },
      ];
      const onboarding = onboard(stage, [
        approval({ stages: [{ approvers: MODERATORS, anyOf: [{ approve: 1 }], timedActions }] }),
      ]);
      await onboarding.takes('check', ({ panel }) => panel?.requirements[0]?.stages[0]?.actionsDone === 2);
    },
  },
  'onboarding-running-with-a-join-pending': {
    async play(stage) {
      await onboard(stage, [watch, later]).asks();
    },
  },
  'onboarding-running-resumed': {
    async play(stage) {
      const onboarding = onboard(stage, [join('team'), later]);
      await onboarding.takes('later');
      await onboarding.give('pause', 'ada', WHY);
      await onboarding.give('resume', 'ada', WHY);
    },
  },
  'onboarding-running-as-a-join-ended-while-paused': {
    async play(stage) {
      const onboarding = onboard(stage, [watch, later]);
      const request = await onboarding.asks();
      await onboarding.give('pause', 'ada', WHY);
      await decide(stage, request, 'approve');
      await onboarding.reaches('it has heard of the end', ({ steps }) => steps[0]?.child?.look === true);
      await onboarding.give('resume', 'ada', WHY);
      await onboarding.takes('later');
    },
  },
  'onboarding-running-until-it-tries-again': {
    async play(stage) {
      await stage.fault(CREATE, FORBIDDEN);
      const onboarding = onboard(stage, [join('team', { retry: { times: 1, after: '30d' } })]);
      await onboarding.takes('team', ({ retryAt }) => retryAt !== undefined);
    },
  },
  'onboarding-paused': {
    async play(stage) {
      const onboarding = onboard(stage, [form({ dueIn: '7d' }), later, join('team')]);
      await onboarding.takes('form');
      await onboarding.give('pause', 'ada', WHY);
    },
  },
  'onboarding-incident-of-a-step': {
    async play(stage) {
      await stage.fault(CREATE, FORBIDDEN);
      await onboard(stage, [join('team', { onFailure: 'hold' }), later]).is('incident');
    },
  },
  'onboarding-incident-of-a-removal': {
    async play(stage) {
      const onboarding = onboard(stage, [join('team'), later]);
      await onboarding.takes('later');
      await stage.fault(DELETE, FORBIDDEN);
      await onboarding.give('cancel', 'ada', { ...WHY, compensate: true });
      await onboarding.is('incident');
    },
  },
  'onboarding-ending-in-an-outage': {
    async play(stage) {
      const onboarding = onboard(stage, [join('team'), later]);
      await onboarding.takes('later');
      await stage.fault(DELETE, OUTAGE, { count: 1_000 });
      await onboarding.give('cancel', 'ada', { ...WHY, compensate: true });
      await stage.reachesAttempt(2);
    },
  },
};
