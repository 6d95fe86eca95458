import { setTimeout as wait } from 'node:timers/promises';
import { array, constantFrom, integer, oneof, record, sample } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { startAdmission, startTestWorker, valueOf } from '../support/admission.ts';
import type { TestAdmission } from '../support/admission.ts';
import type { Call } from '../support/emulator.ts';
import { inLane } from '../support/lane.ts';
import { replayFailures } from './replay.ts';

const EXPIRE_AFTER_MS = 700;

const command = record({
  /** When it is given, in ms after the request is pending: before, at and after the expiry. */
  at: oneof(integer({ min: 0, max: 900 }), integer({ min: EXPIRE_AFTER_MS - 40, max: EXPIRE_AFTER_MS + 10 })),
  decision: constantFrom('approve', 'deny', 'withdraw'),
  by: constantFrom('mona', 'max', 'ada'),
});
const race = array(command, { minLength: 1, maxLength: 6 });
type Race = typeof race extends Arbitrary<infer T> ? T : never;

/** As many as there are of people and channels: each race is about a request of its own. */
const MOST_RACES = 20;

/** Everybody who is in no channel asks to be a HIDDEN member of each, and people decide at random. */
async function run(commands: Race, index: number, { service, emulator }: TestAdmission) {
  const channel = ['lobby', 'square', 'board', 'guild'][index % 4] ?? '';
  const member = ['alice', 'carol', 'dave', 'erin', 'frank'][index % 5] ?? '';
  const memberArn = emulator.user(member);
  const asked = valueOf(await service.join({ channelArn: emulator.channel(channel), memberArn, type: 'HIDDEN' }));
  expect(asked.state).toBe('pending');
  const answers = await Promise.all(
    commands.map(async ({ at, decision, by }) => {
      await wait(at);
      if (decision === 'withdraw') return service.withdraw(asked.id, { actor: { principal: memberArn } });
      return service.review(asked.id, { actor: { principal: emulator.user(by) }, decision });
    }),
  );
  const view = valueOf(await service.wait(asked.id));
  const channelArn = emulator.channel(channel);
  const writes: (Call & { channelArn?: string })[] = await emulator.calls('CreateChannelMembership', memberArn);
  return {
    asked,
    outcome: view.outcome,
    reviews: view.approvals.length,
    decided: answers.flatMap((answer, i) => (answer.ok ? [commands[i]?.decision] : [])),
    // Given, but nobody was told in time what became of it: it may have counted.
    lost: answers.flatMap((answer, i) =>
      !answer.ok && answer.error.code === 'NoWorker' ? [commands[i]?.decision] : [],
    ),
    refused: [
      ...new Set(
        answers.flatMap((answer) => (answer.ok || answer.error.code === 'NoWorker' ? [] : [answer.error.code])),
      ),
    ],
    writes: writes.filter((call) => call.status === 201 && call.channelArn === channelArn).length,
  };
}

const OUTCOMES = { approve: 'joined', deny: 'denied', withdraw: 'withdrawn' } as const;

test.each([
  ['a worker that stays', false],
  ['a worker that is replaced meanwhile', true],
])(
  'with %s, of contradicting commands around the expiry one counts, and every history replays',
  async (_, replaced) => {
    const seed = Date.now();
    const races = sample(race, { numRuns: inLane({ short: 10, long: MOST_RACES }), seed });
    const admission = await startAdmission({ ADMISSION_EXPIRE_AFTER: `${EXPIRE_AFTER_MS}ms` }, { worker: false });
    const stopFirst = await startTestWorker(admission.env);
    let stopLast = stopFirst;
    try {
      // Slow reads hold the task in which an actor is verified, while more commands and the expiry come in.
      for (const by of ['mona', 'max']) {
        const options = { count: 20, memberArn: admission.emulator.user(by) };
        await admission.emulator.fault('DescribeChannelModerator', { kind: 'delay', ms: 80 }, options);
      }
      const results = Promise.all(races.map(async (commands, index) => run(commands, index, admission)));
      if (replaced) {
        await wait(EXPIRE_AFTER_MS);
        stopLast = await startTestWorker(admission.env);
        await stopFirst();
      }
      const ends = await results;
      const failures = await replayFailures(
        admission.client,
        ends.map(({ asked }) => asked),
      );
      expect({ seed, failures }).toEqual({ seed, failures: {} });
      for (const [index, { outcome, decided, lost, refused, writes, reviews }] of ends.entries()) {
        const unheard = lost.find((decision) => decision && OUTCOMES[decision] === outcome);
        const winner = decided[0] ?? unheard;
        const expected = winner ? OUTCOMES[winner] : 'expired';
        const which = { seed, index, commands: races[index] };
        expect({ ...which, outcome, winners: decided.length, writes, reviews, refused }).toEqual({
          ...which,
          outcome: expected,
          winners: decided.length === 0 && unheard ? 0 : winner ? 1 : 0,
          writes: expected === 'joined' ? 1 : 0,
          reviews: winner && winner !== 'withdraw' ? 1 : 0,
          refused: refused.length === 0 ? [] : ['AlreadyResolved'],
        });
      }
    } finally {
      await stopLast();
      await admission.close();
    }
  },
);
