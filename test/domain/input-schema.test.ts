import { describe, expect, test } from 'vitest';
import { answersIssue, InputSchema } from '../../src/domain/input-schema.ts';

const text = { type: 'string' };
const closed = { type: 'object', properties: { team: text }, required: ['team'], additionalProperties: false };
const tree = {
  type: 'object',
  properties: { tree: { $ref: '#/$defs/tree' } },
  $defs: { tree: { type: 'array', items: { $ref: '#/$defs/tree' } } },
};

/** `[[[…]]]` */
function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

describe('a schema', () => {
  test.each([
    ['an object', closed],
    ['alternatives, each with its own fields', { type: 'object', anyOf: [closed, { ...closed, required: [] }] }],
    ['one that refers to itself', tree],
    ['a field called required', { type: 'object', properties: { required: text }, required: ['required'] }],
  ])('%s is taken', (_title, schema) => {
    expect(InputSchema.safeParse(schema).error).toBeUndefined();
  });

  test.each([
    ['no object', text, 'the schema of an object'],
    ['too long', { ...closed, title: 'x'.repeat(20_000) }, 'at most 20,000 characters'],
    ['a misspelled type', { type: 'object', properties: { team: { type: 'strng' } } }, 'zod can read'],
    ['a reference to nothing', { type: 'object', properties: { team: { $ref: '#/$defs/none' } } }, 'zod can read'],
    // It would never be missed.
    ['a required field without a schema', { type: 'object', required: ['team'] }, 'every required field'],
    ['the same further down', { type: 'object', properties: { one: { ...closed, properties: {} } } }, 'every required'],
    ['the same among alternatives', { ...closed, anyOf: [{ required: ['team'] }] }, 'every required field'],
  ])('%s is refused', (_title, schema, message) => {
    expect(InputSchema.safeParse(schema).error?.issues.map((issue) => issue.message)).toContainEqual(
      expect.stringContaining(message),
    );
  });
});

describe('answers', () => {
  test('that fit are taken', () => {
    expect(answersIssue(closed, { team: 'blue' })).toBeUndefined();
    expect(answersIssue(tree, { tree: nested(15) })).toBeUndefined();
  });

  test.each<[string, object, unknown, string, string]>([
    ['a field that is missing', closed, {}, 'answers.team', 'expected string'],
    ['an unknown field', closed, { team: 'blue', more: 1 }, 'answers', '"more"'],
    ['__proto__', closed, JSON.parse('{"team":"blue","__proto__":{"admin":true}}'), 'answers', '"__proto__"'],
    ['no object', closed, ['blue'], 'answers', 'expected object'],
    ['nothing', closed, undefined, 'answers', 'expected object'],
    ['a text that is too long', closed, { team: 'x'.repeat(20_000) }, 'answers', 'too long'],
    ['a tree that is too deep', tree, { tree: nested(1_000) }, 'answers', 'nested'],
    ['one in which any function would lose itself', tree, { tree: nested(9_000) }, 'answers', 'nested'],
    ['the same where anything fits', { type: 'object' }, { tree: nested(1_000_000) }, 'answers', 'nested'],
  ])('%s is told', (_title, schema, answers, field, message) => {
    expect(answersIssue(schema as InputSchema, answers)).toEqual({ field, message: expect.stringContaining(message) });
  });
});
