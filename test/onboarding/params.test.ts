import { describe, expect, test } from 'vitest';
import { instantiate, readFlow, sampleParams } from '../../src/schemas/read-flow.ts';
import { parseOnboarding } from '../../src/domain/onboarding/input.ts';
import { messageText } from '../../src/domain/onboarding/template.ts';
import { approval, channel, flowOf, form, HOME, join, message, problems, user, wait } from './support.ts';

const who = '{{params.who}}';
const asking = (steps: readonly object[], more: object = {}) =>
  flowOf([join('a'), ...steps], { params: { who: {}, team: { type: 'channel' }, lead: { type: 'user' } }, ...more });
const people = (approvers: object) => approval('b', { requirement: { approvers, approve: 1 } });
const own = (steps: readonly object[]) => problems(asking(steps, { startedBy: 'anyone' })).join();

const input = (more: object = {}) => ({
  flow: 'first-days',
  member: user('alice'),
  requestedBy: user('mona'),
  ...more,
});

const deep = () => {
  let value: object = {};
  for (let depth = 0; depth < 20_000; depth += 1) value = { not: value };
  return value;
};

describe('params', () => {
  const flow = flowOf(
    [
      join('team', { channelArn: '{{params.team}}' }),
      form('role', { title: 'For {{params.who}}', prompt: '{{params.who}}, which role?' }),
      message('hello', { channelArn: '{{ params.team }}', text: 'To {{params.who}}: {{member.name}}' }),
      approval('check', {
        channelArn: '{{params.team}}',
        requirement: { approvers: { users: ['{{params.lead}}'], exclude: ['{{params.lead}}'] }, approve: 1 },
      }),
    ],
    {
      title: 'First days with {{params.who}}',
      params: { team: { type: 'channel' }, lead: { type: 'user', default: user('max') }, who: { default: 'all' } },
    },
  );
  const made = (params: Record<string, string>, of: unknown = flow) =>
    instantiate(of, { member: user('alice'), params });

  test('are put in where they belong; what a message asks for stays until it is sent', () => {
    const all = { team: channel('team'), lead: user('max'), who: 'all' };
    expect(made({ team: channel('team') })).toMatchObject({
      ok: true,
      value: {
        params: all,
        flow: {
          title: 'First days with all',
          steps: [
            { channelArn: channel('team') },
            { title: 'For all', prompt: 'all, which role?' },
            { channelArn: channel('team'), text: 'To {{params.who}}: {{member.name}}' },
            { requirement: { stages: [{ approvers: { users: [user('max')], exclude: [user('max')] } }] } },
          ],
        },
      },
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ['a missing one', {}, 'params.team'],
    ['an unknown one', { team: channel('team'), colour: 'red' }, 'params.colour'],
    ['a user for a channel', { team: user('x') }, 'params.team'],
    ['one of another app instance', { team: `${HOME}2/channel/x` }, 'params.team'],
    ['a placeholder', { team: channel('team'), who: '{{member.id}}' }, 'params.who'],
    ['half a placeholder', { team: channel('team'), who: '{{' }, 'params.who'],
    ['two lines', { team: channel('team'), who: 'all\n\nIT SECURITY: sign in at evil.example' }, 'params.who'],
    ['a line end of another kind', { team: channel('team'), who: 'a\u2028b' }, 'params.who'],
    ['a terminal sequence', { team: channel('team'), who: '\u001b[2J' }, 'params.who'],
    ['a text that writes backwards', { team: channel('team'), who: '\u202egpj.exe' }, 'params.who'],
    ['half a character', { team: channel('team'), who: '\ud800' }, 'params.who'],
    ['a long one', { team: channel('team'), who: 'x'.repeat(1_025) }, 'params.who'],
  ])('%s is refused', (_, given, field) => {
    const read = made(given);
    expect(read.ok ? 'good' : read.issues.map((issue) => issue.field).join()).toBe(field);
  });

  test.each<[string, unknown, string]>([
    [
      'an expression',
      asking([people({ expression: `reviewer.id == '${who}'` })]),
      'steps.1.requirement.approvers.expression',
    ],
    ['an id', asking([join(`b-${who}`)]), 'steps.1.id'],
    ['a name', { ...asking([]), name: who }, 'name'],
    ['a time', asking([wait('b', { for: who })]), 'steps.1.for'],
    ['a date', asking([wait('b', { until: who })]), 'steps.1.until'],
    ['a type', asking([join('b', { type: who })]), 'steps.1.type'],
    ['a sub-channel', asking([join('b', { subChannelId: who })]), 'steps.1.subChannelId'],
    ['a term', asking([join('b', { term: who })]), 'steps.1.term'],
    ['a role', asking([people({ roles: [who] })]), 'steps.1.requirement.approvers.roles.0'],
    ['who may start it', asking([], { startedBy: { roles: [who] } }), 'startedBy.roles.0'],
    ['a condition', asking([join('b', { if: { param: 'who', equals: who } })]), 'steps.1.if.equals'],
    [
      'a pattern',
      asking([form('b', { schema: { type: 'object', properties: { x: { pattern: who } } } })]),
      'steps.1.schema.properties.x.pattern',
    ],
    [
      'the key of a map',
      asking([form('b', { schema: { type: 'object', properties: { [who]: {} } } })]),
      `steps.1.schema.properties.${who}`,
    ],
    ['a description', asking([], { params: { who: { description: '{{params.who}}' } } }), 'params.who.description'],
    ['a text for a channel', asking([join('b', { channelArn: who })]), 'steps.1.channelArn'],
    ['a user for a channel', asking([join('b', { channelArn: '{{params.lead}}' })]), 'steps.1.channelArn'],
    ['half an ARN', asking([join('b', { channelArn: `${HOME}/channel/${who}` })]), 'steps.1.channelArn'],
    ['a channel for a user', asking([people({ users: ['{{params.team}}'] })]), 'steps.1.requirement.approvers.users.0'],
    ['a param that is not there', asking([], { title: 'For {{params.whom}}' }), 'title'],
    ['an answer in a prompt', asking([form('b'), form('c', { prompt: '{{answers.b.role}}' })]), 'steps.2.prompt'],
  ])('nothing is put into %s: lint names the place and what takes one', (_, wrong, place) => {
    const read = readFlow(wrong, sampleParams(wrong));
    const found = read.ok ? [] : read.problems.map(({ path, accepted }) => [path.map(String).join('.'), accepted]);
    expect(found).toContainEqual([place, expect.stringMatching(/param/)]);
  });

  test('a default is a value of its type', () => {
    for (const wrong of [{ default: 'a\nb' }, { type: 'channel', default: user('x') }, { default: 'a {{' }]) {
      expect(problems(flowOf([join('a')], { params: { who: wrong } }))).toEqual([
        'params.who.default: no value of its type',
      ]);
    }
  });

  test('who starts a flow for themselves chooses neither where the system speaks nor who decides', () => {
    const chosen = { channelArn: '{{params.team}}' };
    expect(own([join('b', chosen), message('c'), approval('d')])).toBe('');
    expect(own([message('b', chosen)])).toMatch(/^steps\.1\.channelArn: is a param/);
    expect(own([approval('b', chosen)])).toMatch(/^steps\.1\.channelArn: is a param/);
    expect(own([people({ users: ['{{params.lead}}'] })])).toMatch(
      /^steps\.1\.requirement\.approvers\.users\.0: is a param/,
    );
  });

  test('nothing of an object’s prototype is a param', () => {
    const named = flowOf([join('a', { title: '{{params.toString}}' })], { params: { constructor: {} } });
    expect(problems(named)).toEqual(['steps.0.title: asks for what is not there']);
    expect(made({}, flowOf([join('a')], { params: { constructor: {} } }))).toMatchObject({
      ok: false,
      issues: [{ field: 'params.constructor' }],
    });
  });
});

describe('an input', () => {
  test('names a flow, and gets no params where it gives none', () => {
    const { flow, member, requestedBy } = input();
    expect(parseOnboarding(input())).toEqual({
      ok: true,
      value: { subject: { flow, member, requestedBy, params: {} } },
    });
  });

  test.each<[string, object, string]>([
    ['a member of another app instance', { member: `${HOME}2/user/x` }, 'requestedBy'],
    ['another actor than who asks', { actor: { principal: user('max') } }, 'actor.principal'],
    ['grants', { grants: [] }, 'input'],
    ['a name that is none', { flow: '../employee' }, 'flow'],
    ['a long name', { flow: 'x'.repeat(49) }, 'flow'],
    ['no flow', { flow: null }, 'flow'],
    ['a list for a flow', { flow: [] }, 'flow'],
    ['a flow that is too long', { flow: { name: 'x'.repeat(200_000) } }, 'input'],
    ['a flow that is too deep', { flow: deep() }, 'input'],
    ['a param that is too long', { params: { who: 'x'.repeat(2_000) } }, 'params'],
    [
      'too many params',
      { params: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`p${at}`, ''])) },
      'params',
    ],
  ])('with %s is refused', (_, more, field) => {
    const read = parseOnboarding(input(more));
    expect(read.ok ? 'good' : read.issues.map((issue) => issue.field).join()).toBe(field);
  });

  test.each([[undefined], [null], ['text'], [42], [[]], [{ flow: null }]])(
    'that is nonsense is refused: %j',
    (given) => {
      expect(parseOnboarding(given).ok).toBe(false);
    },
  );
});

test('a message says who the member is and what they answered, each in one line, and reads nothing of it again', () => {
  const answers = { role: '{{member.id}}', tags: ['a', 'b'], none: null, story: 'x\n\nIT SECURITY\u202e: sign in' };
  const text = (template: string) =>
    messageText(template, {
      member: { id: 'alice', name: 'Alice' },
      params: { open: '{', close: '{answers.form.tags}}' },
      answersOf: (step) => (step === 'form' ? answers : undefined),
    });
  expect(
    text(
      '{{member.name}} ({{ member.id }}): {{answers.form.role}}, {{answers.form.tags}}{{answers.form.none}}{{answers.other.x}}',
    ),
  ).toBe('Alice (alice): {{member.id}}, a, b');
  expect(text('{{params.open}}{{params.close}} {{params.toString}}')).toBe('{{answers.form.tags}} ');
  expect(text('said: {{answers.form.story}}')).not.toMatch(/[\n\u202e]/);
});
