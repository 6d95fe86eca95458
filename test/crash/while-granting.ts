import { CREATE, DESCRIBE, FORBIDDEN, slow, THROTTLED } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Asked, Stage } from './stage.ts';

const BY_MONA = { outcome: 'joined', invitedBy: 'mona', membership: 'mona', reviews: [['mona', 'approve', 'mine']] };

async function approved(stage: Stage, asked: Asked = {}): Promise<void> {
  stage.ask({ channel: 'board', ...asked });
  await stage.reaches('pending/people');
  await stage.approve('mona', 'mine');
}

/** The states of a request while the call is made, and once it was refused. */
export const whileGranting: Record<string, Scenario> = {
  'granting: between two attempts': {
    at: 'granting',
    ends: BY_MONA,
    creates: [429, 201],
    async play(stage, crash) {
      await stage.fault(CREATE, THROTTLED);
      await approved(stage);
      await stage.reachesAttempt(2);
      await crash();
    },
  },
  'granting: while Chime applies the call': {
    at: 'granting',
    ends: BY_MONA,
    creates: [0, 409],
    async play(stage, crash) {
      await stage.fault(CREATE, slow(1_000));
      await approved(stage);
      await stage.isAnswering(CREATE);
      await crash();
    },
  },
  'granting: the member was there before the call': {
    at: 'granting',
    ends: { outcome: 'alreadyMember', membership: 'max' },
    creates: [0, 409],
    async play(stage, crash) {
      stage.ask({ channel: 'board', term: '1s' });
      await stage.reaches('pending/people');
      await stage.byHand('add');
      await stage.fault(CREATE, slow(1_000));
      await stage.approve('mona', 'mine');
      await stage.isAnswering(CREATE);
      await crash();
    },
  },
  'granting: the new membership is being read': {
    at: 'granting',
    ends: { outcome: 'revoked', grant: { type: 'DEFAULT', invitedBy: 'mona' } },
    creates: [201],
    deletes: [204],
    async play(stage, crash) {
      stage.ask({ channel: 'board', term: '1s' });
      await stage.reaches('pending/people');
      await stage.fault(DESCRIBE, slow(1_000));
      await stage.approve('mona', 'mine');
      await stage.isAnswering(DESCRIBE);
      await crash();
    },
  },
  'incident: the call was refused': {
    at: 'incident',
    ends: { ...BY_MONA, notes: [{ by: 'ada', what: 'had it tried again', reason: 'the right is back' }] },
    creates: [403, 201],
    async play(stage, crash) {
      await stage.fault(CREATE, FORBIDDEN);
      await approved(stage);
      await stage.reaches('incident');
      await crash();
      await stage.give('retry', 'ada', { reason: 'the right is back' });
    },
  },
  'incident: given up': {
    at: 'incident',
    ends: { outcome: 'failed', error: { type: 'ForbiddenException' }, notes: [{ by: 'ada', what: 'gave up' }] },
    creates: [403],
    async play(stage, crash) {
      await stage.fault(CREATE, FORBIDDEN);
      await approved(stage);
      await stage.reaches('incident');
      await crash();
      await stage.give('abandon', 'ada', { reason: 'no use' });
    },
  },
};
