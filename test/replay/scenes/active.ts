import { until } from '../../crash/stage.ts';
import type { Asked, Stage } from '../../crash/stage.ts';
import { DELETE, firstRun, FORBIDDEN, nextRun } from '../scene.ts';
import type { Scene } from '../scene.ts';

async function active(stage: Stage, asked: Asked = {}): Promise<void> {
  stage.ask({ term: '30d', ...asked });
  await stage.reaches('active');
}

const revoke = async (stage: Stage) => stage.give('revoke', 'mona', { reason: 'They left.' });
const extend = async (stage: Stage) => stage.give('extend', stage.member, { by: '30d', reason: 'More to do.' });

async function refusedRemoval(stage: Stage): Promise<void> {
  await active(stage);
  await stage.fault(DELETE, FORBIDDEN);
  await revoke(stage);
  await stage.reaches('incident');
}

/** A longer term that somebody has to agree to. */
async function asksForLonger(stage: Stage, reason = 'longer'): Promise<void> {
  await active(stage, { reason });
  await extend(stage);
  await stage.reaches('active/people');
}

/** A membership that ends by itself, or is ended. */
export const activeScenes: Record<string, Scene> = {
  active: { play: async (stage) => active(stage) },
  'active-reminded': {
    async play(stage) {
      // A second after it begins, it is a day until it ends.
      await active(stage, { term: '86401s' });
      await until('the end is announced', async () => (await stage.view()).term?.remindAt.length === 0);
    },
  },
  'active-extended': {
    async play(stage) {
      await active(stage);
      await extend(stage);
    },
  },
  'active-extension-denied-by-a-policy': {
    async play(stage) {
      await active(stage, { reason: 'never longer' });
      await extend(stage).catch(() => undefined);
    },
  },
  'active-extension-pending': { play: async (stage) => asksForLonger(stage) },
  'active-extension-approved': {
    async play(stage) {
      await asksForLonger(stage);
      await stage.approve('mona');
    },
  },
  'active-extension-denied': {
    async play(stage) {
      await asksForLonger(stage);
      await stage.give('review', 'mona', { decision: 'deny', comment: 'No.' });
    },
  },
  'revoked-by-a-command': {
    async play(stage) {
      await active(stage);
      await revoke(stage);
      await stage.end();
    },
  },
  'revoked-by-cancelling': {
    async play(stage) {
      await active(stage);
      await stage.client.workflow.getHandle(stage.id).cancel();
      await stage.end();
    },
  },
  'revoked-as-the-term-ended': {
    async play(stage) {
      await active(stage, { term: '2s' });
      await stage.end();
    },
  },
  'revoked-as-nobody-agreed-to-longer': {
    async play(stage) {
      stage.ask({ reason: 'longer', term: '4s' });
      await stage.reaches('active');
      await extend(stage);
      await stage.end();
    },
  },
  'revoked-and-left-alone': {
    async play(stage) {
      await active(stage);
      await stage.byHand('remove');
      await stage.byHand('add');
      await revoke(stage);
      await stage.end();
    },
  },
  'incident-of-a-removal': { play: refusedRemoval },
  'revoked-after-an-incident': {
    async play(stage) {
      await refusedRemoval(stage);
      await stage.give('retry', 'ada', { reason: 'The right is back.' });
      await stage.end();
    },
  },
  'failed-removal-abandoned': {
    async play(stage) {
      await refusedRemoval(stage);
      await stage.give('abandon', 'ada', { reason: 'No use.' });
      await stage.end();
    },
  },
  'continued-while-active-before': {
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    async play(stage) {
      await active(stage);
      await extend(stage);
      await extend(stage);
      return firstRun(stage);
    },
  },
  'continued-while-active-after': {
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    async play(stage) {
      await active(stage);
      await extend(stage);
      await extend(stage);
      await nextRun(stage);
      await revoke(stage);
      await stage.end();
    },
  },
};
