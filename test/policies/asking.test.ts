import { expect, test } from 'vitest';
import { answersByBinding } from '../../src/policies/run-policy.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicyContext } from '../../src/policies/policy.ts';
import { bindingThat, evaluateOn, factsOf, requestOf } from './fixtures.ts';

const requestedAt = new Date('2026-11-20T12:00:00.000Z');

type Context = PolicyContext<unknown, never, object>;

/** What each of two policies is given. */
async function contexts(answers: Readonly<Record<string, Record<string, unknown>>>, spoil = false) {
  const seen: Record<string, Context> = {};
  const looking = (name: string) =>
    bindingThat(
      (_request, context) => {
        const { answers: given, requestedAt: at } = context;
        seen[name] = { ...context, requestedAt: new Date(at), ...(given ? { answers: structuredClone(given) } : {}) };
        if (spoil) Object.assign(context.answers ?? {}, { spoiled: true });
        if (spoil) context.requestedAt.setFullYear(1999);
        return { verdict: 'allow' };
      },
      { name },
    );
  const set = createPolicySet([looking('first'), looking('second')]);
  const asking = { purpose: 'extend' as const, requestedAt, answers };
  await evaluateOn(set, requestOf(), factsOf(), () => undefined, asking);
  return seen;
}

test('a policy gets the answers to its own binding, and no others', async () => {
  const seen = await contexts({ first: { team: 'blue' }, third: { team: 'red' } });
  expect(seen['first']).toMatchObject({ answers: { team: 'blue' }, requestedAt, purpose: 'extend' });
  expect(seen['second']).toMatchObject({ requestedAt, purpose: 'extend', askedBy: requestOf().requestedBy });
  expect(seen['second']).not.toHaveProperty('answers');
});

test('before anything was answered there are no answers, whatever a binding is called', async () => {
  const seen = await contexts({});
  expect(Object.values(seen).map((context) => 'answers' in context)).toEqual([false, false]);
});

test('a policy that scribbles over what it is given scribbles on its own copies', async () => {
  const answers = { first: { team: 'blue' }, second: { team: 'green' } };
  const seen = await contexts(answers, true);
  expect(answers).toEqual({ first: { team: 'blue' }, second: { team: 'green' } });
  expect(requestedAt.getFullYear()).toBe(2026);
  expect(seen['second']?.requestedAt.getFullYear()).toBe(2026);
});

test('of several answers to one binding the latest counts', () => {
  const given = [
    { binding: 'a', answers: { n: 1 } },
    { binding: 'b', answers: { n: 2 } },
    { binding: 'a', answers: { n: 3 } },
  ];
  expect(answersByBinding(given)).toEqual({ a: { n: 3 }, b: { n: 2 } });
});
