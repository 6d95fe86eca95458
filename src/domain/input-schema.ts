/** A JSON Schema must not be deeper than this, nor answers: whoever goes through deeper ones would run out of stack. */
const MAX_SCHEMA_LEVELS = 40;
const MAX_LEVELS = 20;
const MAX_CHARACTERS = 20_000;

/** A JSON Schema (2020-12) of an object, small enough to be recorded. */
export type InputSchema = Readonly<Record<string, unknown>>;

/** What is wrong with the size of such a schema, before anybody reads it. */
export function schemaLimit(schema: unknown): string | undefined {
  if (isDeeper(schema, MAX_SCHEMA_LEVELS)) return `at most ${MAX_SCHEMA_LEVELS} levels deep`;
  return isLonger(schema) ? 'at most 20,000 characters' : undefined;
}

/** Whether answers are more than anybody should look through, whatever they are asked for. */
export function answersLimit(answers: unknown): { field: string; message: string } | undefined {
  if (isDeeper(answers, MAX_LEVELS)) return { field: 'answers', message: `nested deeper than ${MAX_LEVELS} levels` };
  if (isLonger(answers)) return { field: 'answers', message: 'the answers are too long: at most 20,000 characters' };
  return undefined;
}

function isLonger(value: unknown): boolean {
  return (JSON.stringify(value)?.length ?? 0) > MAX_CHARACTERS;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}
