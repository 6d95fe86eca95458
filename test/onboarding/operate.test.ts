import { expect, test } from 'vitest';
import { refusedCommand } from '../../src/domain/onboarding/allowed.ts';
import { report, withChild } from '../../src/domain/onboarding/children.ts';
import { failStep } from '../../src/domain/onboarding/ending.ts';
import { skip } from '../../src/domain/onboarding/operate.ts';
import { todoOf } from '../../src/domain/onboarding/todo.ts';
import { at, child, deed, join, joined, recordOf, START, user } from './support.ts';

test('a step is not tried again before its request has ended: what that comes to would be forgotten', () => {
  const begun = withChild(at(recordOf([join('a', { onFailure: 'hold' })]), START), 'a', child('a'));
  const held = failStep(begun, 'a', { type: 'StepOverdue', message: 'no' }, START);
  const command = { actor: { principal: user('ada') }, step: 'a', reason: 'x' };
  expect(refusedCommand({ name: 'retryStep', command }, held)).toMatchObject({ code: 'NotPending' });
  const ended = report(held, 'a', joined, START);
  expect(ended).toMatchObject({ state: 'incident', grants: [{ step: 'a' }] });
  expect(refusedCommand({ name: 'retryStep', command }, ended)).toBeUndefined();
});

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
