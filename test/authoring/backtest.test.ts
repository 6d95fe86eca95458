import { describe, expect, test } from 'vitest';
import { backtest, formatBacktest } from '../../src/authoring/backtest.ts';
import type { Channel } from '../../src/domain/facts.ts';
import type { RequestView } from '../../src/domain/view.ts';
import { bind, type PolicyBinding } from '../../src/policies/binding.ts';
import { createPolicySet, embeddedPolicySet, type PolicySet } from '../../src/policies/policy-set.ts';
import { deny, requireApproval } from '../../src/policies/verdicts.ts';
import { channel, embeddedWith, factsOf, policyThat, requestOf, RESTRICTED, user } from '../policies/fixtures.ts';
import { programThat, recordedBy, viewOf } from './support.ts';

const OPEN: Channel = { ...RESTRICTED, privacy: 'PUBLIC' };

/** Requests of all kinds: admitted, pending, denied and already members. */
async function recorded(set: PolicySet = embeddedPolicySet(), count = 40): Promise<RequestView[]> {
  const kinds = [{ channel: OPEN }, {}, { 'member.ban': true }, { 'member.membership': { type: 'DEFAULT' as const } }];
  const requests = Array.from({ length: count }, async (_, index) =>
    recordedBy(set, {
      id: `join:board:u${index}:1`,
      request: requestOf({ memberArn: user(`u${index}`) }),
      facts: factsOf(kinds[index % kinds.length]),
    }),
  );
  return Promise.all(requests);
}

const plus = (...bindings: PolicyBinding[]) => createPolicySet([...embeddedPolicySet().bindings, ...bindings]);

/** Denies one person. */
const planted = (name: string, options: Partial<PolicyBinding> = {}) =>
  bind(
    policyThat(
      ({ memberArn }) =>
        memberArn === user(name) ? deny('PLANTED', 'planted') : { verdict: 'notApplicable', because: 'another' },
      'planted',
    ),
    {},
    options,
  );

describe('what would change', () => {
  test('nothing, under the same set', async () => {
    const found = await backtest(embeddedPolicySet(), await recorded());
    expect(found).toEqual({ unchanged: 40, changed: [], undecidable: [], neverDecided: 0, reusedAnswers: 0 });
  });

  test('exactly the one that was planted, with the binding that is to blame', async () => {
    const found = await backtest(plus(planted('u12')), await recorded());
    expect(found).toMatchObject({ unchanged: 39, undecidable: [] });
    expect(found.changed).toEqual([
      {
        id: 'join:board:u12:1',
        runId: 'run',
        from: { action: 'admit' },
        to: { action: 'deny', code: 'PLANTED' },
        bindings: ['planted'],
      },
    ]);
    expect(formatBacktest(found).slice(0, 2)).toEqual([
      'changed      join:board:u12:1',
      '             admit → deny PLANTED, because of planted',
    ]);
  });

  test('another reason code and other requirements count, who asks for them does not', async () => {
    const views = await recorded();
    const elsewhere = policyThat(() => deny('AAA', 'x'), 'a-first');
    const otherCode = await backtest(plus(bind({ ...elsewhere, facts: ['member.ban'], evaluate: onlyBanned })), views);
    expect(otherCode.changed.map(({ from, to }) => [from.code, to.code])).toEqual(
      Array.from({ length: 10 }, () => ['BANNED', 'AAA']),
    );
    const two = bind(policyThat(() => requireApproval(2), 'two'));
    const pended = views.filter(({ composition }) => composition?.action === 'pend');
    const more = await backtest(plus(two), pended);
    expect(more.changed.map(({ bindings }) => bindings)).toEqual(pended.map(() => ['two']));
    const renamed = createPolicySet(embeddedPolicySet().bindings.map((one) => ({ ...one, name: `new-${one.name}` })));
    expect(await backtest(renamed, views)).toMatchObject({ unchanged: 40, changed: [] });
  });

  test('an admission that would become a denial for want of an allow blames who allowed', async () => {
    const [admitted] = await recorded();
    const rest = createPolicySet(embeddedPolicySet().bindings.filter(({ name }) => name !== 'privacy'));
    const { changed } = await backtest(rest, admitted ? [admitted] : []);
    expect(changed).toMatchObject([{ to: { code: 'NOTHING_ALLOWS' }, bindings: ['privacy'] }]);
  });

  test('Warn, Audit and Off change nothing', async () => {
    for (const enforcement of ['Warn', 'Audit', 'Off'] as const) {
      expect(await backtest(plus(planted('u12', { enforcement })), await recorded())).toMatchObject({ unchanged: 40 });
    }
  });

  test('a requirement where nobody had to approve before is a change, though who could was not recorded', async () => {
    const views = (await recorded()).slice(0, 1).map((view) => {
      const { approvers: _unread, ...facts } = view.facts;
      return { ...view, facts };
    });
    const found = await backtest(embeddedWith({ privacy: { publicSelfJoin: 'requireApproval' } }), views);
    expect(found.changed).toMatchObject([
      { from: { action: 'admit' }, to: { action: 'pend', approversUnknown: true } },
    ]);
    expect(formatBacktest(found)[1]).toContain('or deny if nobody could approve');
  });
});

function onlyBanned(_request: unknown, { facts }: { facts: object }) {
  return (facts as { 'member.ban'?: boolean })['member.ban']
    ? deny('AAA', 'x')
    : { verdict: 'notApplicable' as const, because: 'x' };
}

describe('time', () => {
  test('is when the last fact was read', async () => {
    const views = await recorded(embeddedPolicySet(), 1);
    const seen: string[] = [];
    const clock = bind(
      policyThat((_request, { now }) => {
        seen.push(now.toISOString());
        return { verdict: 'notApplicable', because: 'x' };
      }),
    );
    const [view] = views;
    const late = { value: 1, source: 'test', readAt: '2026-11-23T12:00:01.500Z' };
    await backtest(createPolicySet([clock]), view ? [{ ...view, facts: { ...view.facts, late } }] : []);
    expect(seen).toEqual(['2026-11-23T12:00:01.500Z']);
  });
});

describe('what cannot be told', () => {
  test('a fact that was not recorded is named, and only where a binding that applies needs it', async () => {
    const program = programThat(
      "request.channelArn.endsWith('lobby')",
      ({ request }) => request.channelArn === channel('lobby'),
    );
    const nosy = bind(
      { ...policyThat(() => deny('NOSY', 'x'), 'nosy'), facts: ['moderators'] },
      {},
      {
        matchConditions: [{ name: 'lobby', program }],
      },
    );
    const views = await recorded(embeddedPolicySet(), 4);
    const [first, ...others] = views.map((view) => withoutFact(view, 'moderators'));
    if (!first) throw new Error('nothing was recorded');
    const lobby = { ...first, request: requestOf({ channelArn: channel('lobby') }) };
    const found = await backtest(plus(nosy), [lobby, ...others]);
    expect(found).toMatchObject({ unchanged: 3, changed: [] });
    expect(found.undecidable).toEqual([
      { id: first.id, runId: 'run', because: 'the fact moderators was not recorded' },
    ]);
  });

  test('what a binding lacks that counts for nothing does not matter', async () => {
    const views = (await recorded(embeddedPolicySet(), 4)).map((view) => withoutFact(view, 'moderators'));
    const nosy = { ...policyThat(() => deny('NOSY', 'x'), 'nosy'), facts: ['moderators'] as const };
    expect(await backtest(plus(bind(nosy)), views)).toMatchObject({ unchanged: 0, undecidable: { length: 4 } });
    const audited = await backtest(plus(bind(nosy, {}, { enforcement: 'Audit' })), views);
    expect(audited).toMatchObject({ unchanged: 4, undecidable: [] });
  });

  test('a request that no policy had decided is only counted', async () => {
    const view = viewOf({ decisions: [], facts: {} });
    expect(await backtest(embeddedPolicySet(), [view])).toMatchObject({ unchanged: 0, neverDecided: 1, changed: [] });
  });
});

function withoutFact(view: RequestView, name: string): RequestView {
  return { ...view, facts: Object.fromEntries(Object.entries(view.facts).filter(([one]) => one !== name)) };
}

const saying = (code: string) => async () => ({
  verdict: 'deny' as const,
  code,
  message: 'no',
  visibility: 'full' as const,
});

describe('external policies', () => {
  let asked = 0;
  const onCall = (id = 'on-call') =>
    ({
      ...policyThat(() => {
        asked += 1;
        return { verdict: 'allow' };
      }, id),
      kind: 'external',
    }) as const;
  const before = plus(bind(onCall()));

  test('are not asked: what the same policy said under the same name counts', async () => {
    const view = await recordedBy(before, { ask: saying('NOT_ON_CALL') });
    expect(await backtest(before, [view])).toMatchObject({ unchanged: 1, reusedAnswers: 1 });
    const warned = await backtest(plus(bind(onCall(), {}, { enforcement: 'Warn' })), [view]);
    expect(warned.changed).toMatchObject([
      { from: { code: 'NOT_ON_CALL' }, to: { action: 'pend' }, bindings: ['on-call', 'privacy'] },
    ]);
    expect(asked).toBe(0);
  });

  test('an error counts by the failure policy that there is now', async () => {
    const view = await recordedBy(before, { ask: async () => new Error('down') });
    expect(view.composition).toMatchObject({ action: 'deny', reason: { code: 'POLICY_ERROR' } });
    expect(await backtest(before, [view])).toMatchObject({ unchanged: 1, changed: [] });
    const ignoring = await backtest(plus(bind(onCall(), {}, { failurePolicy: 'Ignore' })), [view]);
    expect(ignoring.changed).toMatchObject([{ to: { action: 'pend' } }]);
  });

  test.each([
    ['another policy under that name', plus(bind(onCall('other'), {}, { name: 'on-call' }))],
    ['another name', plus(bind(onCall(), {}, { name: 'new' }))],
  ])('%s: nobody can tell', async (_title, set) => {
    const view = await recordedBy(before, { ask: saying('NOT_ON_CALL') });
    const { undecidable } = await backtest(set, [view]);
    expect(undecidable).toMatchObject([{ because: expect.stringMatching(/of (on-call|new) was not asked then/) }]);
    expect(asked).toBe(0);
  });

  test('one whose condition did not hold then was not asked', async () => {
    const program = programThat('never', () => false);
    const conditional = plus(bind(onCall(), {}, { matchConditions: [{ name: 'never', program }] }));
    const view = await recordedBy(conditional, { ask: saying('X') });
    expect(await backtest(conditional, [view])).toMatchObject({ unchanged: 1, reusedAnswers: 0 });
    expect((await backtest(before, [view])).undecidable).toHaveLength(1);
  });
});
