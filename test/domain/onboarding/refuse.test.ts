import { expect, test } from 'vitest';
import type { OnboardingCommand } from '../../../src/domain/onboarding/commands.ts';
import { refuse } from '../../../src/domain/onboarding/refuse.ts';
import { begun, form, join, moved, user } from '../../onboarding/support.ts';

const actor = (id: string) => ({ principal: user(id) });
const running = begun([form('form'), join('team'), form('later')]);
const after = (name: 'pause' | 'cancel') => {
  const one = moved(running);
  one.give(name, { compensate: false });
  return one.state;
};
const [paused, closed] = [after('pause'), after('cancel')];

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
    paused,
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
  ['a second pause', 'pause', { actor: actor('ada'), reason: 'x' }, paused, 'NotPending'],
  [
    'anything after the end',
    'cancel',
    { actor: actor('ada'), reason: 'x', compensate: true },
    closed,
    'AlreadyResolved',
  ],
] as const)('%s is refused', (_, name, command, state, code) => {
  expect(refuse(state, { name, command } as OnboardingCommand)?.code).toBe(code);
});

test('the member’s answer is taken, and an operator may skip now or ahead', () => {
  const answers = {
    name: 'submitInput',
    command: { actor: actor('alice'), step: 'form', answers: { role: 'x' } },
  } as const;
  expect(refuse(running, answers)).toBeUndefined();
  for (const step of ['form', 'team', 'later']) {
    expect(refuse(running, { name: 'skip', command: { actor: actor('ada'), step, reason: 'x' } })).toBeUndefined();
  }
});
