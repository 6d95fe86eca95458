import { describe, expect, test } from 'vitest';
import type { State } from '../../../src/domain/onboarding/state.ts';
import { failStep } from '../../../src/domain/onboarding/lifecycle.ts';
import { isUnderway } from '../../../src/domain/onboarding/steps.ts';
import {
  ADA,
  ALICE,
  approval,
  begun,
  DAY,
  form,
  GRANT,
  HOUR,
  iso,
  join,
  joined,
  message,
  moved,
  START,
  user,
  wait,
} from '../../onboarding/support.ts';

type Moved = ReturnType<typeof moved>;
const statuses = ({ view }: Moved) => view.steps.map(({ status }) => status).join(' ');
const of = (steps: readonly object[]) => moved(begun(steps));
const withdrawn = { state: 'closed', outcome: 'withdrawn' } as const;
const cancel = { compensate: true };

test('steps are taken one after the other, and what is not needed is left out', () => {
  const one = of([
    form('form'),
    wait('pause', { for: '2d', if: { answer: 'form.role', equals: 'x' } }),
    wait('week', { for: '7d' }),
    join('team'),
  ]);
  expect(statuses(one)).toBe('now future future future');
  one.at(START + HOUR).give('submitInput', { step: 'form', answers: { role: 'y' } }, ALICE);
  expect(statuses(one)).toBe('done notNeeded now future');
  expect(one.view.next).toEqual({ at: iso(START + HOUR + 7 * DAY), what: 'week: the wait is over' });
  one.time(START + 7 * DAY);
  expect(statuses(one)).toBe('done notNeeded now future');
  one.time(START + HOUR + 7 * DAY);
  expect([statuses(one), one.view.percent]).toEqual(['done notNeeded done now', 75]);
  expect(one.next).toMatchObject({ do: 'startChild', step: 'team' });
  one
    .at(START + 8 * DAY)
    .starts('team')
    .hears('team', joined);
  expect(one.view).toMatchObject({ state: 'closed', outcome: 'completed', grants: [{ step: 'team', grant: GRANT }] });
});

test('people are reminded before a step is due, and it fails when it is overdue', () => {
  const one = of([form('form', { dueIn: '3d', remind: ['1d', '2d'], onFailure: 'skip' }), join('team')]);
  expect(one.view.steps[0]).toMatchObject({
    dueAt: iso(START + 3 * DAY),
    remindAt: [iso(START + DAY), iso(START + 2 * DAY)],
  });
  expect(one.time(START + DAY)).toEqual(['onboardingInput']);
  expect(one.time(START + DAY)).toEqual([]);
  one.time(START + 3 * DAY);
  expect(one.view.steps).toMatchObject([{ status: 'failed', error: { type: 'StepOverdue' } }, { status: 'now' }]);
});

test('a reminder that would have come before the step began is left out', () => {
  const one = of([wait('day'), form('form', { dueIn: '3d', remind: ['5d', '1d'] }), join('team')]);
  expect(one.time(START + DAY)).toEqual(['onboardingInput']);
  expect(one.view.steps[1]?.remindAt).toEqual([iso(START + 3 * DAY)]);
});

test('without a due time, people are reminded so long after the step began', () => {
  const one = of([form('form', { remind: ['2d', '1d'] }), join('team')]);
  expect(one.view.steps[0]?.remindAt).toEqual([iso(START + DAY), iso(START + 2 * DAY)]);
});

test('a step that is tried again by itself waits its time, and so often only', () => {
  const one = of([message('hello', { retry: { times: 2, after: '1h' } }), join('team')]);
  for (const tries of [1, 2]) {
    one.fails();
    expect(one.view.steps[0]).toMatchObject({ status: 'now', tries, retryAt: iso(START + tries * HOUR) });
    expect(one.next).toBeUndefined();
    one.time(START + tries * HOUR);
    expect(one.next).toMatchObject({ do: 'sendMessage' });
  }
  one.fails();
  expect(one.view).toMatchObject({
    outcome: 'stopped',
    ending: { outcome: 'stopped', compensate: true },
    error: { type: 'X' },
  });
});

/** Its request is open as it becomes overdue. */
const failing = (onFailure: string) => {
  const one = of([join('a', { onFailure, dueIn: '1d' }), join('b')]).starts('a');
  one.time(START + DAY);
  return one;
};
const taken = (one: Moved) => one.hears('a', withdrawn);

describe('a step that fails for good', () => {
  const error = { type: 'StepOverdue' };
  test('under fail: its request is taken back, and the onboarding fails', () => {
    const one = failing('fail');
    expect(one.next).toMatchObject({ do: 'withdrawChild', id: 'join:a' });
    expect(taken(one).view).toMatchObject({ state: 'closed', outcome: 'failed', error });
  });

  test('under skip: the next step begins', () => {
    const { view } = failing('skip');
    expect(view).toMatchObject({ state: 'running', steps: [{ status: 'failed', error }, { status: 'now' }] });
  });

  test('under compensate-and-stop: it is stopped', () => {
    expect(taken(failing('compensate-and-stop')).view).toMatchObject({ state: 'closed', outcome: 'stopped' });
  });

  test('under hold: an operator decides, and in the end nobody does', () => {
    const held = taken(failing('hold')).state;
    expect(moved(held).view).toMatchObject({
      state: 'incident',
      incident: { step: 'a', during: 'step', error },
      steps: [{ status: 'now' }, {}],
    });
    const retried = moved(held);
    retried.give('retryStep', { step: 'a' });
    expect(retried.view).toMatchObject({ state: 'running', steps: [{ status: 'now', tries: 1 }, {}] });
    expect(retried.next).toMatchObject({ do: 'startChild' });
    const skipped = moved(held);
    skipped.give('skip', { step: 'a' });
    expect(skipped.view).toMatchObject({ state: 'running', steps: [{ status: 'skipped' }, { status: 'now' }] });
    const left = moved(held);
    left.time(START + 31 * DAY);
    expect(left.view).toMatchObject({ state: 'closed', outcome: 'failed', error });
  });
});

test('a membership that was there before is no grant', () => {
  const one = of([join('a'), wait('b')])
    .starts('a')
    .hears('a', { state: 'closed', outcome: 'alreadyMember' });
  expect(one.view).toMatchObject({ grants: [], steps: [{ status: 'done' }, {}] });
});

test('a membership that was granted and has ended since is nothing to remove', () => {
  const one = of([join('a', { term: '1d' }), wait('b')])
    .starts('a')
    .hears('a', { state: 'closed', outcome: 'revoked', grant: GRANT });
  expect(one.view).toMatchObject({ grants: [], steps: [{ status: 'done' }, {}] });
});

test('a join that is active is done, and its grant is known', () => {
  const one = of([join('a', { term: '14d' }), wait('b')])
    .starts('a')
    .hints('join:a', 'active')
    .comesTo({ state: 'active', outcome: null, grant: GRANT });
  expect(one.view).toMatchObject({
    grants: [{ step: 'a' }],
    steps: [{ status: 'done', child: { state: 'active' } }, {}],
  });
});

test('a request that is granted after its step was skipped is still a grant, and removed when it is cancelled', () => {
  const one = of([join('a'), wait('b')]).starts('a');
  one.give('skip', { step: 'a' });
  expect(one.next).toMatchObject({ do: 'withdrawChild', step: 'a' });
  one.hears('a', joined);
  expect(one.view).toMatchObject({
    grants: [{ step: 'a', grant: GRANT }],
    steps: [{ status: 'skipped' }, { status: 'now' }],
  });
  one.give('cancel', cancel);
  expect(one.next).toMatchObject({ do: 'removeGrant', index: 0 });
});

test('nothing is removed before every open request has ended', () => {
  const one = of([join('a'), join('b')])
    .starts('a')
    .hears('a', joined)
    .starts('b');
  one.give('cancel', cancel);
  expect(one.next).toMatchObject({ do: 'withdrawChild', step: 'b' });
  one.comesTo('asked');
  expect(one.next).toBeUndefined();
  one.hears('b', joined);
  expect(one.next).toMatchObject({ do: 'removeGrant', index: 1, grant: { step: 'b' } });
});

test('a removal that failed waits for an operator, who may leave the membership', () => {
  const one = of([join('a'), wait('b')])
    .starts('a')
    .hears('a', joined);
  one.give('cancel', cancel);
  const held = one.fails({ type: 'ForbiddenException', message: 'no' }).state;
  expect(moved(held).view.incident).toMatchObject({ step: 'a', during: 'removal' });
  const retried = moved(held);
  retried.give('retryStep', { step: 'a' });
  expect(retried.next).toMatchObject({ do: 'removeGrant' });
  const skipped = moved(held);
  skipped.give('skip', { step: 'a' });
  expect(skipped.view).toMatchObject({ state: 'closed', outcome: 'cancelled', grants: [{ settled: 'kept' }] });
});

test('while it is paused time stands still, and afterwards everything comes later by as long', () => {
  const one = of([wait('week', { for: '7d' }), join('team')]);
  one.at(START + DAY).give('pause');
  const paused = one.state;
  one.time(START + 100 * DAY);
  expect(one.state).toEqual(paused);
  expect(one.view.next).toBeUndefined();
  const resumed = moved(paused);
  resumed.at(START + 11 * DAY).give('resume');
  expect(resumed.view.pausedAt).toBeUndefined();
  expect(resumed.view.next?.at).toBe(iso(START + 17 * DAY));
});

test('due times, reminders and an approval that is open come later too', () => {
  const one = of([approval('check', { dueIn: '10d', remind: ['1d'] })]).comesTo({
    people: [{ arn: user('max'), roles: ['channel_moderator'], matched: [] }],
    reviewDigest: '0'.repeat(64),
  });
  one.at(START + DAY).give('pause');
  one.at(START + 6 * DAY).give('resume');
  expect(one.view.steps[0]).toMatchObject({
    dueAt: iso(START + 15 * DAY),
    remindAt: [iso(START + 14 * DAY)],
    panel: { dueAt: iso(START + 15 * DAY), requirements: [{ stages: [{ startedAt: iso(START + 5 * DAY) }] }] },
  });
});

test('what a request comes to while it is paused counts when it is resumed', () => {
  const one = of([join('a'), wait('b')]).starts('a');
  one.give('pause');
  one.hears('a', { state: 'closed', outcome: 'denied' });
  expect([one.view.state, one.view.steps[0]?.status, one.next]).toEqual(['paused', 'now', undefined]);
  one.give('resume');
  expect(one.next).toMatchObject({ do: 'lookAtChild', step: 'a' });
});

test('a child that is taken back is not taken back twice', () => {
  const one = of([join('a'), wait('b')]).starts('a');
  one.give('skip', { step: 'a' });
  one.comesTo('asked').give('cancel', cancel);
  expect(one.view.steps[0]?.child).toMatchObject({ withdraw: 'asked' });
  expect(one.next).toBeUndefined();
});

/** Whose course is known. */
function underway(state: State) {
  if (!isUnderway(state)) throw new Error(state.state);
  return state;
}

test.each(['fail', 'hold', 'compensate-and-stop', 'skip'])(
  'what fails once the onboarding ends changes nothing of how it ends (onFailure: %s)',
  (onFailure) => {
    const one = of([join('a', { onFailure })]).starts('a');
    one.give('cancel', cancel, ADA);
    const ending = underway(one.state);
    expect(failStep(ending, 'a', { type: 'X', message: 'x' }, START)).toBe(ending);
  },
);
