import { z } from 'zod';

/** A JSON Schema (2020-12) of an object, small enough to be recorded, that answers can be checked against. */
export const InputSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => schema['type'] === 'object', 'the schema of an object')
  .refine((schema) => JSON.stringify(schema).length <= 20_000, 'at most 20,000 characters')
  .refine(isUsable, 'a JSON Schema that zod can read')
  .refine(isComplete, 'a JSON Schema in which every required field stands among the properties beside it');
export type InputSchema = Readonly<z.output<typeof InputSchema>>;

/** What is wrong about answers, by field; nothing if they fit. */
export function answersIssue(schema: InputSchema, answers: unknown): { field: string; message: string } | undefined {
  if (isDeeper(answers, MAX_LEVELS)) return { field: 'answers', message: `nested deeper than ${MAX_LEVELS} levels` };
  if (JSON.stringify(answers)?.length > MAX_ANSWERS) return { field: 'answers', message: 'the answers are too long' };
  const parsed = z.fromJSONSchema(schema).safeParse(answers);
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  return { field: ['answers', ...(issue?.path ?? [])].join('.'), message: issue?.message ?? 'does not fit' };
}

const MAX_ANSWERS = 20_000;

/** Whoever goes through deeper ones would run out of stack, in the middle of a request's workflow. */
const MAX_LEVELS = 20;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}

function isUsable(schema: Record<string, unknown>): boolean {
  try {
    z.fromJSONSchema(schema);
    return true;
  } catch {
    return false;
  }
}

/** Zod does not look for a required field that has no schema of its own: nobody would miss it. */
function isComplete(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  const { required, properties }: { required?: unknown; properties?: unknown } = schema;
  const known = typeof properties === 'object' && properties !== null ? properties : {};
  const missed = Array.isArray(required) && required.some((name) => !Object.hasOwn(known, String(name)));
  return !missed && Object.values(schema).every(isComplete);
}
