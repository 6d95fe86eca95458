import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cell, safeJson, visible } from '../../src/domain/text.ts';

test.each([
  ['a newline', 'please\n  stages', 'please⏎  stages'],
  ['each end of a line', 'a\r\nb\rc\u0085d\u2028e\u2029f\vg\fh', 'a⏎b⏎c⏎d⏎e⏎f⏎g⏎h'],
  ['an escape sequence', '\u001b[2Jx', '\\u{1b}[2Jx'],
  ['a control of C1', '\u009b2Jx', '\\u{9b}2Jx'],
  ['DEL and NUL', 'a\u007f\u0000', 'a\\u{7f}\\u{0}'],
  ['an override of the direction', 'a\u202etxt.exe', 'a\\u{202e}txt.exe'],
  ['an isolate', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
  ['zero width', 'ad\u200bm\u200din\ufeff', 'ad\\u{200b}m\\u{200d}in\\u{feff}'],
  ['a tag', 'a\u{e0041}', 'a\\u{e0041}'],
  ['a variation selector as a carrier', 'a\ufe0f\u{e0101}', 'a\\u{fe0f}\\u{e0101}'],
  ['half a pair', 'a\ud800', 'a\\u{d800}'],
  ['fillers', '\u3164\u00ad\u034f', '\\u{3164}\\u{ad}\\u{34f}'],
  ['a tower of marks', `a${'\u0301'.repeat(7)}b`, `a${'\u0301'.repeat(5)}\\u{301}\\u{301}b`],
])('%s is seen', (_, text, expected) => {
  expect(visible(text)).toBe(expected);
});

test.each([
  'Łukasz Żółć',
  '日本語のテキスト',
  'নমস্কার',
  'می‌خواهم',
  'ශ්‍රී ලංකා',
  'שלום',
  'Tiếng Việt',
  'Zażółć',
  'e\u0301',
  '葛\u{e0100}城',
  '👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 1️⃣ ❤️',
  '“quoted” – it’s €5 & <b>',
])('%s stays as it is', (text) => {
  expect(visible(text)).toBe(text);
  expect(cell(text)).toBe(text);
});

test('a cell looks like one: no two blanks in a row, no blank at its ends, and an end', () => {
  expect(cell('  a \t b\u3000\u2003c\u2800 ')).toBe('a b c');
  expect(cell('\u{1f600}'.repeat(3), 3)).toBe('\u{1f600}…');
});

const ANY = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...HARD()) }));

function HARD(): string[] {
  return [
    'a',
    ' ',
    '\n',
    '\u0301',
    '\u200d',
    '\u200c',
    '\ufe0f',
    '👩',
    'ක',
    '\u0dca',
    'م',
    '\u061c',
    '\ud800',
    '葛',
    '\u{e0100}',
  ];
}

test('whatever it is: it stays one visible line, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(ANY, (text) => {
      const clean = visible(text);
      expect(clean).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(visible(clean)).toBe(clean);
      expect(cell(text)).not.toMatch(/^\s|\s{2}|\s$/);
      expect(JSON.parse(safeJson({ [text]: text }))).toEqual({ [text]: text });
      expect(safeJson(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 2_000 },
  );
});
