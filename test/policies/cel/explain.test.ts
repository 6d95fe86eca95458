import { celEnv, isCelError, isCelList, parse, plan } from '@bufbuild/cel';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExplainNode as Explained } from '../../../src/domain/explain.ts';
import { ExplainNode } from '../../../src/schemas/verdict.ts';
import { FACT_NAMES } from '../../../src/domain/facts.ts';
import { compileCel } from '../../../src/policies/cel/compile.ts';
import { evaluated, scopeOf } from './cel.ts';

/** A tree in brief: `text = value`, `text ! error` or only `text`, with what is below. */
type Brief = string | { [text: string]: Brief[] };

function inBrief({ text, value, error, children = [] }: Explained): Brief {
  const ending = error === undefined ? (value === undefined ? '' : ` = ${JSON.stringify(value)}`) : ` ! ${error}`;
  return children.length === 0 ? text + ending : { [text + ending]: children.map(inBrief) };
}

const explained = (...args: Parameters<typeof evaluated>) => inBrief(evaluated(...args).explain);

test('terms stand side by side; what was not evaluated has no value', () => {
  const source = "request.type == 'DEFAULT' && facts.channel.privacy == 'PUBLIC' && size(facts.admins) > 2";
  expect(explained(source)).toEqual({
    'request.type == "DEFAULT" && facts.channel.privacy == "PUBLIC" && size(facts.admins) > 2 = false': [
      { 'request.type == "DEFAULT" = true': ['request.type = "DEFAULT"'] },
      { 'facts.channel.privacy == "PUBLIC" = false': ['facts.channel.privacy = "PRIVATE"'] },
      { 'size(facts.admins) > 2': [{ 'size(facts.admins)': ['facts.admins'] }] },
    ],
  });
});

test('an error is shown where it arose and where it went, also if another part made up for it', () => {
  expect(explained('!(request.reason == "x") || has(request.type)')).toEqual({
    '!(request.reason == "x") || has(request.type) = true': [
      {
        '!(request.reason == "x") ! field not found: reason': [
          { 'request.reason == "x" ! field not found: reason': ['request.reason ! field not found: reason'] },
        ],
      },
      'has(request.type) = true',
    ],
  });
  expect(explained('[request.reason, request.type].size() == 2')).toMatchObject({
    '[request.reason, request.type].size() == 2 ! field not found: reason': [
      {
        '[request.reason, request.type].size() ! field not found: reason': [
          {
            '[request.reason, request.type] ! field not found: reason': [
              'request.reason ! field not found: reason',
              'request.type',
            ],
          },
        ],
      },
    ],
  });
});

test('choices, loops, maps and arithmetic', () => {
  expect(explained('facts.channel.elastic ? request.type : request.memberArn')).toMatchObject({
    'facts.channel.elastic ? request.type : request.memberArn = "arn:aws:chime:us-east-1:111122223333:app-instance/home/user/alice"':
      ['facts.channel.elastic = false', 'request.type', expect.stringContaining('request.memberArn = ')],
  });
  expect(explained('params.list.filter(x, x > 1).map(x, x * 2)[0] + 1 == 5', { params: { list: [1, 2] } })).toEqual({
    'params.list.filter(x, x > 1).map(x, x * 2)[0] + 1 == 5 = true': [
      {
        'params.list.filter(x, x > 1).map(x, x * 2)[0] + 1 = 5': ['params.list.filter(x, x > 1).map(x, x * 2)[0] = 4'],
      },
    ],
  });
  expect(explained('params.list.exists(x, x == 2)', { params: { list: [1, 2] } })).toEqual({
    'params.list.exists(x, x == 2) = true': ['params.list = [1,2]'],
  });
  expect(explained('{"a": request.type}.a == "DEFAULT"')).toEqual({
    '{"a": request.type}.a == "DEFAULT" = true': [
      {
        '{"a": request.type}.a = "DEFAULT"': [
          { '{"a": request.type} = {"a":"DEFAULT"}': ['request.type = "DEFAULT"'] },
        ],
      },
    ],
  });
  expect(explained('now > timestamp("2026-01-01T00:00:00Z")')).toEqual({
    'now > timestamp("2026-01-01T00:00:00Z") = true': [
      'now = "2026-11-23T12:00:00Z"',
      'timestamp("2026-01-01T00:00:00Z") = "2026-01-01T00:00:00Z"',
    ],
  });
});

const countOf = ({ children = [] }: Explained): number => 1 + children.reduce((sum, child) => sum + countOf(child), 0);

test('trees are bounded and are JSON', () => {
  const params = {
    text: 'x'.repeat(500),
    list: Array.from({ length: 30 }, (_, index) => index),
    deep: [[[[[1]]]]],
    wide: Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 'y'.repeat(100))),
    keys: Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`k${index}`, index])),
  };
  const { explain } = evaluated('[params.text, params.list, params.deep, params.wide, params.keys] == []', { params });
  const [text, list, deep, wide, keys] = explain.children?.[0]?.children ?? [];
  expect(text?.value).toBe(`${'x'.repeat(199)}…`);
  expect(list?.value).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, '… 20 more']);
  expect(deep?.value).toEqual([[['a list of 1']]]);
  expect(wide?.value).toBe('a list of 10');
  expect(Object.keys(keys?.value as object)).toHaveLength(11);
  const many = Array.from({ length: 120 }, (_, index) => `request.type == "${index}"`).join(' || ');
  const big = evaluated(many).explain;
  expect(countOf(big)).toBe(100);
  expect(big.text).toHaveLength(200);
  for (const tree of [explain, big]) expect(JSON.parse(JSON.stringify(ExplainNode.parse(tree)))).toEqual(tree);
});

/** Expressions over facts and fields, some of which fail, are no booleans or are not there. */
const { expression } = fc.letrec<{ expression: string; value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('1', '2', '"DEFAULT"', 'request.type', 'request.reason', 'params.n', 'params.none', 'facts.admins'),
    fc.constantFrom('size(facts.admins)', 'params.list[1]', 'params.list[9]', 'facts.requester.role', '[request.type]'),
    fc.tuple(tie('expression'), tie('value'), tie('value')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '/'), tie('value')).map(([a, op, b]) => `(${a} ${op} ${b})`),
  ),
  expression: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom('true', 'false', 'params.yes', 'params.no', 'params.n', 'has(request.reason)', 'request.reason'),
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.array(tie('expression'), { minLength: 3, maxLength: 5 }).map((terms) => `(${terms.join(' && ')})`),
    fc.tuple(tie('expression')).map(([a]) => `!(${a})`),
    fc
      .tuple(tie('value'), fc.constantFrom('==', '!=', '<', '>=', 'in'), tie('value'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `[${a}].exists(x, x && ${b})`),
  ),
}));

const params = { yes: true, no: false, n: 1, list: [1, 2] };

function visitAll(node: Explained, visit: (node: Explained) => void): void {
  visit(node);
  node.children?.forEach((child) => visitAll(child, visit));
}

const library = celEnv();
const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

/** What the library itself says of the text, with nothing of ours in between. */
function byLibrary(source: string): unknown {
  const { request, facts } = scopeOf();
  const result = plan(
    library,
    parse(source),
  )({
    request: { ...request },
    'facts.admins': facts['admins'] as string[],
    'facts.requester.role': facts['requester.role'] as string,
    params: { yes: true, no: false, n: 1n, list: [1n, 2n] },
  });
  if (isCelError(result)) return `error: ${result.message}`;
  return isCelList(result) ? [...result].map(plain) : plain(result);
}

test('the tree says what really was: its root is the result, and each piece alone gives what stands beside it', () => {
  fc.assert(
    fc.property(expression, (source) => {
      const compiled = compileCel(source, { facts: FACT_NAMES, params: true });
      // Some fail for every request, such as `1 / "a"`, and are refused.
      fc.pre(compiled.ok);
      const result = compiled.program.evaluate(scopeOf({ params }));
      expect(result.ok ? result.value : `error: ${result.error}`).toEqual(byLibrary(source));
      visitAll(result.explain, ({ text, value, error }) => {
        expect(value === undefined || error === undefined).toBe(true);
        if (text.endsWith('…') || (value === undefined && error === undefined)) return;
        expect(error === undefined ? value : `error: ${error}`).toEqual(byLibrary(text));
      });
      expect(result.explain.value).toEqual(result.ok ? result.value : undefined);
      expect(result.explain.error).toEqual(result.ok ? undefined : result.error);
    }),
    { numRuns: 300 },
  );
}, 30_000);

test('what a part would be is told exactly as long as it can matter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('true', 'false', 'request.reason'), { minLength: 2, maxLength: 8 }),
      (terms) => {
        for (const [operator, end] of [
          ['&&', 'false'],
          ['||', 'true'],
        ] as const) {
          const { children = [] } = evaluated(terms.join(` ${operator} `)).explain;
          const last = terms.includes(end) ? terms.indexOf(end) : terms.length;
          const shown = children.map(({ value, error }) => value !== undefined || error !== undefined);
          expect(shown).toEqual(terms.map((_term, index) => index <= last));
        }
      },
    ),
  );
});
