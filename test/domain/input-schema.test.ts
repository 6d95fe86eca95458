import { describe, expect, test } from 'vitest';
import { answersLimit } from '../../src/domain/input-schema.ts';
import { InputSchema } from '../../src/schemas/verdict.ts';

const text = { type: 'string' };
const closed = { type: 'object', properties: { team: text }, required: ['team'], additionalProperties: false };

/** `[[[…]]]` */
function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

describe('a schema', () => {
  test('of an object is taken', () => {
    expect(InputSchema.safeParse(closed).error).toBeUndefined();
  });

  test.each([
    ['no object', text, 'the schema of an object'],
    ['too long', { ...closed, title: 'x'.repeat(20_000) }, 'at most 20,000 characters'],
    ['too deep', { ...closed, enum: nested(1_000) }, 'at most 40 levels deep'],
  ])('%s is refused', (_title, schema, message) => {
    expect(InputSchema.safeParse(schema).error?.issues.map((issue) => issue.message)).toContainEqual(message);
  });
});

describe('answers', () => {
  test('that are no more than people write are taken', () => {
    expect(answersLimit({ team: 'blue', tree: nested(15) })).toBeUndefined();
  });

  test.each<[string, unknown, string]>([
    ['a text that is too long', { team: 'x'.repeat(20_000) }, 'too long'],
    ['a tree that is too deep', { tree: nested(1_000) }, 'nested'],
    ['one in which any function would lose itself', { tree: nested(1_000_000) }, 'nested'],
  ])('%s is told', (_title, answers, message) => {
    expect(answersLimit(answers)).toEqual({ field: 'answers', message: expect.stringContaining(message) as string });
  });
});
