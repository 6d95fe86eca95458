import type { Stage } from '../../crash/stage.ts';
import { CREATE, firstRun, FORBIDDEN, nextRun, pending } from '../scene.ts';
import type { Scene } from '../scene.ts';

const WHY = { reason: 'the pager rings' };

async function amended(stage: Stage): Promise<void> {
  await pending(stage, 'stages');
  await stage.approve('mona');
  await stage.give('amend', stage.member, { changes: { reason: 'other stages', term: '30d' } });
}

/** People approved, and Chime refuses the call for good. */
async function incident(stage: Stage): Promise<void> {
  await pending(stage);
  await stage.fault(CREATE, FORBIDDEN);
  await stage.approve('mona');
  await stage.reaches('incident');
}

/** A retry by somebody who may not: it counts as a command of the run. */
async function refusedRetry(stage: Stage): Promise<void> {
  await incident(stage);
  await stage.give('retry', 'mona', WHY).catch(() => undefined);
}

/** What else requesters and operators do to a request. */
export const changed: Record<string, Scene> = {
  'pending-amended': { play: amended },
  'joined-after-an-amendment': {
    async play(stage) {
      await pending(stage);
      await stage.give('review', 'mona', { decision: 'requestChanges', comment: 'Say why.' });
      await stage.give('amend', stage.member, { changes: { reason: 'to help' } });
      await stage.approve('mona');
      await stage.end();
    },
  },
  'joined-by-an-amendment': {
    async play(stage) {
      stage.ask({ reason: 'review' });
      await stage.reaches('pending/people');
      await stage.give('amend', stage.member, { changes: { reason: null } });
      await stage.end();
    },
  },
  'joined-by-an-override': {
    async play(stage) {
      await pending(stage, 'stages');
      await stage.give('override', 'ada', { ...WHY, ticket: 'INC-7' });
      await stage.end();
    },
  },
  'joined-by-an-override-of-input': {
    async play(stage) {
      stage.ask({ reason: 'asks' });
      await stage.reaches('pending/input');
      await stage.give('override', 'ada', { ...WHY, ticket: 'INC-7' });
      await stage.end();
    },
  },
  'pending-reassigned': {
    async play(stage) {
      await pending(stage, 'stages');
      const to = { users: [stage.emulator.user('bob'), stage.emulator.user('mona')] };
      await stage.give('reassign', 'ada', { binding: 'asked', to, reason: 'max is away' });
      await stage.approve('bob');
    },
  },
  'pending-reevaluated': {
    async play(stage) {
      await pending(stage, 'stages');
      await stage.approve('mona');
      await stage.newModerator();
      await stage.give('reevaluate', null, { changed: ['roster'] });
    },
  },
  'denied-reevaluated': {
    async play(stage) {
      await pending(stage);
      await stage.emulator.ban('board', stage.member.split('/').at(-1) ?? '');
      await stage.give('reevaluate', null, { changed: ['ban'] });
      await stage.end();
    },
  },
  incident: { play: incident },
  'incident-refused-retry': { play: refusedRetry },
  'joined-after-an-incident': {
    async play(stage) {
      await incident(stage);
      await stage.give('retry', 'ada', WHY);
      await stage.end();
    },
  },
  'failed-abandoned': {
    async play(stage) {
      await incident(stage);
      await stage.give('abandon', 'ada', WHY);
      await stage.end();
    },
  },
  'failed-incident-expired': {
    settings: { ADMISSION_EXPIRE_AFTER: '3s' },
    async play(stage) {
      await incident(stage);
      await stage.end();
    },
  },
  'withdrawn-in-an-incident': {
    async play(stage) {
      await incident(stage);
      await stage.give('withdraw', stage.member, {});
      await stage.end();
    },
  },
  'continued-in-an-incident-before': {
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    async play(stage) {
      await refusedRetry(stage);
      return firstRun(stage);
    },
  },
  'continued-in-an-incident-after': {
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    async play(stage) {
      await refusedRetry(stage);
      await nextRun(stage);
      await stage.give('retry', 'ada', WHY);
      await stage.end();
    },
  },
};
