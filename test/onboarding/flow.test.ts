import { describe, expect, test } from 'vitest';
import { holds, namesIn } from '../../src/domain/onboarding/condition.ts';
import type { Condition, Known } from '../../src/domain/onboarding/condition.ts';
import { readFlow, sampleParams } from '../../src/domain/onboarding/flow.ts';
import { parseOnboarding } from '../../src/domain/onboarding/input.ts';
import { fillParams, messageText } from '../../src/domain/onboarding/template.ts';
import { approval, channel, flowOf, form, HOME, join, message, user, wait } from './support.ts';

function problems(flow: unknown, params: Record<string, string> = {}) {
  const read = readFlow(flow, params);
  return read.ok ? [] : read.problems.map(({ path, message: text }) => `${path.map(String).join('.')}: ${text}`);
}

test('a flow of every kind of step is read, with its defaults filled in', () => {
  const read = readFlow(flowOf([join('welcome'), form('role'), message('hello'), wait('week'), approval('check')]), {});
  expect(read).toMatchObject({
    ok: true,
    flow: {
      steps: [
        { kind: 'join', type: 'DEFAULT', onFailure: 'compensate-and-stop', remind: [] },
        { kind: 'input' },
        { kind: 'message' },
        { kind: 'wait', for: '1d' },
        { kind: 'approval', requirement: { stages: [{ anyOf: [{ approve: 1, deny: 1 }] }] } },
      ],
    },
  });
});

describe('a flow that is not right names the place', () => {
  test.each<[string, unknown, string]>([
    ['no mapping', 'flow', ''],
    ['a wrong version', { ...flowOf([join('a')]), apiVersion: 'v2' }, 'apiVersion'],
    ['no steps', flowOf([]), 'steps'],
    ['an unknown kind', flowOf([{ id: 'a', kind: 'dance' }]), 'steps.0.kind'],
    ['an unknown field', flowOf([join('a', { colour: 'red' })]), 'steps.0'],
    ['a bad id', flowOf([join('A b')]), 'steps.0.id'],
    ['two of the same id', flowOf([join('a'), wait('a')]), 'steps.1.id'],
    ['no time to wait', flowOf([join('a'), wait('b', { for: '0d' })]), 'steps.1.for'],
    ['for and until', flowOf([join('a'), wait('b', { for: '1d', until: '2027-01-01T00:00:00Z' })]), 'steps.1.for'],
    ['neither for nor until', flowOf([join('a'), wait('b', {})]), 'steps.1.for'],
    ['a channel that is none', flowOf([join('a', { channelArn: user('a') })]), 'steps.0.channelArn'],
    ['a schema of no object', flowOf([join('a'), form('b', { schema: { type: 'string' } })]), 'steps.1.schema'],
    [
      'a condition on a later step',
      flowOf([join('a', { if: { step: 'b', is: 'done' } }), wait('b')]),
      'steps.0.if.step',
    ],
    ['a condition on itself', flowOf([join('a', { if: { step: 'a', is: 'done' } })]), 'steps.0.if.step'],
    [
      'a condition on no answer',
      flowOf([form('a'), join('b', { if: { not: { answer: 'a.colour', equals: 'red' } } })]),
      'steps.1.if.not.answer',
    ],
    [
      'a condition on no param',
      flowOf([join('a', { if: { any: [{ param: 'team', equals: 'x' }] } })]),
      'steps.0.if.any.0.param',
    ],
    [
      'a text that asks for what is not there',
      flowOf([message('a', { text: '{{answers.form.role}}' })]),
      'steps.0.text',
    ],
    [
      'a text that asks for a param that is not there',
      flowOf([message('a', { text: '{{params.team}}' })]),
      'steps.0.text',
    ],
    ['no channel at all', flowOf([wait('a')]), 'steps'],
    ['a reminder of a message', flowOf([message('a', { remind: ['1d'] })]), 'steps.0'],
    ['a retry without a time', flowOf([message('a', { retry: { times: 1 } })]), 'steps.0.retry.after'],
  ])('%s', (_, flow, place) => {
    expect(problems(flow).map((problem) => problem.split(':')[0])).toContain(place);
  });

  test('what is too deep or too long is refused, and not gone through', () => {
    let deep: object = { param: 'x', equals: 'y' };
    for (let depth = 0; depth < 20_000; depth += 1) deep = { not: deep };
    expect(problems(flowOf([join('a', { if: deep })]))).toEqual([': is too big']);
    expect(problems(flowOf([message('a', { text: 'x'.repeat(200_000) })]))).toEqual([': is too big']);
  });
});

describe('params', () => {
  const flow = flowOf(
    [
      join('team', { channelArn: '{{params.team}}' }),
      message('hello', { channelArn: '{{ params.team }}', text: 'To {{params.who}}: {{member.name}}' }),
    ],
    {
      params: { team: { type: 'channel' }, who: { default: 'all' } },
    },
  );
  const input = (params: object, more: object = {}) => ({
    flow,
    member: user('alice'),
    requestedBy: user('mona'),
    params,
    ...more,
  });

  test('are put in wherever they stand; what is asked of the run stays', () => {
    const read = parseOnboarding(input({ team: channel('team') }));
    expect(read).toMatchObject({
      ok: true,
      value: {
        params: { team: channel('team'), who: 'all' },
        flow: {
          steps: [{ channelArn: channel('team') }, { channelArn: channel('team'), text: 'To all: {{member.name}}' }],
        },
      },
    });
  });

  test.each([
    ['a missing one', input({}), /^params\.team$/],
    ['an unknown one', input({ team: channel('team'), colour: 'red' }), /params\.colour/],
    ['a user for a channel', input({ team: user('x') }), /^params\.team$/],
    ['one of another app instance', input({ team: `${HOME}2/channel/x` }), /params\.team/],
    ['a placeholder in a text', input({ team: channel('team'), who: '{{member.id}}' }), /params\.who/],
    [
      'a member of another app instance',
      input({ team: channel('team') }, { member: `${HOME}2/user/x` }),
      /requestedBy/,
    ],
    [
      'another actor than who asks',
      input({ team: channel('team') }, { actor: { principal: user('max') } }),
      /actor\.principal/,
    ],
    ['grants as input', input({ team: channel('team') }, { grants: [] }), /input/],
  ])('%s is refused', (_, given, field) => {
    const read = parseOnboarding(given);
    expect(read.ok ? 'good' : read.issues.map((issue) => issue.field).join()).toMatch(field);
  });

  test.each([[undefined], [null], ['text'], [42], [[]], [{ flow: null }]])('nonsense is refused: %j', (given) => {
    expect(parseOnboarding(given).ok).toBe(false);
  });

  test('samples let a flow be looked at without any', () => {
    expect(readFlow(flow, sampleParams(flow)).ok).toBe(true);
  });

  test('nothing of an object’s prototype is a param', () => {
    expect(fillParams('{{params.constructor}}', {})).toBe('{{params.constructor}}');
    const named = {
      flow: flowOf([join('a')], { params: { constructor: {} } }),
      member: user('a'),
      requestedBy: user('b'),
    };
    expect(parseOnboarding(named)).toMatchObject({ ok: false, issues: [{ field: 'flow.params.constructor' }] });
  });
});

describe('conditions', () => {
  const known: Known = {
    params: { level: 'high' },
    statusOf: (step) => (({ training: 'done', call: 'skipped' }) as const)[step],
    answersOf: (step) => (step === 'form' ? { role: 'moderator', years: 3 } : undefined),
  };
  test.each<[Condition, boolean]>([
    [{ step: 'training', is: 'done' }, true],
    [{ step: 'call', is: 'done' }, false],
    [{ step: 'nothing', is: 'done' }, false],
    [{ answer: 'form.role', equals: 'moderator' }, true],
    [{ answer: 'form.years', equals: 3 }, true],
    [{ answer: 'form.years', equals: '3' }, false],
    [{ answer: 'form.toString', equals: 'x' }, false],
    [{ param: 'level', equals: 'high' }, true],
    [
      {
        all: [
          { step: 'training', is: 'done' },
          { param: 'level', equals: 'low' },
        ],
      },
      false,
    ],
    [
      {
        any: [
          { step: 'training', is: 'done' },
          { param: 'level', equals: 'low' },
        ],
      },
      true,
    ],
    [
      {
        not: {
          all: [
            { step: 'training', is: 'done' },
            { param: 'level', equals: 'low' },
          ],
        },
      },
      true,
    ],
  ])('%j is %s', (condition, expected) => {
    expect(holds(condition, known)).toBe(expected);
  });

  test('everything that one names has its place', () => {
    const condition: Condition = { all: [{ not: { step: 'a', is: 'done' } }, { any: [{ param: 'x', equals: 'y' }] }] };
    expect(namesIn(condition)).toEqual([
      { path: ['all', 0, 'not', 'step'], step: 'a' },
      { path: ['all', 1, 'any', 0, 'param'], param: 'x' },
    ]);
  });
});

test('a message says who the member is and what they answered, and reads nothing of it again', () => {
  const answers = { role: '{{member.id}}', tags: ['a', 'b'], none: null };
  const text = messageText(
    '{{member.name}} ({{ member.id }}): {{answers.form.role}}, {{answers.form.tags}}{{answers.form.none}}{{answers.other.x}}',
    {
      member: { id: 'alice', name: 'Alice' },
      answersOf: (step) => (step === 'form' ? answers : undefined),
    },
  );
  expect(text).toBe('Alice (alice): {{member.id}}, a, b');
});
