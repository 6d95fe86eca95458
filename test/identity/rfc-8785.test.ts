import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/identity/digest.ts';

// The vectors of RFC 8785, and of the test data that its authors keep (cyberphone/json-canonicalization), written anew.
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

/** Appendix B: a double as its bits, and its JSON. */
const NUMBERS: readonly (readonly [bits: string, json: string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

const double = (bits: string) => Buffer.from(bits, 'hex').readDoubleBE();

/** JSON as it comes, and its canonical form. */
const TEXTS: readonly (readonly [name: string, json: string, canonical: string])[] = [
  ['arrays', String.raw`[ 56, { "d": true, "10": null, "1": [ ] } ]`, '[56,{"1":[],"10":null,"d":true}]'],
  [
    'names that a locale would sort otherwise',
    '{"peach": "This sorting order", "péché": "is wrong according to French", "pêche": "but canonicalization MUST", "sin": "ignore locale"}',
    '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
  ],
  [
    'structures',
    String.raw`{ "1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { }, "111": [ { } ], "A": { } }`,
    String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}`,
  ],
  [
    'Unicode that is not normalized',
    String.raw`{ "Unnormalized Unicode": "\u1e0d\u0307" }`,
    '{"Unnormalized Unicode":"\u1e0d\u0307"}',
  ],
  [
    'values, section 3.2.2',
    String.raw`{ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }`,
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  ],
  [
    'names in the order of UTF-16, section 3.2.3',
    String.raw`{ "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" }`,
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\u{1f600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  ],
  [
    'odd names',
    String.raw`{ "\u20ac": "Euro Sign", "1": "One", "\u0080": "Control\u007f", "\ud83d\ude02": "Smiley", "\u00f6": "Latin Small Letter O With Diaeresis", "\ufb33": "Hebrew Letter Dalet With Dagesh", "</script>": "Browser Challenge" }`,
    '{"1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\u{1f602}":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  ],
];

describe('a digest is that of the canonical JSON of RFC 8785', () => {
  test.each(NUMBERS)('the number %s is %s', (bits, json) => {
    expect(digestOf(double(bits))).toBe(sha256(json));
  });

  test.each(TEXTS)('%s', (_name, json, canonical) => {
    expect(digestOf(JSON.parse(json))).toBe(sha256(canonical));
  });

  test.each([
    ['NaN', double('7fffffffffffffff')],
    ['Infinity', double('7ff0000000000000')],
    ['-Infinity', double('fff0000000000000')],
    ['half of a surrogate pair', { a: ['\ud83d'] }],
    ['half of a surrogate pair in a name', { '\ude00': 1 }],
  ])('%s has none', (_name, value) => {
    expect(() => digestOf(value)).toThrow('not allowed');
  });

  test('it needs no stack', () => {
    const levels = 100_000;
    const nested = JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
    expect(digestOf(nested)).toBe(sha256('['.repeat(levels) + ']'.repeat(levels)));
  });
});
