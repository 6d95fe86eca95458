import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Composition, DefaultVerdict } from '../../src/domain/admission.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { allow, defer, deny, notApplicable, requireApproval, requireInput } from '../../src/policies/verdicts.ts';
import { bindingThat, decide, factsOf, requestOf } from './fixtures.ts';

// Every property goes the whole way: bindings are evaluated, and their decisions composed.

const WILL = {
  allow: () => allow(),
  deny: () => deny('NO', 'no', { visibility: 'opaque' }),
  approval: () => requireApproval(2),
  question: () => requireInput({ type: 'object' }, 'why?', '7d'),
  notYet: () => defer(new Date('2026-12-01T00:00:00Z'), '30d', 'too early'),
  notApplicable: () => notApplicable('not my business'),
  error: () => {
    throw new Error('broken');
  },
};
type Will = keyof typeof WILL;

const enforcement = fc.constantFrom('Enforce', 'Warn', 'Audit', 'Off');
const failurePolicy = fc.constantFrom('Fail', 'Ignore', 'Escalate');
const defaults = fc.constantFrom<DefaultVerdict>('deny', 'requireApproval');

function binding(
  wills: readonly Will[] = ['allow', 'deny', 'question', 'notYet', 'approval', 'notApplicable', 'error'],
) {
  return fc
    .record({ will: fc.constantFrom(...wills), name: fc.stringMatching(/^[a-z]{1,3}$/), enforcement, failurePolicy })
    .map(({ will, ...options }) => bindingThat(WILL[will], options));
}

function bindings(wills?: readonly Will[]) {
  return fc.uniqueArray(binding(wills), { selector: ({ name }) => name, maxLength: 6 });
}

async function composed(set: readonly PolicyBinding[], byDefault: DefaultVerdict): Promise<Composition> {
  return (await decide(createPolicySet(set, byDefault), requestOf(), factsOf())).composition;
}

/** A binding whose name no generated one has. */
const extra = (will: Will, options: Partial<PolicyBinding> = {}) => bindingThat(WILL[will], { name: 'ZZ', ...options });

test('the order of the bindings changes neither action nor reason nor requirements', () =>
  fc.assert(
    fc.asyncProperty(
      bindings().chain((set) => fc.tuple(fc.constant(set), fc.shuffledSubarray(set, { minLength: set.length }))),
      defaults,
      async ([set, shuffled], byDefault) => {
        expect(await composed(shuffled, byDefault)).toEqual(await composed(set, byDefault));
      },
    ),
  ));

test('a deny denies, whatever else is said', () =>
  fc.assert(
    fc.asyncProperty(bindings(), defaults, async (set, byDefault) => {
      const composition = await composed([...set, extra('deny')], byDefault);
      expect(composition).toMatchObject({ action: 'deny' });
    }),
  ));

test('without one of its bindings a denied request stays denied, unless that binding denied', () =>
  fc.assert(
    fc.asyncProperty(bindings(), defaults, async (set, byDefault) => {
      const { decisions, composition } = await decide(createPolicySet(set, byDefault), requestOf(), factsOf());
      fc.pre(composition.action === 'deny');
      const deniers = decisions.filter((one) => one.action === 'deny').map((one) => one.binding);
      for (const { name } of set.filter((one) => !deniers.includes(one.name))) {
        const rest = set.filter((one) => one.name !== name);
        expect(await composed(rest, byDefault)).toEqual(composition);
      }
    }),
  ));

test('an error is never an allow: it opens nothing, under any failure policy', () =>
  fc.assert(
    fc.asyncProperty(bindings(), defaults, enforcement, failurePolicy, async (set, byDefault, how, onFailure) => {
      const error = extra('error', { enforcement: how, failurePolicy: onFailure });
      const [before, after] = [await composed(set, byDefault), await composed([...set, error], byDefault)];
      const ignored = onFailure === 'Ignore' || how !== 'Enforce';
      // Where nobody decides and the default denies, Escalate asks people instead: that is what it is for.
      const nobody = before.action === 'deny' && before.reason.code === 'NOTHING_ALLOWS';
      const stronger = ['deny', 'ask', 'defer'].includes(before.action) && !nobody;
      const escalated = stronger ? before.action : 'pend';
      const enforced = onFailure === 'Fail' ? 'deny' : escalated;
      expect(after.action).toBe(ignored ? before.action : enforced);
    }),
  ));

test('Warn, Audit and Off count for nothing, and all but Off are shown', () =>
  fc.assert(
    fc.asyncProperty(bindings(), defaults, async (set, byDefault) => {
      const { decisions, composition } = await decide(createPolicySet(set, byDefault), requestOf(), factsOf());
      const enforced = set.filter((one) => one.enforcement === 'Enforce');
      expect(composition).toEqual(await composed(enforced, byDefault));
      const shown = set.filter((one) => one.enforcement !== 'Off').map(({ name }) => name);
      expect(decisions.map((one) => one.binding)).toEqual(shown);
    }),
  ));

test('silence allows nothing: an empty set, no objections and errors never admit', () =>
  fc.assert(
    fc.asyncProperty(bindings(['notApplicable', 'error']), defaults, async (set, byDefault) => {
      expect((await composed(set, byDefault)).action).not.toBe('admit');
    }),
  ));

test('where nothing decides the default does', async () => {
  const denied = { action: 'deny', reason: { code: 'NOTHING_ALLOWS', binding: 'host', visibility: 'full' } };
  expect(await composed([], 'deny')).toMatchObject(denied);
  expect(await composed([extra('notApplicable')], 'deny')).toMatchObject(denied);
  expect(await composed([extra('allow', { enforcement: 'Warn' })], 'deny')).toMatchObject(denied);
  expect(await composed([extra('notApplicable')], 'requireApproval')).toMatchObject({
    action: 'pend',
    requirements: [{ binding: 'default', stages: [{ anyOf: [{ approve: 1 }] }] }],
  });
});

test('deny, questions, waiting, requirements, allow: all of a kind are kept, and the first denial by name is the reason', () =>
  fc.assert(
    fc.asyncProperty(bindings(['allow', 'deny', 'question', 'notYet', 'approval', 'notApplicable']), async (set) => {
      const { decisions, composition } = await decide(createPolicySet(set, 'deny'), requestOf(), factsOf());
      const named = (action: string) =>
        decisions
          .filter((one) => one.action === action)
          .map((one) => one.binding)
          .toSorted();
      const [denials, pending, allows] = [named('deny'), named('pend'), named('admit')];
      const [asking, waiting] = [named('ask'), named('defer')];
      const denied = { action: 'deny', reason: { binding: denials[0] ?? 'host' } };
      const pended = {
        action: 'pend',
        requirements: pending.map((name) => ({ binding: name, stages: [{ anyOf: [{ approve: 2 }] }] })),
      };
      const asked = {
        action: 'ask',
        inputs: asking.map((name) => ({ binding: name, prompt: 'why?', expiresIn: '7d' })),
      };
      const deferred = { action: 'defer', bindings: waiting, until: '2026-12-01T00:00:00.000Z' };
      const open = allows.length > 0 ? { action: 'admit' } : denied;
      const first = [
        [denials, denied],
        [asking, asked],
        [waiting, deferred],
        [pending, pended],
      ].find(([names]) => (names as string[]).length > 0);
      expect(composition).toMatchObject(first?.[1] ?? open);
    }),
  ));
