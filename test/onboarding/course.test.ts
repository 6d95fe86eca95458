import { describe, expect, test } from 'vitest';
import { openPanel } from '../../src/domain/approval/change.ts';
import { advance } from '../../src/domain/onboarding/advance.ts';
import { report, withChild } from '../../src/domain/onboarding/children.ts';
import { end, failStep, withoutChild } from '../../src/domain/onboarding/ending.ts';
import { answer, pause, resume, retryStep, skip } from '../../src/domain/onboarding/operate.ts';
import type { OnboardingRecord } from '../../src/domain/onboarding/state.ts';
import { currentStep, percentOf, stateOf, withStep } from '../../src/domain/onboarding/steps.ts';
import type { StepOf } from '../../src/domain/onboarding/step.ts';
import { todoOf } from '../../src/domain/onboarding/todo.ts';
import { nextOf } from '../../src/domain/onboarding/upcoming.ts';
import {
  approval,
  at,
  child,
  DAY,
  deed,
  form,
  GRANT,
  HOUR,
  iso,
  join,
  joined,
  message,
  recordOf,
  START,
  wait,
  user,
} from './support.ts';

const statuses = ({ steps }: OnboardingRecord) => steps.map(({ status }) => status).join(' ');
const taken = (record: OnboardingRecord) =>
  at(report(record, 'a', { state: 'closed', outcome: 'withdrawn' }, START), START);

test('steps are taken one after the other, and what is not needed is left out', () => {
  let record = at(
    recordOf([
      form('form'),
      wait('pause', { for: '2d', if: { answer: 'form.role', equals: 'x' } }),
      wait('week', { for: '7d' }),
      join('team'),
    ]),
    START,
  );
  expect(statuses(record)).toBe('now future future future');
  record = at(answer(record, 'form', { ...deed, answers: { role: 'y' } }, START + HOUR), START + HOUR);
  expect(statuses(record)).toBe('done notNeeded now future');
  expect(nextOf(record)).toEqual({ at: iso(START + HOUR + 7 * DAY), what: 'week: the wait is over' });
  expect(statuses(at(record, START + 7 * DAY))).toBe('done notNeeded now future');
  record = at(record, START + HOUR + 7 * DAY);
  expect([statuses(record), percentOf(record)]).toEqual(['done notNeeded done now', 75]);
  expect(todoOf(record)).toMatchObject({ do: 'join', step: { id: 'team' } });
  record = at(report(withChild(record, 'team', child('team')), 'team', joined, START + 8 * DAY), START + 8 * DAY);
  expect(record).toMatchObject({ state: 'closed', outcome: 'completed', grants: [{ step: 'team', grant: GRANT }] });
});

test('people are reminded before a step is due, and it fails when it is overdue', () => {
  let record = at(
    recordOf([form('form', { dueIn: '3d', remind: ['1d', '2d'], onFailure: 'skip' }), join('team')]),
    START,
  );
  expect(stateOf(record, 'form')).toMatchObject({
    dueAt: iso(START + 3 * DAY),
    remindAt: [iso(START + DAY), iso(START + 2 * DAY)],
  });
  const first = advance(record, START + DAY);
  expect(first.told).toEqual([{ kind: 'remind', step: 'form' }]);
  expect(advance(first.record, START + DAY).told).toEqual([]);
  record = at(first.record, START + 3 * DAY);
  expect(stateOf(record, 'form')).toMatchObject({ status: 'failed', error: { type: 'StepOverdue' } });
  expect(currentStep(record)?.step.id).toBe('team');
});

test('a reminder that would have come before the step began is left out', () => {
  const { record, told } = advance(
    recordOf([form('form', { dueIn: '3d', remind: ['5d', '1d'] }), join('team')]),
    START,
  );
  expect(told).toEqual([{ kind: 'input', step: 'form' }]);
  expect(stateOf(record, 'form')?.remindAt).toEqual([iso(START + 2 * DAY)]);
});

test('without a due time, people are reminded so long after the step began', () => {
  const record = at(recordOf([form('form', { remind: ['2d', '1d'] }), join('team')]), START);
  expect(stateOf(record, 'form')?.remindAt).toEqual([iso(START + DAY), iso(START + 2 * DAY)]);
});

test('a step that is tried again by itself waits its time, and so often only', () => {
  const error = { type: 'Forbidden', message: 'no' };
  let record = at(recordOf([message('hello', { retry: { times: 2, after: '1h' } }), join('team')]), START);
  for (const tries of [1, 2]) {
    record = failStep(record, 'hello', error, START);
    expect(stateOf(record, 'hello')).toMatchObject({ status: 'now', tries, retryAt: iso(START + HOUR) });
    expect(todoOf(record)).toBeUndefined();
    record = at(record, START + HOUR);
    expect(todoOf(record)).toMatchObject({ do: 'send' });
  }
  expect(failStep(record, 'hello', error, START)).toMatchObject({
    state: 'ending',
    ending: { outcome: 'stopped', compensate: true },
  });
});

describe('a step that fails for good', () => {
  const error = { type: 'JoinDenied', message: 'no' };
  const failing = (onFailure: string) => {
    const record = at(recordOf([join('a', { onFailure }), join('b')]), START);
    return at(failStep(withChild(record, 'a', child('a')), 'a', error, START), START);
  };

  test('under fail: its request is taken back, and the onboarding fails', () => {
    const record = failing('fail');
    expect(todoOf(record)).toMatchObject({ do: 'withdraw', child: 'join:a' });
    expect(taken(record)).toMatchObject({ state: 'closed', outcome: 'failed', error });
  });

  test('under skip: the next step begins', () => {
    expect(failing('skip')).toMatchObject({
      state: 'running',
      steps: [{ status: 'failed', error }, { status: 'now' }],
    });
  });

  test('under compensate-and-stop: it is stopped', () => {
    expect(taken(failing('compensate-and-stop'))).toMatchObject({ state: 'closed', outcome: 'stopped' });
  });

  test('under hold: an operator decides, and in the end nobody does', () => {
    const record = taken(failing('hold'));
    expect(record).toMatchObject({
      state: 'incident',
      incident: { step: 'a', during: 'step', error },
      steps: [{ status: 'now' }, {}],
    });
    expect(at(retryStep(record, 'a', START), START)).toMatchObject({
      state: 'running',
      steps: [{ status: 'now', tries: 1 }, {}],
    });
    expect(todoOf(retryStep(record, 'a', START))).toMatchObject({ do: 'join' });
    expect(at(skip(record, 'a', deed), START)).toMatchObject({
      state: 'running',
      steps: [{ status: 'skipped' }, { status: 'now' }],
    });
    expect(at(record, START + 30 * DAY)).toMatchObject({ state: 'closed', outcome: 'failed', error });
  });
});

test('a membership that was there before is no grant', () => {
  const record = at(recordOf([join('a'), wait('b')]), START);
  const member = report(withChild(record, 'a', child('a')), 'a', { state: 'closed', outcome: 'alreadyMember' }, START);
  expect(member).toMatchObject({ grants: [], steps: [{ status: 'done' }, {}] });
});

test('a membership that was granted and has ended since is nothing to remove', () => {
  const record = at(recordOf([join('a', { term: '1d' }), wait('b')]), START);
  const view = { state: 'closed', outcome: 'revoked', grant: GRANT } as const;
  expect(report(withChild(record, 'a', child('a')), 'a', view, START)).toMatchObject({
    grants: [],
    steps: [{ status: 'done' }, {}],
  });
});

test('a join that is active is done, and its grant is known', () => {
  const record = at(recordOf([join('a', { term: '14d' }), wait('b')]), START);
  const active = report(
    withChild(record, 'a', child('a')),
    'a',
    { state: 'active', outcome: null, grant: GRANT },
    START,
  );
  expect(active).toMatchObject({
    grants: [{ step: 'a' }],
    steps: [{ status: 'done', child: { state: 'active' } }, {}],
  });
});

test('a request that is granted after its step was skipped is still a grant, and removed when it is cancelled', () => {
  let record = withChild(at(recordOf([join('a'), wait('b')]), START), 'a', child('a'));
  record = at(skip(record, 'a', deed), START);
  expect(todoOf(record)).toMatchObject({ do: 'withdraw', step: 'a' });
  record = report(record, 'a', joined, START);
  expect(record).toMatchObject({
    grants: [{ step: 'a', grant: GRANT }],
    steps: [{ status: 'skipped' }, { status: 'now' }],
  });
  record = at(end(record, { outcome: 'cancelled', compensate: true, reason: 'x' }), START);
  expect(todoOf(record)).toMatchObject({ do: 'remove', index: 0 });
});

test('nothing is removed before every open request has ended', () => {
  let record = recordOf([join('a'), join('b')]);
  record = report(withChild(at(record, START), 'a', child('a')), 'a', joined, START);
  record = withChild(at(record, START), 'b', child('b'));
  record = at(end(record, { outcome: 'cancelled', compensate: true, reason: 'x' }), START);
  expect(todoOf(record)).toMatchObject({ do: 'withdraw', step: 'b' });
  record = withStep(record, 'b', { child: { ...child('b'), withdraw: 'asked' } });
  expect(todoOf(record)).toBeUndefined();
  record = at(report(record, 'b', joined, START), START);
  expect(todoOf(record)).toMatchObject({ do: 'remove', index: 1, grant: { step: 'b' } });
});

test('a removal that failed waits for an operator, who may leave the membership', () => {
  let record = report(withChild(at(recordOf([join('a'), wait('b')]), START), 'a', child('a')), 'a', joined, START);
  record = at(end(record, { outcome: 'cancelled', compensate: true, reason: 'x' }), START);
  const error = { type: 'ForbiddenException', message: 'no' };
  record = {
    ...record,
    state: 'incident',
    incident: { step: 'a', during: 'removal', error, at: iso(START), dueAt: iso(START + DAY) },
  };
  expect(todoOf(at(retryStep(record, 'a', START), START))).toMatchObject({ do: 'remove' });
  expect(at(skip(record, 'a', deed), START)).toMatchObject({
    state: 'closed',
    outcome: 'cancelled',
    grants: [{ settled: 'kept' }],
  });
});

test('while it is paused time stands still, and afterwards everything comes later by as long', () => {
  const running = at(recordOf([wait('week', { for: '7d' }), join('team')]), START);
  const paused = pause(running, START + DAY);
  expect(at(paused, START + 100 * DAY)).toEqual(paused);
  expect(nextOf(paused)).toBeUndefined();
  const resumed = resume(paused, START + 11 * DAY);
  expect(resumed.pausedAt).toBeUndefined();
  expect(nextOf(resumed)?.at).toBe(iso(START + 17 * DAY));
});

test('due times, reminders and an approval that is open come later too', () => {
  const running = at(recordOf([approval('check', { dueIn: '10d', remind: ['1d'] })]), START);
  const { requirement } = running.flow.steps[0] as StepOf<'approval'>;
  const { panel } = openPanel({
    requirements: [{ ...requirement, binding: 'check' }],
    people: [{ arn: user('max'), roles: ['channel_moderator'], matched: [] }],
    excluded: [],
    requestDigest: '',
    at: START,
    dueAt: START + 10 * DAY,
  });
  const resumed = resume(pause(withStep(running, 'check', { panel }), START + DAY), START + 6 * DAY);
  expect(stateOf(resumed, 'check')).toMatchObject({
    dueAt: iso(START + 15 * DAY),
    remindAt: [iso(START + 14 * DAY)],
    panel: { dueAt: iso(START + 15 * DAY), requirements: [{ stages: [{ startedAt: iso(START + 5 * DAY) }] }] },
  });
});

test('what a request comes to while it is paused counts when it is resumed', () => {
  let record = withChild(at(recordOf([join('a'), wait('b')]), START), 'a', child('a'));
  record = report(pause(record, START), 'a', { state: 'closed', outcome: 'denied' }, START);
  expect([record.state, stateOf(record, 'a')?.status, todoOf(record)]).toEqual(['paused', 'now', undefined]);
  expect(todoOf(resume(record, START))).toMatchObject({ do: 'look', step: 'a' });
});

test('a child that is taken back is not taken back twice', () => {
  const record = withChild(at(recordOf([join('a'), wait('b')]), START), 'a', child('a'));
  const once = withoutChild(record, 'a');
  expect(withoutChild(once, 'a')).toBe(once);
});

test.each(['fail', 'hold', 'compensate-and-stop', 'skip'])(
  'what fails once the onboarding ends changes nothing of how it ends (onFailure: %s)',
  (onFailure) => {
    const running = at(recordOf([message('hello', { onFailure })]), START);
    const ending = end(running, { outcome: 'cancelled', compensate: true, reason: 'x' });
    expect(failStep(ending, 'hello', { type: 'X', message: 'x' }, START)).toBe(ending);
  },
);
