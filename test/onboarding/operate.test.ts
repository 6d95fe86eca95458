import { expect, test } from 'vitest';
import { refusedCommand } from '../../src/domain/onboarding/allowed.ts';
import { hint, looking, report, withChild } from '../../src/domain/onboarding/children.ts';
import { failStep } from '../../src/domain/onboarding/ending.ts';
import { pause, resume, skip } from '../../src/domain/onboarding/operate.ts';
import { todoOf } from '../../src/domain/onboarding/todo.ts';
import { at, child, deed, join, joined, message, recordOf, START, user } from './support.ts';

test('a step is not tried again before its request has ended: what that comes to would be forgotten', () => {
  const begun = withChild(at(recordOf([join('a', { onFailure: 'hold' })]), START), 'a', child('a'));
  const held = failStep(begun, 'a', { type: 'StepOverdue', message: 'no' }, START);
  const command = { actor: { principal: user('ada') }, step: 'a', reason: 'x' };
  expect(refusedCommand({ name: 'retryStep', command }, held)).toMatchObject({ code: 'NotPending' });
  const ended = report(held, 'a', joined, START);
  expect(ended).toMatchObject({ state: 'incident', grants: [{ step: 'a' }] });
  expect(refusedCommand({ name: 'retryStep', command }, ended)).toBeUndefined();
});

test('what a request says while it is looked at is a reason to look again', () => {
  const begun = withChild(at(recordOf([join('a', { term: '9d' })]), START), 'a', child('a'));
  const hinted = hint(looking(hint(begun, 'join:a'), 'a'), 'join:a');
  const seen = report(hinted, 'a', { state: 'pending', outcome: null }, START);
  expect(todoOf(seen)).toMatchObject({ do: 'look', step: 'a' });
  const once = report(looking(hint(begun, 'join:a'), 'a'), 'a', { state: 'pending', outcome: null }, START);
  expect(todoOf(once)).toBeUndefined();
});

test.each(['compensate-and-stop', 'hold', 'skip', 'fail'])(
  'a step under %s that fails while the onboarding is paused is tried again when it is resumed',
  (onFailure) => {
    const paused = pause(at(recordOf([message('a', { onFailure })]), START), START);
    const failed = failStep(paused, 'a', { type: 'X', message: 'x' }, START);
    expect(failed).toMatchObject({ state: 'paused', steps: [{ status: 'now' }] });
    expect(todoOf(resume(failed, START))).toMatchObject({ do: 'send' });
  },
);

test('an onboarding whose last step is skipped takes its request back before it is completed', () => {
  const begun = withChild(at(recordOf([join('a')]), START), 'a', child('a'));
  const skipped = at(skip(begun, 'a', deed), START);
  expect(skipped.state).toBe('running');
  expect(todoOf(skipped)).toMatchObject({ do: 'withdraw', step: 'a' });
  expect(at(report(skipped, 'a', { state: 'closed', outcome: 'withdrawn' }, START), START)).toMatchObject({
    state: 'closed',
    outcome: 'completed',
  });
});
