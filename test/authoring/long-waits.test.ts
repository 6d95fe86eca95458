import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backtest, formatBacktest } from '../../src/authoring/backtest.ts';
import { formatExplanation } from '../../src/authoring/explain-text.ts';
import { explainRequest } from '../../src/authoring/explain.ts';
import { loadFixture } from '../../src/authoring/load-fixture.ts';
import { runFixture } from '../../src/authoring/run-fixture.ts';
import { simulate, formatSimulation } from '../../src/authoring/simulate.ts';
import { testReport } from '../../src/authoring/test-report.ts';
import { approval } from '../../src/policies/approval.ts';
import { bind, type PolicyBinding } from '../../src/policies/binding.ts';
import { coolingOff } from '../../src/policies/cooling-off.ts';
import { createPolicySet, embeddedPolicySet } from '../../src/policies/policy-set.ts';
import { screening } from '../../src/policies/screening.ts';
import { term } from '../../src/policies/term.ts';
import { factsOf, requestOf, user } from '../policies/fixtures.ts';
import { NOW, recordedBy, rehearsalOn } from './support.ts';

const SET = `apiVersion: admission/v1
defaultVerdict: deny
bindings:
  - { name: rules, use: screening, params: { rules: [Be kind.], prompt: Please accept. } }
  - { name: wait, use: cooling-off, params: { wait: 1d } }
  - { name: quarter, use: term, params: { max: 90d } }
  - name: two
    use: approval
    params:
      stages:
        - approvers: { roles: [channel_moderator, app_instance_admin] }
          anyOf: [{ approve: 2 }]
          dueIn: 5d
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'long-waits-'));
  await writeFile(join(folder, 'admission.yaml'), SET);
});
afterAll(() => rm(folder, { recursive: true }));

/** The differences of one case of the set, or what is wrong with the file. */
async function differences(fields: string, target = 'set: ./admission.yaml'): Promise<string[]> {
  const loaded = await loadFixture(`${target}\ncases:\n  - { name: x, ${fields} }\n`, join(folder, 'x.test.yaml'));
  if (!loaded.ok) return loaded.issues.map(({ path, message }) => `${path}: ${message}`);
  const { files } = testReport([await runFixture(loaded.fixture)]);
  return files.flatMap(({ cases }) =>
    cases.flatMap((one) => [...one.problems, ...one.differences.map(({ what }) => what)]),
  );
}

const ACCEPTED = 'answers: { rules: { rules: true } }';
const LATER = `${ACCEPTED}, requestedAt: 2026-01-01T00:00:00Z`;

describe('a fixture expects', () => {
  test.each<[string, string[]]>([
    ['expect: { action: ask }', []],
    [
      'expect: { action: ask, inputs: [{ binding: rules, prompt: Please accept., expiresIn: 7d }], term: { max: 90d } }',
      [],
    ],
    ['expect: { action: ask, inputs: [{ prompt: Please. }] }', ['inputs']],
    ['expect: { action: ask, inputs: [] }', ['inputs']],
    ['expect: { action: ask, inputs: [{ schema: { type: object } }] }', ['inputs']],
    [`${ACCEPTED}, expect: { action: defer, defer: { until: 2026-01-06T12:00:00Z, giveUpAfter: 30d } }`, []],
    [`${ACCEPTED}, expect: { action: defer, defer: { until: 2026-01-06T13:00:00+01:00 } }`, []],
    [`${ACCEPTED}, expect: { action: defer, defer: { until: 2026-01-07T12:00:00Z } }`, ['defer']],
    [
      `${LATER}, expect: { action: pend, requirements: [{ binding: two, approve: 2 }], term: { max: 2160h, remind: [1d, 7d] } }`,
      [],
    ],
    [`${LATER}, expect: { action: pend, term: { max: 30d } }`, ['term']],
    [`${LATER}, expect: { action: pend, term: { max: 90d, remind: [1d] } }`, ['term']],
    [`${LATER}, expect: { action: pend, requirements: [{ approve: 1 }] }`, ['requirements']],
    [`${LATER}, purpose: extend, request: { term: 91d }, expect: { action: deny, code: TERM_TOO_LONG }`, []],
    [`${LATER}, purpose: extend, facts: { member.membership: { type: DEFAULT } }, expect: { action: pend }`, []],
    [`${LATER}, facts: { member.membership: { type: DEFAULT } }, expect: { action: alreadyMember }`, []],
    ['answers: { rules: yes }, expect: { action: ask }', ['cases[0].answers.rules: is "yes"']],
    ['answers: { nobody: {} }, expect: { action: ask }', ['cases[0].answers.nobody: there is no such binding']],
    ['purpose: stay, expect: { action: ask }', ['cases[0].purpose: is "stay"']],
  ])('%s: %j', async (fields, found) => {
    expect(await differences(fields)).toEqual(found);
  });

  const admins = '{ roles: [app_instance_admin, channel_moderator] }';
  test.each<[string, string[]]>([
    [`stages: [{ approvers: ${admins}, anyOf: [{ approve: 2 }], dueIn: 5d }]`, []],
    [`stages: [{ approvers: ${admins}, anyOf: [{ approve: 2 }], dueIn: 6d }]`, ['requirements']],
    [`approvers: ${admins}`, []],
    [`approvers: ${admins}, approve: 2`, ['requirements']],
    [
      `approvers: ${admins}, approve: 2, stages: []`,
      ['cases[0].expect.requirements[0].stages: stages say by themselves who approves'],
    ],
  ])('a requirement in either form, as a whole or half of the short one: %s', async (requirement, found) => {
    expect(await differences(`${LATER}, expect: { action: pend, requirements: [{ ${requirement} }] }`)).toEqual(found);
  });

  test.each<[string, string, string[]]>([
    ['screening', 'params: { rules: [Be kind.] }, expect: { evaluation: requireInput, input: { expiresIn: 7d } }', []],
    [
      'screening',
      'params: { rules: [Be kind.] }, expect: { evaluation: requireInput, input: { expiresIn: 8d } }',
      ['input'],
    ],
    ['cooling-off', 'params: { wait: 1h }, expect: { evaluation: defer, defer: { giveUpAfter: 720h } }', []],
    ['cooling-off', 'params: { wait: 1h }, expect: { evaluation: defer, defer: { giveUpAfter: 1d } }', ['defer']],
    ['term', 'params: { max: 1h }, expect: { evaluation: notApplicable, term: { max: 60m } }', []],
    ['term', 'params: { max: 1h }, expect: { evaluation: notApplicable, term: { max: 2h } }', ['term']],
    ['ban', 'expect: { evaluation: notApplicable, term: { max: 2h } }', ['term']],
  ])('of %s: %s', async (use, fields, found) => {
    const params = /^params: (\{.*?\}), /.exec(fields);
    const target = `use: ${use}${params ? `\nparams: ${params[1]}` : ''}`;
    expect(await differences(fields.replace(params?.[0] ?? '', ''), target)).toEqual(found);
  });
});

const rules = bind(screening, { rules: ['Be kind.'] });
const wait = bind(coolingOff, { wait: '1d' });
const plus = (...more: PolicyBinding[]) => createPolicySet([...embeddedPolicySet().bindings, ...more]);

async function simulated(...more: PolicyBinding[]) {
  const found = await simulate(plus(...more), requestOf(), rehearsalOn(factsOf()));
  if (!found.ok) throw new Error(found.missing.join());
  return { simulation: found.simulation, text: formatSimulation(found.simulation).join('\n') };
}

describe('a simulation', () => {
  test('says what the requester would be asked', async () => {
    const { simulation, text } = await simulated(rules, wait);
    expect(simulation).toMatchObject({
      composition: { action: 'ask', rule: 'input', bindings: ['screening'] },
      requirements: [],
    });
    expect(text).toContain('would ask the requester');
    expect(text).toContain('answers of the requester: Please answer this first. (screening)');
    expect(text).toContain('→ 2 else a question that is open waits for the requester: screening');
  });

  test('says until when it would wait', async () => {
    const { simulation, text } = await simulated(wait, bind(term, { max: '90d' }));
    expect(simulation).toMatchObject({
      composition: { action: 'defer', rule: 'deferral' },
      deferredUntil: '2026-11-24T12:00:00.000Z',
    });
    expect(text).toContain('2026-11-24T12:00:00.000Z: then the policies are asked again');
    expect(text).toContain('longest membership\n  90d');
  });

  test('says whom it would wait for, in words', async () => {
    const { text } = await simulated(
      bind(approval, { approve: 2, approvers: { users: [user('olga'), user('otto')] } }),
    );
    expect(text).toContain('2 approvals by 2 named users (approval)');
    expect(text).toContain('1 approval by channel_moderator or app_instance_admin (privacy)');
  });
});

const set = (params: object) => plus(bind(approval, params));

describe('a backtest', () => {
  const answered = {
    binding: 'screening',
    answers: { rules: true },
    by: user('alice'),
    at: NOW.toISOString(),
    verified: true,
  };

  test('knows what the requester answered, and when they asked', async () => {
    const first = await recordedBy(plus());
    const view = { ...first, answers: [answered], requestedAt: '2026-11-20T00:00:00.000Z' };
    expect(await backtest(plus(rules, wait), [view])).toMatchObject({ unchanged: 1, changed: [] });
  });

  test('tells what a request without answers, or too early, would come to', async () => {
    const view = await recordedBy(plus());
    const found = await backtest(plus(rules), [view]);
    expect(found.changed).toMatchObject([
      { from: { action: 'pend' }, to: { action: 'ask' }, bindings: ['privacy', 'screening'] },
    ]);
    expect(formatBacktest(found)[1]).toContain('→ ask (Please answer this first.)');
    const early = await backtest(plus(wait), [{ ...view, requestedAt: NOW.toISOString() }]);
    expect(formatBacktest(early)[1]).toContain('→ defer until 2026-11-24T12:00:00.000Z');
    const longer = bind(coolingOff, { wait: '2d' });
    const deferred = await recordedBy(plus(wait));
    expect(await backtest(plus(wait), [deferred])).toMatchObject({ unchanged: 1 });
    expect(await backtest(plus(longer), [deferred])).toMatchObject({
      unchanged: 0,
      changed: [{ to: { action: 'defer' } }],
    });
  });

  test('sees what differs in a requirement beside roles and numbers, but not the order of people', async () => {
    const roles = ['channel_moderator', 'app_instance_admin'];
    const stage = (more: object) => ({ stages: [{ approvers: { roles }, anyOf: [{ approve: 1 }], ...more }] });
    const view = await recordedBy(set({ approve: 1 }));
    expect(await backtest(set(stage({})), [view])).toMatchObject({ unchanged: 1 });
    expect(await backtest(set(stage({ approvers: { roles: roles.toReversed() } })), [view])).toMatchObject({
      unchanged: 1,
    });
    for (const more of [
      { dueIn: '1d' },
      { justification: 'required' },
      { timedActions: [{ at: '1d', do: 'remind' }] },
    ]) {
      expect(await backtest(set(stage(more)), [view])).toMatchObject({
        unchanged: 0,
        changed: [{ bindings: ['approval', 'privacy'] }],
      });
    }
  });
});

describe('an explanation', () => {
  test('shows where the stages stand, and who approved', async () => {
    const stages = [{ approvers: { roles: ['channel_moderator'] }, anyOf: [{ approve: 1 }] }];
    const two = { stages: [...stages, { ...stages[0], name: 'admins', anyOf: [{ approve: 2 }] }] };
    const view = await recordedBy(createPolicySet([bind(approval, two)]));
    if (view.composition?.action !== 'pend') throw new Error('it should wait');
    const line = {
      binding: 'approval',
      stage: 'admins',
      status: 'open' as const,
      approve: 2,
      approvedBy: [user('max')],
    };
    const text = formatExplanation(
      explainRequest({ ...view, requirements: view.composition.requirements, progress: [line] }),
    );
    expect(text.map((one) => one.trim())).toContain(
      '… approval: 1 approval by channel_moderator, then 2 approvals by channel_moderator; admins is open, 1 of 2 given (max)',
    );
  });

  test('shows an override beside what the policies said', async () => {
    const override = {
      by: user('ada'),
      at: NOW.toISOString(),
      verified: false,
      reason: 'the CEO waits',
      ticket: 'INC-7',
    };
    const text = formatExplanation(explainRequest({ ...(await recordedBy(plus())), override })).map((one) =>
      one.trim(),
    );
    expect(text).toContain('overridden');
    expect(text).toContain('by ada (not verified), 2026-11-23T12:00:00.000Z, INC-7: the CEO waits');
    expect(text.join('\n')).toContain('composition: pend');
  });
});
