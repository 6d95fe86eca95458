import { expect, test } from 'vitest';
import { begun, DAY, join, joined, message, moved, START } from '../../onboarding/support.ts';

test('a step is not tried again before its request has ended: what that comes to would be forgotten', () => {
  const one = moved(begun([join('a', { onFailure: 'hold', dueIn: '1d' })])).starts('a');
  one.time(START + DAY);
  expect(one.give('retryStep', { step: 'a' })).toMatchObject({ code: 'NotPending' });
  one.hears('a', joined);
  expect(one.view).toMatchObject({ state: 'incident', grants: [{ step: 'a' }] });
  expect(one.give('retryStep', { step: 'a' })).not.toHaveProperty('code');
});

test('what a request says while it is looked at is a reason to look again', () => {
  const open = { state: 'pending', outcome: null } as const;
  const one = moved(begun([join('a', { term: '9d' })])).starts('a');
  one.hints('join:a');
  expect(one.next).toMatchObject({ do: 'lookAtChild', step: 'a' });
  one.hints('join:a').comesTo(open);
  expect(one.next).toMatchObject({ do: 'lookAtChild', step: 'a' });
  one.comesTo(open);
  expect(one.next).toBeUndefined();
});

test.each(['compensate-and-stop', 'hold', 'skip', 'fail'])(
  'a step under %s that fails while the onboarding is paused is tried again when it is resumed',
  (onFailure) => {
    const one = moved(begun([message('a', { onFailure })]));
    one.give('pause');
    one.fails();
    expect(one.view).toMatchObject({ state: 'paused', steps: [{ status: 'now' }] });
    expect(one.next).toBeUndefined();
    one.give('resume');
    expect(one.next).toMatchObject({ do: 'sendMessage' });
  },
);

test('a message that is on its way arrives while the onboarding is paused', () => {
  const one = moved(begun([message('a'), join('b')]));
  one.give('pause');
  one.comesTo(null);
  expect(one.view).toMatchObject({ state: 'paused', steps: [{ status: 'done' }, { status: 'future' }] });
});

test('an onboarding whose last step is skipped takes its request back before it is completed', () => {
  const one = moved(begun([join('a')])).starts('a');
  one.give('skip', { step: 'a' });
  expect(one.view.state).toBe('running');
  expect(one.next).toMatchObject({ do: 'withdrawChild', step: 'a' });
  one.hears('a', { state: 'closed', outcome: 'withdrawn' });
  expect(one.view).toMatchObject({ state: 'closed', outcome: 'completed' });
});

test('a request that is being started is known before the onboarding ends, and taken back', () => {
  const one = moved(begun([join('a', { onFailure: 'hold', dueIn: '1d' })]));
  const effect = one.next;
  one.starting();
  one.give('cancel', { compensate: true });
  expect([one.view.state, one.next]).toEqual(['ending', undefined]);
  one.result(effect, { firstRunId: 'first-a' });
  expect(one.next).toMatchObject({ do: 'withdrawChild', step: 'a' });
});

test('what an earlier request of a step comes to is nothing to the next one', () => {
  const one = moved(begun([join('a', { retry: { times: 1, after: '1h' } })])).starts('a');
  one.hears('a', { state: 'closed', outcome: 'denied' });
  one.time(START + DAY);
  one.comesTo({ firstRunId: 'second' });
  one.hearsOf('a', 'first-a', { state: 'closed', outcome: 'denied' });
  expect(one.view).toMatchObject({ state: 'running', steps: [{ status: 'now', child: { state: 'open' } }] });
});
