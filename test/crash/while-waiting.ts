import { expect } from 'vitest';
import { DESCRIBE, OUTAGE, slow } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { until } from './stage.ts';

const JOINED = { outcome: 'joined', invitedBy: 'member', membership: 'member' };
const BY_MONA = { outcome: 'joined', invitedBy: 'mona', membership: 'mona' };
const ANSWERS = { rules: true, team: 'red' };

/** The states of a request before anybody may be added. */
export const whileWaiting: Record<string, Scenario> = {
  'evaluating: the facts are being read for the first time': {
    at: 'evaluating',
    ends: JOINED,
    creates: [201],
    async play(stage, crash) {
      await stage.fault(DESCRIBE, slow(1_500));
      stage.ask();
      await stage.isAnswering(DESCRIBE);
      await crash();
    },
  },
  'evaluating: the facts cannot be read': {
    at: 'evaluating',
    ends: JOINED,
    creates: [201],
    async play(stage, crash) {
      await stage.fault(DESCRIBE, OUTAGE, { count: 4 });
      stage.ask();
      await stage.reachesAttempt(2);
      await crash();
    },
  },
  'evaluating: an external policy is asked': {
    at: 'evaluating',
    ends: { ...JOINED, decisions: expect.arrayContaining([['on-call', 'allow', 'admit']]) },
    creates: [201],
    async play(stage, crash) {
      const { onCall, member } = stage;
      onCall.hold(member);
      stage.ask({ reason: 'external' });
      await until('the policy asks', async () => onCall.asked(member) === 1);
      await crash();
      onCall.release(member);
    },
  },
  'evaluating: the member is there already': {
    at: 'evaluating',
    ends: { outcome: 'alreadyMember', membership: 'max' },
    creates: [],
    async play(stage, crash) {
      await stage.fault(DESCRIBE, OUTAGE, { count: 4 });
      stage.ask({ channel: 'square', term: '1s' });
      await stage.byHand('add');
      await stage.reachesAttempt(2);
      await crash();
    },
  },
  'pending: the requester has to answer': {
    at: 'pending/input',
    ends: { ...JOINED, answers: [{ by: 'member', binding: 'asked', answers: ANSWERS }] },
    creates: [201],
    async play(stage, crash) {
      stage.ask({ reason: 'asks' });
      await stage.reaches('pending/input');
      await crash();
      await stage.give('submitInput', stage.member, { binding: 'asked', answers: ANSWERS });
    },
  },
  'pending: the policies want to wait': {
    at: 'pending/time',
    ends: JOINED,
    creates: [201],
    async play(stage, crash) {
      stage.ask({ reason: 'soon' });
      await stage.reaches('pending/time');
      await crash();
    },
  },
  'pending: one of two moderators has approved, and then an admin has to': {
    at: 'pending/people',
    ends: {
      outcome: 'revoked',
      invitedBy: 'ada',
      answers: [{ by: 'member', binding: 'asked', answers: ANSWERS }],
      notes: [{ by: 'member', what: 'amended term' }],
      reviews: [
        ['mona', 'comment', 'first'],
        ['mona', 'approve', 'second'],
        ['max', 'approve', 'third'],
        ['ada', 'approve', 'fourth'],
      ],
    },
    creates: [201],
    deletes: [204],
    async play(stage, crash) {
      stage.ask({ channel: 'board', reason: 'asks, stages' });
      await stage.reaches('pending/input');
      await stage.give('submitInput', stage.member, { binding: 'asked', answers: ANSWERS });
      await stage.give('review', 'mona', { decision: 'comment', comment: 'Who?', reviewId: 'first' });
      await stage.give('amend', stage.member, { changes: { term: '1s' } });
      await stage.approve('mona', 'second');
      await crash();
      // Who heard no answer gives the same again.
      await stage.approve('mona', 'second');
      await stage.approve('max', 'third');
      await stage.approve('ada', 'fourth');
    },
  },
  'pending: a review is being checked': {
    at: 'pending/people',
    ends: { outcome: 'joined', invitedBy: 'moderator', reviews: [['moderator', 'approve', 'mine']] },
    creates: [201],
    async play(stage, crash) {
      stage.ask({ channel: 'board' });
      await stage.reaches('pending/people');
      const moderator = await stage.newModerator();
      await stage.fault('DescribeChannelModerator', slow(1_500), { memberArn: moderator });
      const given = stage.approve(moderator, 'mine').catch(() => undefined);
      await stage.isAnswering('DescribeChannelModerator', moderator);
      await crash();
      await given;
      await until('the review counts', async () => (await stage.where()) !== 'pending/people');
    },
  },
  'pending: policies are asked again before the call': {
    at: 'pending/people',
    settings: { ADMISSION_VALID_FOR: '1ms' },
    ends: { ...BY_MONA, reviews: [['mona', 'approve', 'mine']] },
    creates: [201],
    async play(stage, crash) {
      stage.ask({ channel: 'board' });
      await stage.reaches('pending/people');
      await stage.fault(DESCRIBE, OUTAGE, { count: 4 });
      await stage.approve('mona', 'mine');
      await crash(undefined, () => stage.reachesAttempt(2));
    },
  },
  'pending: the request goes on as a new run': {
    at: 'pending/people',
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    ends: {
      outcome: 'joined',
      invitedBy: 'ada',
      reviews: [
        ['mona', 'approve', 'first'],
        ['mona', 'comment', 'second'],
        ['max', 'approve', 'third'],
        ['ada', 'approve', 'fourth'],
      ],
    },
    creates: [201],
    async play(stage, crash) {
      stage.ask({ channel: 'board', reason: 'stages' });
      await stage.reaches('pending/people');
      await stage.approve('mona', 'first');
      await stage.give('review', 'mona', { decision: 'comment', comment: 'Good.', reviewId: 'second' });
      await crash(undefined, () => stage.reachesNextRun());
      await stage.approve('mona', 'first');
      await stage.approve('max', 'third');
      await stage.approve('ada', 'fourth');
    },
  },
};
