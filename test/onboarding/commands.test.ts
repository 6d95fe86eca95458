import { expect, test } from 'vitest';
import { refusedCommand } from '../../src/domain/onboarding/allowed.ts';
import { pause } from '../../src/domain/onboarding/operate.ts';
import { at, form, join, recordOf, START, user } from './support.ts';

const actor = (id: string) => ({ principal: user(id) });
const running = at(recordOf([form('form'), join('team'), form('later')]), START);

test.each([
  [
    'an answer by somebody else',
    'submitInput',
    { actor: actor('mona'), step: 'form', answers: { role: 'x' } },
    running,
    'NotYours',
  ],
  [
    'an answer to a later step',
    'submitInput',
    { actor: actor('alice'), step: 'later', answers: { role: 'x' } },
    running,
    'NotPending',
  ],
  ['an answer to a join', 'submitInput', { actor: actor('alice'), step: 'team', answers: {} }, running, 'UnknownStep'],
  [
    'an answer while paused',
    'submitInput',
    { actor: actor('alice'), step: 'form', answers: { role: 'x' } },
    pause(running, START),
    'NotPending',
  ],
  ['a review of a form', 'review', { actor: actor('max'), step: 'form', decision: 'approve' }, running, 'UnknownStep'],
  [
    'a retry of what has not failed',
    'retryStep',
    { actor: actor('ada'), step: 'form', reason: 'x' },
    running,
    'NoIncident',
  ],
  ['a skip of nothing', 'skip', { actor: actor('ada'), step: 'nothing', reason: 'x' }, running, 'UnknownStep'],
  ['a skip by the member', 'skip', { actor: actor('alice'), step: 'form', reason: 'x' }, running, 'OwnRequest'],
  ['a resume of what is not paused', 'resume', { actor: actor('ada'), reason: 'x' }, running, 'NotPending'],
  ['a second pause', 'pause', { actor: actor('ada'), reason: 'x' }, pause(running, START), 'NotPending'],
  [
    'anything after the end',
    'cancel',
    { actor: actor('ada'), reason: 'x', compensate: true },
    { ...running, state: 'closed' },
    'AlreadyResolved',
  ],
] as const)('%s is refused', (_, name, command, record, code) => {
  expect(refusedCommand({ name, command } as Parameters<typeof refusedCommand>[0], record)?.code).toBe(code);
});

test('the member’s answer is taken, and an operator may skip now or ahead', () => {
  const answers = {
    name: 'submitInput',
    command: { actor: actor('alice'), step: 'form', answers: { role: 'x' } },
  } as const;
  expect(refusedCommand(answers, running)).toBeUndefined();
  for (const step of ['form', 'team', 'later']) {
    expect(
      refusedCommand({ name: 'skip', command: { actor: actor('ada'), step, reason: 'x' } }, running),
    ).toBeUndefined();
  }
});
