import { describe, expect, test } from 'vitest';
import type { InputSchema } from '../../src/domain/input-schema.ts';
import { checkedAnswers, schemaProblems } from '../../src/json-schema/bounded.ts';

const of = (properties: object, more: object = {}): InputSchema => ({ type: 'object', properties, ...more });
const text = { type: 'string' };
const whole = { type: 'integer' };

/** A node that refers to itself below a field. */
const tree = of(
  { tree: { $ref: '#/$defs/tree' } },
  { $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } } },
);

// Each keyword with answers that fit and answers that do not: what is called good means what the standard says.
describe.each<[keyword: string, schema: InputSchema, good: unknown[], bad: unknown[]]>([
  ['type', of({ a: whole }), [{}, { a: 1 }, { a: 1.0 }], [{ a: '1' }, { a: 1.5 }, { a: null }, [], null, 'x']],
  ['type, several', of({ a: { type: ['string', 'null'] } }), [{ a: 'x' }, { a: null }], [{ a: 5 }]],
  ['enum', of({ a: { enum: ['x', 1] } }), [{ a: 1 }], [{ a: 'y' }]],
  ['const', of({ a: { type: 'boolean', const: true } }), [{ a: true }], [{ a: 1 }, { a: false }]],
  ['required', of({ a: text }, { required: ['a'] }), [{ a: '' }], [{}, { a: undefined }]],
  ['required toString', of({ toString: text }, { required: ['toString'] }), [{ toString: 'x' }], [{}]],
  ['required valueOf', of({ valueOf: text }, { required: ['valueOf'] }), [{ valueOf: 'x' }], [{}]],
  [
    'additionalProperties',
    of({ a: text }, { additionalProperties: false }),
    [{ a: 'x' }],
    [{ b: 1 }, JSON.parse('{"__proto__":{"admin":true}}'), { toString: 1 }],
  ],
  ['unevaluatedProperties', of({}, { unevaluatedProperties: false }), [{}], [{ x: 1 }]],
  ['minimum', of({ a: { type: 'number', minimum: 18 } }), [{ a: 18 }], [{ a: 3 }, { a: '20' }]],
  ['exclusiveMinimum', of({ a: { ...whole, exclusiveMinimum: 17 } }), [{ a: 18 }], [{ a: 17 }]],
  ['multipleOf', of({ a: { type: 'number', multipleOf: 0.01 } }), [{ a: 0.07 }], [{ a: 0.075 }]],
  ['maxLength counts characters', of({ a: { ...text, maxLength: 2 } }), [{ a: '😀😀' }], [{ a: 'abc' }]],
  [
    'a pattern of letters',
    of({ a: { ...text, pattern: String.raw`^[\p{L} .'-]+$` } }),
    [{ a: 'Łukasz Żółć' }, { a: "Bob O'Neil" }],
    [{ a: 'x1' }],
  ],
  [
    'a pattern that takes others for ever',
    of({ a: { ...text, pattern: '^(a+)+$' } }),
    [{ a: 'aaa' }],
    [{ a: `${'a'.repeat(15_000)}!` }],
  ],
  [
    'patternProperties',
    of({ ab: text }, { patternProperties: { '^a': { maxLength: 1, type: 'string' } } }),
    [{ ab: 'x' }],
    [{ ab: 'xy' }],
  ],
  ['propertyNames', of({}, { propertyNames: { pattern: '^a' } }), [{ a: 1 }], [{ b: 1 }]],
  ['minProperties', of({}, { minProperties: 2 }), [{ a: 1, b: 1 }], [{}]],
  ['dependentRequired', of({ a: {}, b: {} }, { dependentRequired: { a: ['b'] } }), [{ b: 1 }, {}], [{ a: 1 }]],
  ['dependentSchemas', of({ a: {} }, { dependentSchemas: { a: { required: ['b'] } } }), [{}], [{ a: 1 }]],
  ['allOf', of({ a: text }, { allOf: [{ required: ['a'] }] }), [{ a: 'x' }], [{}]],
  ['anyOf', of({}, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }), [{ b: 1 }], [{}]],
  ['oneOf', of({ a: { oneOf: [text, { type: 'number', minimum: 5 }] } }), [{ a: 5 }], [{ a: 3 }]],
  ['not', of({ a: { not: text } }), [{ a: 1 }], [{ a: 'x' }]],
  [
    'if',
    of({ a: {}, b: {} }, { if: { properties: { a: { const: 1 } }, required: ['a'] }, then: { required: ['b'] } }),
    [{ a: 2 }, { a: 1, b: 1 }],
    [{ a: 1 }],
  ],
  ['uniqueItems', of({ a: { type: 'array', uniqueItems: true } }), [{ a: [1, '1'] }], [{ a: [1, 1] }]],
  ['contains', of({ a: { type: 'array', contains: { const: 9 } } }), [{ a: [1, 9] }], [{ a: [1] }]],
  [
    'prefixItems',
    of({ a: { type: 'array', prefixItems: [text], items: false } }),
    [{ a: ['x'] }],
    [{ a: ['x', 1] }, { a: [1] }],
  ],
  [
    'format',
    of({ a: { ...text, format: 'email' } }),
    [{ a: 'a@example.org' }],
    [{ a: 'a' }, { a: `${'a.'.repeat(9_000)}@` }],
  ],
  ['$ref to itself', tree, [{ tree: [[], [[]]] }], [{ tree: [1] }]],
])('%s', (_keyword, schema, good, bad) => {
  test('is kept', async () => {
    expect(await schemaProblems(schema)).toEqual([]);
    for (const answers of good) expect(await checkedAnswers(schema, answers)).toEqual({ ok: true, answers });
    for (const answers of bad) expect(await checkedAnswers(schema, answers)).toMatchObject({ ok: false });
  });
});

const withDefaults = of(
  { level: { ...text, default: 'low' }, at: of({ days: { ...whole, default: 5 } }) as object },
  { required: ['level'] },
);

test.each([
  [{}, { level: 'low' }],
  [
    { level: 'high', at: {} },
    { level: 'high', at: { days: 5 } },
  ],
])('defaults are filled in: %j', async (answers, filled) => {
  expect(await checkedAnswers(withDefaults, answers)).toEqual({ ok: true, answers: filled });
});

test.each<[string, InputSchema, string]>([
  ['an unknown keyword', of({ a: { ...text, minLenght: 5 } }), 'properties.a.minLenght: unknown keyword minLenght'],
  ['dependencies', of({ a: {} }, { dependencies: { a: ['b'] } }), 'dependencies: the keyword dependencies is not kept'],
  ['nullable', of({ a: { ...text, nullable: true } }), 'properties.a.nullable: '],
  ['$dynamicRef', of({ a: { $dynamicRef: '#a' } }), 'properties.a.$dynamicRef: '],
  [
    'a limit without its type',
    of({ a: { minimum: 3 } }),
    'properties.a.minimum: missing type "number" for keyword "minimum"',
  ],
  ['a required field that nobody describes', of({}, { required: ['a'] }), 'required: required names "a"'],
  ['a misspelled type', of({ a: { type: 'strng' } }), 'properties.a.type: type must be equal to one of'],
  ['a text for a number', of({ a: { ...whole, minimum: '3' } }), 'properties.a.minimum: minimum must be number'],
  [
    'a reference to nothing',
    of({ a: { $ref: '#/$defs/none' } }),
    "properties.a.$ref: can't resolve reference #/$defs/none",
  ],
  [
    'a reference to elsewhere',
    of({ a: { $ref: 'https://schemas.example/a' } }),
    'properties.a.$ref: $ref leads outside',
  ],
  ['another draft', of({}, { $schema: 'http://json-schema.org/draft-07/schema#' }), '$schema: $schema is "http'],
  ['an unknown format', of({ a: { ...text, format: 'shoe-size' } }), 'properties.a.format: unknown format "shoe-size"'],
  [
    'a lookahead',
    of({ a: { ...text, pattern: '^(?=.*x)' } }),
    'properties.a.pattern: pattern "^(?=.*x)" cannot be kept',
  ],
  ['a back reference', of({ a: { ...text, pattern: String.raw`(a)\1` } }), 'properties.a.pattern: '],
  ['a pattern that is too big', of({ a: { ...text, pattern: '(a{100}){100}' } }), 'the pattern is too big'],
  ['what is no pattern', of({}, { patternProperties: { '(': {} } }), 'patternProperties: patternProperties "("'],
  [
    'a default where none is filled in',
    of({ a: { type: 'array', items: { ...text, default: 'x' } } }),
    'properties.a.items.default: default does nothing',
  ],
  [
    'a default among alternatives',
    of({}, { anyOf: [{ properties: { a: { ...text, default: 'x' } } }] }),
    'anyOf.0.properties.a.default: ',
  ],
  ['a default that does not fit', of({ a: { ...whole, default: 'x' } }), 'properties.a.default: default does not fit'],
  ['then without if', of({}, { then: { type: 'object' } }), 'then: "then" without "if"'],
  [
    '__proto__',
    JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as InputSchema,
    'properties: __proto__ is no name',
  ],
  ['constructor', of({ constructor: text }), 'properties: constructor is no name'],
  ['itself, without end', of({}, { allOf: [{ $ref: '#' }] }), 'refers to itself without end'],
  [
    'two that are each other',
    of(
      { a: { $ref: '#/$defs/x' } },
      { $defs: { x: { anyOf: [{ $ref: '#/$defs/y' }] }, y: { anyOf: [{ $ref: '#/$defs/x' }] } } },
    ),
    'without end',
  ],
])('%s is refused, with its place', async (_title, schema, message) => {
  const [problem] = await schemaProblems(schema);
  expect([problem?.path.join('.'), problem?.message].join(': ')).toContain(message);
  // Nothing is ever checked by it, by whatever door it came.
  expect(await checkedAnswers(schema, {})).toMatchObject({
    ok: false,
    message: expect.stringContaining('cannot be checked') as string,
  });
});

test.each<[unknown, string, string]>([
  [{}, 'answers.level', 'is missing'],
  [{ level: 'x', more: 1 }, 'answers.more', 'is not asked for'],
  [{ level: 'x', at: { days: 'x' } }, 'answers.at.days', 'must be integer'],
  [{ level: 'y' }, 'answers.level', 'must be "x"'],
])('%j is told by field', async (answers, field, message) => {
  const properties = { level: { const: 'x' }, at: of({ days: whole }) };
  const schema = of(properties, { required: ['level'], additionalProperties: false });
  expect(await checkedAnswers(schema, answers)).toEqual({ ok: false, field, message });
});

test('answers that take too long to check are refused, and the next ones are checked', async () => {
  const schema = of({ a: { type: 'array', uniqueItems: true } });
  const slow = checkedAnswers(schema, { a: Array.from({ length: 2_000 }, (_, index) => ({ b: [index] })) });
  expect([true, false]).toContain((await slow).ok);
  expect(await checkedAnswers(schema, { a: [1] })).toMatchObject({ ok: true });
});
