import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathTo } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { holds, namesIn } from '../../src/domain/onboarding/condition.ts';
import type { Condition, Known } from '../../src/domain/onboarding/condition.ts';
import { loadFlows } from '../../src/flows.ts';
import { readFlow } from '../../src/schemas/read-flow.ts';
import { approval, flowOf, form, join, message, problems, user, wait } from './support.ts';

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
      'another time than this century',
      flowOf([join('a'), wait('b', { until: '9999-01-01T00:00:00Z' })]),
      'steps.1.until',
    ],
    ['a title of two lines', flowOf([join('a')], { title: 'First days\nDONE' }), 'title'],
    ['a title of a step that writes backwards', flowOf([join('a', { title: 'a\u202eb' })]), 'steps.0.title'],
    ['nobody who may start it', flowOf([join('a')], { startedBy: { roles: [] } }), 'startedBy.roles'],
    ['everybody who may start it', flowOf([join('a')], { startedBy: 'everybody' }), 'startedBy'],
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

test('a file whose digest nobody could sign is refused, with its place', async () => {
  const folder = await mkdtemp(pathTo(tmpdir(), 'flows-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = pathTo(folder, 'flow.yaml');
  await writeFile(file, JSON.stringify(flowOf([message('hello', { text: 'half a pair: \ud83d' })])));
  expect(await loadFlows([file], () => true)).toMatchObject({
    ok: false,
    issues: [
      { file, line: 1, path: 'steps.0.text', message: 'has half of a surrogate pair', accepted: 'well-formed Unicode' },
    ],
  });
});
