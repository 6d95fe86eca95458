import { expect, test } from 'vitest';
import { compileCel } from '../../../src/policies/cel/compile.ts';
import { programOf, refusalOf } from './cel.ts';
import { cpuTimeOf } from '../../support/cpu-time.ts';

test.for([
  ['request.typ == "HIDDEN"', 'unknown field request.typ', 'did you mean request.type?'],
  ['has(request.typ)', 'unknown field request.typ', 'did you mean request.type?'],
  ['request["typ"] == ""', 'unknown field request.typ', 'did you mean request.type?'],
  ['request.type.length', 'unknown field request.type.length', 'request.type'],
  ['type == "HIDDEN"', 'unknown name type', 'did you mean request.type?'],
  ['reqest.type == ""', 'unknown name reqest.type', 'did you mean request?'],
  ['channel.privacy == ""', 'unknown name channel.privacy', 'did you mean facts.channel?'],
  ['facts.chanel.privacy == ""', 'unknown fact chanel.privacy', 'did you mean facts.channel?'],
  ['facts.requester.rol == ""', 'unknown fact requester.rol', 'did you mean facts.requester.role?'],
  ['facts.requester == {}', 'unknown fact requester', 'facts.requester.role'],
  ['facts == {}', 'facts alone is no value', 'facts.channel'],
  ['"channel" in facts', 'facts alone is no value', 'facts.channel'],
  ['facts[request.type]', 'facts alone is no value', 'facts.channel'],
  ['has(facts.member.membership)', 'a fact is always there', 'facts.member.membership != null'],
  ['params.max > 1', 'unknown name params.max', 'one of request, facts, now, askedBy, purpose'],
  ['constructor == 1', 'unknown name constructor', 'request'],
  ['__proto__ == 1', 'unknown name __proto__', 'request'],
  ['request.constructor == 1', 'unknown field request.constructor', 'request.type'],
  ['facts.__proto__ == 1', 'unknown fact __proto__', 'facts.channel'],
  ['facts.constructor.name == 1', 'unknown fact constructor.name', 'facts.channel'],
  ['now.year == 2026', 'unknown name now.year', 'now'],
  ['sise(facts.admins) > 1', 'unknown function sise', 'did you mean size?'],
  ['request.type.startWith("H")', 'unknown function startWith', 'did you mean startsWith?'],
  ['startsWith(request.type, "H")', 'startsWith is not called so', 'value.startsWith(x)'],
  ['size(1, 2)', 'size is not called so', 'size(x)'],
  ['has(now)', 'has is not called so', 'has(request.reason)'],
  ['facts.admins.exists(m)', 'exists is not called so', 'list.exists(x, x > 1)'],
  ['google.protobuf.Duration{seconds: 1}', 'unknown type google.protobuf.Duration', 'a map'],
  ['google.protobuf.Duration == 1', 'unknown name google.protobuf.Duration', 'request'],
  ['facts.admins.all(request, request == "")', 'the variable request hides another name', 'a name of its own'],
  ['facts.admins.all(facts, true)', 'the variable facts hides', 'a name of its own'],
  ['[1].all(string, true)', 'the variable string hides', 'a name of its own'],
  ['request.reason.matches("(")', 'it fails for every request: error parsing regexp', 'RE2'],
  ['request.reason.matches("(?=a)")', 'it fails for every request', 'RE2'],
  ['now > timestamp("tomorrow")', 'it fails for every request', 'values'],
  ["now.getHours('Europe/Berln') > 9", 'there is no time zone Europe/Berln', 'such as Europe/Berlin'],
  ["duration('30x') < duration('1h')", 'it fails for every request', 'values'],
  [`request.reason.matches('${'a{1000}'.repeat(100)}')`, 'the pattern is too big', 'RE2'],
  ['1 / 0 == 1', 'it fails for every request', 'values'],
  ['[1, 2].all(x, y > x)', 'unknown name y', 'request'],
])('%s is refused: %s', ([source = '', message = '', accepted = '']) => {
  const refusal = refusalOf(source);
  expect(refusal.message).toContain(message);
  expect(refusal.accepted).toContain(accepted);
  expect(refusal.line).toBe(1);
});

test.for([
  ['', 1, 1],
  ['  ', 1, 3],
  ['request.type ==', 1, 14],
  ['request.type == "HIDDEN" &&\n  facts.nobody.knows', 2, 3],
  ['true &&\n\n size(request.tyqe) > 1', 3, 7],
  ['"é😀" == request.typ', 1, 10],
] as const)('%j is refused with its place', ([source, line, column]) => {
  expect(refusalOf(source)).toMatchObject({ line, column });
});

test('a program names the facts that it reads, each once', () => {
  const source =
    'facts.requester.role == "admin" || facts["member.ban"] || facts.moderators.exists(m, m in facts.moderators && facts.own.list[0] == m)';
  expect(programOf(source, ['own.list']).facts.toSorted()).toEqual([
    'member.ban',
    'moderators',
    'own.list',
    'requester.role',
  ]);
  expect(programOf('request.type == "HIDDEN" && now > timestamp("2026-01-01T00:00:00Z")').facts).toEqual([]);
});

const long = (length: number) => `"${'x'.repeat(length - 2)}" == "a"`;
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const loops = (depth: number) =>
  Array.from({ length: depth }, (_, index) => `[1].all(x${index}, `).join('') + 'true' + ')'.repeat(depth);

test('text, nesting and loops are limited', () => {
  expect(compileCel(long(4_096 - 7), { facts: [] }).ok).toBe(true);
  expect(refusalOf(long(4_096 - 6)).message).toBe('the expression has 4097 bytes');
  expect(refusalOf(`"${'é'.repeat(2_048)}" == "a"`).message).toContain('bytes');
  expect(compileCel(nested(50), { facts: [] }).ok).toBe(true);
  expect(refusalOf(nested(51)).message).toBe('it is nested deeper than 50');
  expect(compileCel(loops(2), { facts: [] }).ok).toBe(true);
  expect(refusalOf(loops(3)).message).toBe('loops are nested deeper than 2');
  // One after the other is not nested.
  expect(compileCel('[1].map(x, x).map(x, x).filter(x, x > 0).all(x, x > 0)', { facts: [] }).ok).toBe(true);
});

test.for([['('], ['['], ['!'], ['-'], ['{"a":'], ['a ? '], ['f('], ['a.'], ['a['], ['x.map(y, ']])(
  'thousands of %j are refused quickly, and nothing is thrown',
  ([text = '']) => {
    const spent = cpuTimeOf(() => {
      expect(compileCel(text.repeat(4_000 / text.length), { facts: [] }).ok).toBe(false);
    });
    expect(spent).toBeLessThan(2_000);
  },
);

test('many terms side by side are not deep', () => {
  const terms = Array.from({ length: 200 }, () => 'request.type==""');
  expect(compileCel(terms.join('||'), { facts: [] }).ok).toBe(true);
});
