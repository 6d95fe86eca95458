import { expect } from 'vitest';
import { DELETE, FORBIDDEN, slow, THROTTLED } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Asked, Stage } from './stage.ts';

const HOUR = 3_600_000;
const REVOKED = { outcome: 'revoked', reason: { code: 'REVOKED' }, notes: [{ by: 'mona', what: 'revoked' }] };
const GONE = { ...REVOKED, reason: { message: 'Revoked: They left. The membership was removed.' } };

async function active(stage: Stage, asked: Asked = {}): Promise<void> {
  stage.ask({ term: '1h', ...asked });
  await stage.reaches('active');
}

async function revoke(stage: Stage): Promise<void> {
  await stage.give('revoke', 'mona', { reason: 'They left.' });
}

/** The states of a request once the member is there. */
export const whileActive: Record<string, Scenario> = {
  'active: the term runs': {
    at: 'active',
    ends: { outcome: 'revoked', reason: { code: 'TERM_ENDED' }, termMs: 2_000 },
    creates: [201],
    deletes: [204],
    async play(stage, crash) {
      await active(stage, { term: '2s' });
      await crash();
    },
  },
  'active: people have to agree to a longer term': {
    at: 'active/people',
    ends: { ...GONE, termMs: 3 * HOUR, notes: [{ by: 'member' }, { by: 'mona', what: 'revoked' }] },
    creates: [201],
    deletes: [204],
    async play(stage, crash) {
      await active(stage, { reason: 'longer' });
      await stage.give('extend', stage.member, { by: '2h', reason: 'more to do' });
      await stage.reaches('active/people');
      await crash();
      await stage.approve('mona', 'longer');
      await stage.reaches('active');
      await revoke(stage);
    },
  },
  'active: the request goes on as a new run': {
    at: 'active',
    settings: { ADMISSION_COMMANDS_PER_RUN: '2' },
    ends: { ...GONE, termMs: 3 * HOUR, notes: [{ by: 'member' }, { by: 'mona' }, { by: 'mona', what: 'revoked' }] },
    creates: [201],
    deletes: [204],
    async play(stage, crash) {
      await active(stage);
      await stage.give('extend', stage.member, { by: '1h' });
      await stage.give('extend', 'mona', { by: '1h' });
      await crash(undefined, () => stage.reachesNextRun());
      await revoke(stage);
    },
  },
  'removing: between two attempts': {
    at: 'active',
    ends: GONE,
    creates: [201],
    deletes: [429, 204],
    async play(stage, crash) {
      await stage.fault(DELETE, THROTTLED);
      await active(stage);
      await revoke(stage);
      await stage.reachesAttempt(2);
      await crash();
    },
  },
  'removing: while Chime applies the call': {
    at: 'active',
    ends: GONE,
    creates: [201],
    deletes: [0],
    async play(stage, crash) {
      await stage.fault(DELETE, slow(1_000));
      await active(stage);
      await revoke(stage);
      await stage.isAnswering(DELETE);
      await crash();
    },
  },
  'removing: meanwhile somebody else adds the member again': {
    at: 'active',
    ends: { ...REVOKED, reason: { message: expect.stringContaining('it was left') }, membership: 'max' },
    creates: [201],
    deletes: [429],
    async play(stage, crash) {
      await stage.fault(DELETE, THROTTLED);
      await active(stage);
      await revoke(stage);
      await stage.reachesAttempt(2);
      await crash(async () => {
        await stage.byHand('remove');
        await stage.byHand('add');
      });
    },
  },
  'incident: the removal was refused': {
    at: 'incident',
    ends: { ...GONE, notes: [{ what: 'revoked' }, { by: 'ada', what: 'had it tried again' }] },
    creates: [201],
    deletes: [403, 204],
    async play(stage, crash) {
      await stage.fault(DELETE, FORBIDDEN);
      await active(stage);
      await revoke(stage);
      await stage.reaches('incident');
      await crash();
      await stage.give('retry', 'ada', { reason: 'the right is back' });
    },
  },
};
