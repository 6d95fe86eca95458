import { z } from 'zod';

/** A JSON Schema (2020-12) of an object, small enough to be recorded, that answers can be checked against. */
export const InputSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => schema['type'] === 'object', 'the schema of an object')
  .refine((schema) => JSON.stringify(schema).length <= 20_000, 'at most 20,000 characters')
  .refine(isUsable, 'a JSON Schema that zod can read');
export type InputSchema = Readonly<z.output<typeof InputSchema>>;

/** What is wrong about answers, by field; nothing if they fit. */
export function answersIssue(schema: InputSchema, answers: unknown): { field: string; message: string } | undefined {
  if (JSON.stringify(answers)?.length > MAX_ANSWERS) return { field: 'answers', message: 'the answers are too long' };
  const parsed = z.fromJSONSchema(schema).safeParse(answers);
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return { field: ['answers', ...(issue?.path ?? [])].join('.'), message: issue?.message ?? 'does not fit' };
}

const MAX_ANSWERS = 20_000;

function isUsable(schema: Record<string, unknown>): boolean {
  try {
    z.fromJSONSchema(schema);
    return true;
  } catch {
    return false;
  }
}
