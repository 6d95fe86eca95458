import { LRUCache } from 'lru-cache';
import { inChild, warmUp } from '../bounded/in-child.ts';
import { answersLimit, type InputSchema } from '../domain/input-schema.ts';
import { siblingScript } from '../sibling-script.ts';
import type { Checked } from './engine.ts';
import type { SchemaProblem } from './problems.ts';

export type { SchemaProblem } from './problems.ts';

// Everything that people wrote in JSON Schema is read here, and what people answer is checked here.

const MODULE = siblingScript(import.meta.url, 'engine');

/** What was found of schemas; policies ask with the same ones again and again. */
const known = new LRUCache<string, readonly SchemaProblem[]>({ max: 200 });

/** What in a schema would not be kept as JSON Schema 2020-12 says. */
export async function schemaProblems(schema: InputSchema, tries = 1): Promise<readonly SchemaProblem[]> {
  const written = JSON.stringify(schema);
  const found = known.get(written);
  if (found) return found;
  try {
    const call = { module: MODULE, call: 'problems', input: { schema }, written };
    const problems = await inChild<readonly SchemaProblem[]>(call);
    known.set(written, problems);
    return problems;
  } catch (error) {
    // On a busy machine what is good may take too long once; a worker must not fail to start for that.
    if (tries > 1) return schemaProblems(schema, tries - 1);
    return [{ path: [], message: `cannot be read: ${(error as Error).message}`, accepted: 'a smaller schema' }];
  }
}

/** Answers with the defaults of the schema filled in, or the first thing that is wrong with them. */
export async function checkedAnswers(schema: InputSchema, answers: unknown): Promise<Checked> {
  const limit = answersLimit(answers);
  if (limit) return { ok: false, ...limit };
  const input = { schema, answers };
  try {
    return await inChild<Checked>({ module: MODULE, call: 'check', input, written: JSON.stringify(schema) });
  } catch (error) {
    return { ok: false, field: 'answers', message: `they cannot be checked: ${(error as Error).message}` };
  }
}

/** Has the children load what they need. */
export function warmUpSchemas(): Promise<void> {
  warm ??= warmUp({ module: MODULE, call: 'check', input: { schema: { type: 'object' }, answers: {} } });
  return warm;
}

let warm: Promise<void> | undefined;
