import { expect, test } from 'vitest';
import { pageFrom, pageOf } from '../../../src/domain/onboarding/page.ts';
import { viewOf } from '../../../src/domain/onboarding/view.ts';
import { begun, form, join, moved } from '../../onboarding/support.ts';

test('the page of a flow of 100 steps with long texts stays one that can be overlooked', () => {
  const long = '<b>*x*</b> '.repeat(60);
  const steps = Array.from({ length: 99 }, (_, index) =>
    form(`form-${index}`, { prompt: long, title: 'x'.repeat(100) }),
  );
  const one = moved(begun([...steps, join('team')]));
  for (const { id } of one.view.steps.slice(0, 40)) one.give('skip', { step: id });
  const page = pageOf(one.state);
  expect(page.length).toBeLessThan(15_001);
  for (const told of [
    'Running: 40 %, 40 of 100 steps',
    '**Now** `form-40`',
    '**Still to come**',
    'more',
    '**How to act**',
  ])
    expect(page).toContain(told);
});

test.each([
  ['completed', 'Completed'],
  ['stopped', 'Stopped'],
  ['cancelled', 'Cancelled'],
  ['failed', 'Failed'],
] as const)('what ended as %s says so above the fold, and when', (outcome, text) => {
  const view = viewOf(begun([join('team')]));
  const closedAt = '2026-11-24T08:00:00.000Z';
  const [headline] = pageFrom({ ...view, state: 'closed', outcome, closedAt }, []).split('\n');
  expect(headline).toBe(`### ${text} at ${closedAt}: 0 %, 0 of 1 steps have ended.`);
});
