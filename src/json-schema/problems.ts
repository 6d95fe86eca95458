import type { Ajv2020 } from 'ajv/dist/2020.js';
import { NEVER_FIELDS } from '../domain/bounds.ts';
import { ecmaPattern } from './ecma-pattern.ts';
import { endless, isObject, placesIn, pointer, type Place } from './walk.ts';

/** Why a schema is refused: at which keyword, if that is known, and what would be taken. */
export interface SchemaProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly accepted: string;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const STANDARD = 'JSON Schema 2020-12';

/** What in a schema would not be kept as the standard says: what its keywords show at once, or else the first thing that ajv finds. */
export function findProblems(schema: Place['schema'], ajv: Ajv2020): SchemaProblem[] {
  const places = placesIn(schema);
  const found = places.flatMap((place) => problemsAt(place, ajv));
  if (found.length > 0) return found.slice(0, MAX_PROBLEMS);
  const loop = endless(schema);
  if (loop) {
    return [{ path: loop.path, message: 'refers to itself without end', accepted: 'a $ref to itself inside a field' }];
  }
  try {
    ajv.compile(schema);
  } catch (error) {
    return [fromAjv((error as Error).message, places)];
  } finally {
    ajv.removeSchema(schema);
  }
  return places
    .filter((place) => 'default' in place.schema && !fits(place, schema, ajv))
    .map(({ path }) => ({
      path: [...path, 'default'],
      message: 'default does not fit the field',
      accepted: 'a value that fits',
    }));
}

const MAX_PROBLEMS = 20;

/** Whether a default would be taken as an answer. */
function fits({ schema }: Place, { $defs, definitions }: Place['schema'], ajv: Ajv2020): boolean {
  const alone = {
    type: 'object',
    properties: { field: schema },
    ...($defs ? { $defs } : {}),
    ...(definitions ? { definitions } : {}),
  };
  try {
    return ajv.compile(alone)({});
  } catch {
    // It refers to what stands elsewhere.
    return true;
  } finally {
    ajv.removeSchema(alone);
  }
}

function problemsAt(place: Place, ajv: Ajv2020): SchemaProblem[] {
  const { schema, path } = place;
  const ofKeywords = Object.entries(schema).flatMap(([keyword, value]): SchemaProblem[] => {
    const wrong = wrongKeyword(keyword, value, ajv) ?? wrongDefault(keyword, place) ?? wrongValue(keyword, value);
    return wrong ? [{ path: [...path, keyword], message: wrong[0], accepted: wrong[1] }] : [];
  });
  return [...ofKeywords, ...requiredOfNobody(schema, path)];
}

/** A message, and what is accepted. */
type Wrong = readonly [string, string];

function wrongKeyword(keyword: string, value: unknown, ajv: Ajv2020): Wrong | undefined {
  const hint = Object.hasOwn(INSTEAD, keyword) ? INSTEAD[keyword] : undefined;
  if (hint !== undefined) return [`the keyword ${keyword} is not kept`, hint];
  if (!Object.hasOwn(ajv.RULES.keywords, keyword)) return [`unknown keyword ${keyword}`, `a keyword of ${STANDARD}`];
  if (keyword === '$schema' && value !== DRAFT) return [`$schema is ${quoted(value)}`, DRAFT];
  if (keyword !== '$ref' || (typeof value === 'string' && value.startsWith('#'))) return undefined;
  return [`$ref leads outside: ${quoted(value)}`, 'a reference inside the schema, such as #/$defs/name'];
}

function wrongDefault(keyword: string, { path, filled }: Place): Wrong | undefined {
  if (keyword !== 'default') return undefined;
  if (!filled) return ['default does nothing here', 'a default of a field in properties'];
  const taken = Object.hasOwn(Object.prototype, String(path.at(-1)));
  return taken ? ['default does nothing for a field of this name', 'another name'] : undefined;
}

function wrongValue(keyword: string, value: unknown): Wrong | undefined {
  const pattern = badPattern(keyword, value);
  if (pattern) return [pattern, 'a pattern without lookarounds and back references, such as ^[\\p{L} -]+$'];
  const never = named(keyword, value).find((name) => NEVER_FIELDS.has(name));
  return never === undefined ? undefined : [`${never} is no name of a field`, 'another name'];
}

const INSTEAD: Readonly<Record<string, string>> = {
  dependencies: 'dependentRequired or dependentSchemas',
  additionalItems: 'prefixItems and items',
  nullable: "type: ['string', 'null']",
  discriminator: 'oneOf, with a const in each',
  $dynamicRef: '$ref',
  $dynamicAnchor: '$anchor',
  $recursiveRef: '$ref',
  $recursiveAnchor: '$anchor',
  $vocabulary: `the keywords of ${STANDARD}`,
  $id: 'a schema without $id',
};

function badPattern(keyword: string, value: unknown): string | undefined {
  const patterns =
    keyword === 'pattern' ? [value] : keyword === 'patternProperties' && isObject(value) ? Object.keys(value) : [];
  for (const pattern of patterns) {
    try {
      if (typeof pattern === 'string') ecmaPattern(pattern);
    } catch (error) {
      return `${keyword} ${quoted(pattern)} cannot be kept: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** The names of fields that a keyword speaks of. */
function named(keyword: string, value: unknown): string[] {
  if (keyword === 'required' && Array.isArray(value)) return value.map(String);
  const byName = ['properties', 'dependentRequired', 'dependentSchemas'].includes(keyword) && isObject(value);
  return byName ? Object.keys(value) : [];
}

/** Nobody could be asked for it, and mostly it is misspelled. Parts of a schema speak of what stands elsewhere. */
function requiredOfNobody({ type, required, properties }: Place['schema'], path: Place['path']): SchemaProblem[] {
  if (type !== 'object' || !Array.isArray(required)) return [];
  const known = isObject(properties) ? properties : {};
  const missing = required.filter((name) => !Object.hasOwn(known, String(name)));
  return missing.map((name) => ({
    path: [...path, 'required'],
    message: `required names ${quoted(name)}, which is not among the properties beside it`,
    accepted: Object.keys(known).join(', ') || 'properties that describe it',
  }));
}

/** What ajv says, with the place that it names: by a pointer, or by a keyword. */
function fromAjv(message: string, places: readonly Place[]): SchemaProblem {
  const [, quotedPointer, dataPointer] = /"(#[^"]*)"|data(\/[^\s,]*)/.exec(message) ?? [];
  const reference = /^can't resolve reference (\S+)/.exec(message)?.[1];
  const spoken = /keyword "([^"]+)"|^strict mode: "([^"]+)" without/.exec(message);
  const keyword =
    spoken?.[1] ??
    spoken?.[2] ??
    (reference === undefined ? undefined : '$ref') ??
    (message.startsWith('unknown format') ? 'format' : undefined);
  const wanted = quotedPointer ?? (dataPointer === undefined ? undefined : `#${dataPointer}`);
  const place = places
    .filter(({ path }) => wanted === undefined || `${wanted}/`.startsWith(`${pointer(path)}/`))
    .filter(({ schema }) => wanted !== undefined || (keyword !== undefined && keyword in schema))
    .at(wanted === undefined ? 0 : -1);
  const rest = place && wanted ? wanted.slice(pointer(place.path).length).split('/')[1] : undefined;
  const at = keyword ?? rest;
  const missing = /^strict mode: missing type "([^"]+)"/.exec(message)?.[1];
  return {
    path: [...(place?.path ?? []), ...(at === undefined ? [] : [at])],
    message: plainly(message),
    accepted: missing === undefined ? STANDARD : `type: ${missing} beside it`,
  };
}

function plainly(message: string): string {
  const [first = message] = message.split(', data');
  const text = first.replace(/^strict mode: /, '').replace(/^schema is invalid: data\S*\//, '');
  return text.replace(/ (ignored in schema )?at (path )?"#[^"]*"( \(\w+\))?$| from id #$/, '').slice(0, 300);
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
