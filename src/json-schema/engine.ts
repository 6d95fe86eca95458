import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { ecmaPattern } from './ecma-pattern.ts';
import { findProblems, type SchemaProblem } from './problems.ts';

// What runs in a child process, called by its name from `bounded.ts`.

const ajv = createAjv();
type Schema = Readonly<Record<string, unknown>>;
type Read = { readonly problems: readonly SchemaProblem[]; readonly validate?: ValidateFunction };

/** By text, and as many as have so many characters together. */
const known = new LRUCache<string, Read>({ maxSize: 200_000, sizeCalculation: (_read, key) => key.length });

// The first schema takes as long as a hundred others. While a module loads, nobody's time is counted.
read({ type: 'object', properties: { text: { type: 'string', pattern: '^a', format: 'date' } }, required: ['text'] });

export type Checked =
  | { readonly ok: true; readonly answers: unknown }
  | { readonly ok: false; readonly field: string; readonly message: string };

/** What in a schema would not be kept as JSON Schema 2020-12 says. */
export function problems({ schema }: { schema: Schema }): readonly SchemaProblem[] {
  return read(schema).problems;
}

/** Answers with the defaults of the schema filled in, or the first thing that is wrong with them. */
export function check({ schema, answers }: { schema: Schema; answers: unknown }): Checked {
  const { problems: wrong, validate } = read(schema);
  if (!validate) throw new Error(`the schema cannot be used: ${wrong[0]?.message}`);
  if (validate(answers)) return { ok: true, answers };
  const [first] = validate.errors ?? [];
  return { ok: false, ...(first ? told(first) : { field: 'answers', message: 'does not fit' }) };
}

function read(schema: Schema): Read {
  const key = JSON.stringify(schema);
  const before = known.get(key);
  if (before) return before;
  const wrong = findProblems(schema, ajv);
  const found: Read = wrong.length > 0 ? { problems: wrong } : { problems: wrong, validate: ajv.compile(schema) };
  // The cache of ajv itself has no limit.
  ajv.removeSchema(schema);
  known.set(key, found);
  return found;
}

function createAjv(): Ajv2020 {
  const made = new Ajv2020({
    strict: true,
    strictTuples: false,
    // Parts of a schema may say more about fields that stand elsewhere; of the whole, findProblem looks after it.
    strictRequired: false,
    allowUnionTypes: true,
    allowMatchingProperties: true,
    useDefaults: true,
    // Names such as toString are names like others.
    ownProperties: true,
    inlineRefs: false,
    multipleOfPrecision: 9,
    logger: false,
    code: { regExp: Object.assign(patternOf, { code: 'ecmaPattern' }), optimize: false },
  });
  // Keywords of earlier drafts and of OpenAPI, which mean nothing in 2020-12.
  for (const keyword of ['dependencies', 'nullable']) made.removeKeyword(keyword);
  addFormats.default(made);
  return made;
}

/** ajv tells patterns apart by their texts. */
function patternOf(pattern: string) {
  const { test } = ecmaPattern(pattern);
  return Object.assign(Object.create(RegExp.prototype) as RegExp, { test, toString: () => pattern });
}

function told({ instancePath, keyword, message = 'does not fit', params }: ErrorObject): {
  field: string;
  message: string;
} {
  const path = instancePath.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const at = (...more: string[]) => ['answers', ...path.slice(1), ...more].join('.');
  const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues, allowedValue } = params;
  if (keyword === 'required') return { field: at(String(missingProperty)), message: 'is missing' };
  const foreign: unknown = additionalProperty ?? unevaluatedProperty;
  if (typeof foreign === 'string') return { field: at(foreign), message: 'is not asked for' };
  const values: unknown = allowedValues ?? (keyword === 'const' ? [allowedValue] : undefined);
  if (Array.isArray(values)) {
    return { field: at(), message: `must be ${values.map((one) => JSON.stringify(one)).join(' or ')}`.slice(0, 500) };
  }
  return { field: at(), message: message.slice(0, 500) };
}
