import { expect, test } from 'vitest';
import { ecmaPattern } from '../../src/json-schema/ecma-pattern.ts';

const TEXTS = [
  '',
  'a',
  'A',
  'ab',
  'x',
  '1',
  '123',
  '١',
  '_',
  '-',
  '.',
  '[',
  ']',
  '\\',
  '/',
  ' ',
  '\u00A0',
  '\u2003',
  '\uFEFF',
];
const MORE = [
  '\n',
  '\r',
  '\u2028',
  '\v',
  '\b',
  '\0',
  'é',
  'Ł',
  'ł',
  'αβ',
  '😀',
  "O'Neil",
  'a foo b',
  'afoob',
  'a\n',
  'J',
];

// The same as the engine of ECMAScript says, which must not be used since it backtracks.
test.each([
  String.raw`^[\p{L} .'-]+$`,
  String.raw`^\s$`,
  String.raw`^[\s_]$`,
  String.raw`^\S$`,
  String.raw`^[\s\S]$`,
  String.raw`^\u{1F600}$`,
  String.raw`^\uD83D\uDE00$`,
  String.raw`^\u0041$`,
  String.raw`^\x41$`,
  String.raw`^\cJ$`,
  String.raw`^[\b]$`,
  String.raw`^\0$`,
  String.raw`^\/$`,
  String.raw`^[\-\]]$`,
  String.raw`\bfoo\b`,
  String.raw`^\d{3}$`,
  String.raw`^\w+$`,
  String.raw`^\p{Script=Greek}+$`,
  String.raw`^\p{Letter}+$`,
  String.raw`^\P{Lu}$`,
  '^.$',
  '^[.]$',
  '^[^]$',
  '^[]$',
  '^[[a]$',
  '^[^.]$',
  'a$',
  '^(?<name>a)b?$',
  '^(?:a|b)*$',
])('%s means the same', (pattern) => {
  const [linear, usual] = [ecmaPattern(pattern), new RegExp(pattern, 'u')];
  for (const text of [...TEXTS, ...MORE]) expect([text, linear.test(text)]).toEqual([text, usual.test(text)]);
});

test.each([
  '(',
  '(?=a)',
  '(?<!a)b',
  String.raw`(a)\1`,
  String.raw`\A`,
  '(?P<n>a)',
  String.raw`\p{Script_Extensions=Greek}`,
  '(a{50}){50}',
])('%s is refused', (pattern) => {
  expect(() => ecmaPattern(pattern)).toThrow(/regexp|regular expression|too big/);
});
