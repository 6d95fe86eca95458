import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { concludeFrom } from '../../src/domain/conclusion.ts';
import type { FactValues } from '../../src/domain/facts.ts';
import type { JoinRequest } from '../../src/domain/request.ts';
import { isInOffice, mayKnow } from '../../src/domain/told.ts';
import { answerFor, newView } from '../../src/domain/view.ts';
import type { Answer, RequestView } from '../../src/domain/view.ts';
import { bind } from '../../src/policies/binding.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { builtIns } from '../../src/policies/built-ins.ts';
import { compileCel } from '../../src/policies/cel/compile.ts';
import { createPolicySet, embeddedPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { tellPlan } from '../../src/domain/plan.ts';
import { NO_HISTORY } from '../../src/domain/history.ts';
import { FACT_NAMES } from '../../src/domain/facts.ts';
import { bot, evaluateOn, factsOf, requestOf, user } from '../policies/fixtures.ts';
import { inLane } from '../support/lane.ts';

const NOW = '2026-11-23T12:00:00.000Z';

/** Params of built-in policies, some of which look at what is withheld. */
const USES: readonly (readonly [use: string, params: fc.Arbitrary<object>])[] = [
  [
    'privacy',
    fc.record({
      publicSelfJoin: rule('allow', 'requireApproval', 'deny'),
      privateSelfJoin: rule('requireApproval', 'deny'),
      memberInvites: rule('requireApproval', 'deny'),
    }),
  ],
  ['ban', fc.constant({})],
  ['sub-channel', fc.constant({})],
  ['hidden-approval', fc.constant({})],
  ['approval', fc.record({ approve: fc.integer({ min: 1, max: 3 }) })],
  ['allow-list', fc.record({ members: fc.constantFrom([user('bob')], [user('alice')], [user('zoe')]) })],
  ['term', fc.constant({ max: '7d' })],
  ['screening', fc.constant({ rules: ['Be kind.'] })],
  ['cooling-off', fc.constant({ wait: '1h' })],
  [
    'expression',
    fc.record({ denyWhen: condition(), code: fc.constantFrom('A_RULE', 'B_RULE') }, { requiredKeys: ['denyWhen'] }),
  ],
  ['expression', fc.record({ requireApprovalWhen: condition(), allowWhen: condition() })],
];

function rule<T extends string>(...rules: T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...rules);
}

function condition(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'facts.member.ban',
    '!facts.requester.ban',
    'facts.member.moderator',
    'size(facts.moderators) > 1',
    'size(facts.admins) == 1',
    "facts.requester.role == 'outsider'",
    "facts.channel.privacy == 'PUBLIC'",
    'facts.member.membership != null',
    "request.type == 'DEFAULT'",
    'true',
  );
}

const NAMES = ['a', 'b', 'c', 'd'];

const SET: fc.Arbitrary<PolicySet> = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.constantFrom(...USES).chain(([use, params]) => fc.tuple(fc.constant(use), params)),
        fc.constantFrom('Enforce' as const, 'Enforce' as const, 'Warn' as const, 'Audit' as const),
        fc.option(condition(), { nil: undefined }),
      ),
      { minLength: 1, maxLength: NAMES.length },
    ),
    fc.constantFrom('deny' as const, 'requireApproval' as const),
  )
  .map(([bindings, byDefault]) =>
    createPolicySet(
      bindings.map(([[use, params], enforcement, when], index): PolicyBinding => {
        const policy = builtIns.find(({ id }) => id === use);
        if (!policy) throw new Error(`no ${use}`);
        const matchConditions = when === undefined ? [] : [{ name: 'when', program: programOf(when) }];
        return bind(policy, params, { name: NAMES[index] ?? 'z', enforcement, matchConditions });
      }),
      byDefault,
    ),
  );

function programOf(source: string) {
  const compiled = compileCel(source, { facts: FACT_NAMES });
  if (!compiled.ok) throw new Error(source);
  return compiled.program;
}

const REQUEST: fc.Arbitrary<JoinRequest> = fc
  .record({
    memberArn: fc.constantFrom(user('alice'), user('bob'), bot('helper')),
    type: fc.constantFrom('DEFAULT' as const, 'HIDDEN' as const),
    subChannelId: fc.constantFrom(undefined, 'one'),
    chimeBearer: fc.constantFrom(undefined, user('alice'), user('service')),
  })
  .map(({ memberArn, type, subChannelId, chimeBearer }) =>
    requestOf({
      memberArn,
      type,
      requestedBy: user('alice'),
      ...(subChannelId === undefined ? {} : { subChannelId }),
      ...(chimeBearer === undefined ? {} : { chimeBearer }),
    }),
  );

const people = fc.subarray([user('mona'), user('max'), user('bob')]);
const FACTS: fc.Arbitrary<FactValues> = fc.record({
  history: fc.integer({ min: 0, max: 2 }).map((open) => ({ ...NO_HISTORY, open, openBefore: open })),
  channel: fc.record({
    privacy: rule('PUBLIC', 'PRIVATE'),
    mode: rule('RESTRICTED', 'UNRESTRICTED'),
    elastic: fc.boolean(),
  }),
  'requester.role': rule('outsider', 'outsider', 'member'),
  'requester.ban': fc.boolean(),
  'bearer.role': fc.constantFrom(null, 'admin' as const, 'outsider' as const),
  'member.membership': fc.constantFrom(
    null,
    null,
    { type: 'DEFAULT' as const, name: 'Bob B.', invitedBy: user('mona') },
    { type: 'HIDDEN' as const },
  ),
  'member.moderator': fc.boolean(),
  'member.ban': fc.boolean(),
  moderators: people,
  admins: people,
  approvers: fc.record({ channel_moderator: fc.nat(3), app_instance_admin: fc.nat(3), total: fc.nat(3) }),
}) as fc.Arbitrary<FactValues>;

/** The same world for all that the requester may know. */
function alike(one: FactValues, other: FactValues, request: JoinRequest): FactValues {
  const known = Object.entries(one).filter(([name]) => mayKnow(name, { request }));
  return { ...other, ...Object.fromEntries(known) };
}

/** A request as the real policies judge it, where the workflow would take it from there. */
async function judged(set: PolicySet, request: JoinRequest, values: FactValues): Promise<RequestView> {
  const facts = factsOf(values);
  const decisions = await evaluateOn(set, request, facts, undefined, {
    now: new Date(NOW),
    requestedAt: new Date(NOW),
  });
  const answered = { request, decisions, facts, defaultVerdict: set.defaultVerdict, purpose: 'join' as const };
  const { composition } = concludeFrom(answered);
  const view = { ...newView({ id: 'join:0', runId: 'run', request, requestedAt: NOW }), decisions, facts, composition };
  switch (composition.action) {
    case 'deny':
      return { ...view, state: 'closed', outcome: 'denied', reason: composition.reason };
    case 'ask':
      return {
        ...view,
        state: 'pending',
        waitsFor: 'input',
        inputs: composition.inputs.map((one) => ({ ...one, dueAt: NOW })),
      };
    case 'defer':
      return { ...view, state: 'pending', waitsFor: 'time', deferredUntil: composition.until };
    case 'pend': {
      const progress = composition.requirements.map(({ binding }) => ({
        binding,
        stage: 'review',
        status: 'open' as const,
        approve: 1,
        approvedBy: [],
      }));
      return { ...view, state: 'pending', waitsFor: 'people', requirements: composition.requirements, progress };
    }
    case 'admit':
      return { ...view, state: 'closed', outcome: 'joined' };
    case 'alreadyMember': {
      const found = values['member.membership'];
      const { memberArn: arn } = request;
      return {
        ...view,
        state: 'closed',
        outcome: 'alreadyMember',
        member: { arn, name: found?.name ?? '' },
        invitedBy: found?.invitedBy ?? '',
      };
    }
  }
}

/** What cannot be hidden: whether the member gets in, and what the requester has to do or wait for until then. */
function course({ state, outcome, waitsFor, inputs, deferredUntil }: Answer): unknown {
  return { state, outcome, waitsFor, inputs, deferredUntil };
}

async function twoAnswers(set: PolicySet, request: JoinRequest, one: FactValues, other: FactValues) {
  const views = await Promise.all([one, alike(one, other, request)].map((values) => judged(set, request, values)));
  return views as [RequestView, RequestView];
}

test('the answer to who is not in office is a function of what they may know, and of whether it goes on', async () => {
  let denied = 0;
  await fc.assert(
    fc.asyncProperty(SET, REQUEST, FACTS, FACTS, async (set, request, one, other) => {
      const [first, second] = await twoAnswers(set, request, one, other);
      const [a, b] = [answerFor(first), answerFor(second)];
      expect(isInOffice(first)).toBe(false);
      // Where what they may know is enough to deny it, everything is the same.
      const isEnough = a.reason !== undefined && a.reason.code !== 'NOT_ADMITTED';
      denied += Number(isEnough);
      if (!isEnough && JSON.stringify(course(a)) !== JSON.stringify(course(b))) return;
      expect(b).toEqual(a);
      expect(tellPlan(second)).toEqual(tellPlan(first));
    }),
    { numRuns: inLane({ short: 300, long: 3_000 }) },
  );
  expect(denied).toBeGreaterThan(inLane({ short: 5, long: 50 }));
});

test('an outsider who asks for somebody else hears the same whatever is withheld, by the embedded policies', async () => {
  await fc.assert(
    fc.asyncProperty(REQUEST, FACTS, FACTS, async (asked, one, other) => {
      const { chimeBearer: _, ...plain } = asked;
      const request = { ...plain, memberArn: user('bob') };
      const [first, second] = await twoAnswers(
        embeddedPolicySet(),
        request,
        { ...one, 'requester.role': 'outsider', 'bearer.role': null },
        other,
      );
      expect(answerFor(second)).toEqual(answerFor(first));
    }),
    { numRuns: 300 },
  );
});

test('the property can fail: what each policy found tells of a ban', async () => {
  const request = requestOf({ requestedBy: user('alice'), memberArn: user('bob') });
  const [free, banned] = await Promise.all(
    [false, true].map((ban) => evaluateOn(embeddedPolicySet(), request, factsOf({ 'member.ban': ban }))),
  );
  const raw = (decisions: typeof free) => decisions?.map(({ binding, evaluation }) => ({ binding, evaluation }));
  expect(raw(banned)).not.toEqual(raw(free));
});

test.each([
  ['a ban of anybody', 'member.ban', {}, false],
  ['their own ban', 'requester.ban', {}, false],
  ['who moderates', 'moderators', {}, false],
  ['their own membership', 'member.membership', { memberArn: user('alice') }, true],
  ['the membership of others', 'member.membership', { memberArn: user('bob') }, false],
  ['the settings of the channel', 'channel', {}, true],
  ['a fact of a policy’s own', 'oncall.people', {}, false],
  ['what a foreign bearer is', 'bearer.role', { chimeBearer: user('service') }, false],
] as const)('%s: %s', (_, fact, fields, known) => {
  expect(mayKnow(fact, { request: requestOf({ requestedBy: user('alice'), ...fields }) })).toBe(known);
});
