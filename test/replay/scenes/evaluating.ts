import { requestId } from '../../../src/workflow-id.ts';
import { WORKFLOW_TYPE } from '../../../src/domain/commands.ts';
import { until } from '../../crash/stage.ts';
import type { Stage } from '../../crash/stage.ts';
import { CREATE, DESCRIBE, failing, FORBIDDEN, OUTAGE, pending } from '../scene.ts';
import type { Scene } from '../scene.ts';

const THROTTLED = { kind: 'exception', name: 'ThrottledClientException', retryAfter: 60 };

async function inAnOutage(stage: Stage): Promise<void> {
  await stage.fault(DESCRIBE, OUTAGE, { count: 1_000 });
  stage.ask();
  await stage.reachesAttempt(2);
}

async function whileAPolicyThinks(stage: Stage): Promise<void> {
  stage.onCall.hold(stage.member);
  stage.ask({ reason: 'external' });
  await until('the policy asks', async () => stage.onCall.asked(stage.member) > 0);
}

/** A request that nobody has to decide on: the policies are asked, and the call is made or not. */
export const evaluating: Record<string, Scene> = {
  'evaluating-in-an-outage': { play: inAnOutage },
  'evaluating-an-external-policy': { play: whileAPolicyThinks },
  'granting-between-attempts': {
    async play(stage) {
      await stage.fault(CREATE, THROTTLED);
      stage.ask();
      await stage.reachesAttempt(2);
    },
  },
  joined: {
    async play(stage) {
      stage.ask();
      await stage.end();
    },
  },
  'joined-hidden': {
    async play(stage) {
      stage.ask({ type: 'HIDDEN' });
      await stage.reaches('pending/people');
      await stage.approve('mona');
      await stage.end();
    },
  },
  'joined-after-an-outage': {
    async play(stage) {
      await stage.fault(DESCRIBE, OUTAGE, { count: 3 });
      stage.ask();
      await stage.end();
    },
  },
  'joined-after-an-external-policy': {
    async play(stage) {
      await whileAPolicyThinks(stage);
      stage.onCall.release(stage.member);
      await stage.end();
    },
  },
  'joined-after-retries': {
    async play(stage) {
      await stage.fault(CREATE, OUTAGE, { count: 2 });
      stage.ask();
      await stage.end();
    },
  },
  'joined-found-afterwards': {
    settings: { ADMISSION_RETRY_FOR: '1s' },
    async play(stage) {
      await stage.fault(CREATE, { kind: 'dropAfter' });
      await stage.fault(CREATE, OUTAGE, { count: 1_000 });
      stage.ask();
      await stage.end();
    },
  },
  'already-member': {
    async play(stage) {
      stage.channelArn = stage.emulator.channel('square');
      await stage.byHand('add');
      stage.ask({ channel: 'square' });
      await stage.end();
    },
  },
  'already-member-by-then': {
    async play(stage) {
      await pending(stage);
      await stage.byHand('add');
      await stage.approve('mona');
      await stage.end();
    },
  },
  'denied-by-a-policy': {
    async play(stage) {
      stage.ask({ requestedBy: stage.emulator.user('alice') });
      await stage.end();
    },
  },
  'withdrawn-in-an-outage': {
    async play(stage) {
      await inAnOutage(stage);
      await stage.give('withdraw', stage.member, {});
      await stage.end();
    },
  },
  'withdrawn-while-a-policy-is-asked': {
    async play(stage) {
      await whileAPolicyThinks(stage);
      await stage.give('withdraw', stage.member, {});
      await stage.end();
    },
  },
  'failed-reading-facts': {
    async play(stage) {
      await stage.fault(DESCRIBE, FORBIDDEN);
      stage.ask();
      await stage.end();
    },
  },
  'failed-granting': {
    async play(stage) {
      await stage.fault(CREATE, { kind: 'exception', name: 'ResourceLimitExceededException' });
      stage.ask();
      await stage.end();
    },
  },
  'failed-invalid-input': { play: async (stage) => failing(stage, WORKFLOW_TYPE, [{ channelArn: 7 }]) },
  'failed-forged-state': {
    async play(stage) {
      const channelArn = stage.emulator.channel('board');
      const request = { channelArn, memberArn: stage.member, requestedBy: stage.member };
      const view = { id: requestId({ ...request, type: 'DEFAULT' }), override: { by: stage.emulator.user('ada') } };
      return failing(stage, WORKFLOW_TYPE, [request, { phase: 'waiting', view, kept: {} }]);
    },
  },
};
