/** A schema that stands in another one, and where. */
export interface Place {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly path: readonly (string | number)[];
  /** Whether a default that stands here is filled in: only fields of objects are, and fields of such. */
  readonly filled: boolean;
}

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = [
  'not',
  'if',
  'then',
  'else',
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
];
const LIST = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const NAMED = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];

/** Those that are about the same value as the schema in which they stand. */
const IN_PLACE = ['not', 'if', 'then', 'else', 'allOf', 'anyOf', 'oneOf', 'dependentSchemas'];

/** Every schema in a schema, itself first. What is no schema where one should be is left out: others refuse it. */
export function placesIn(schema: unknown, path: Place['path'] = [], filled = false): Place[] {
  if (!isObject(schema)) return [];
  const below = partsOf(schema).flatMap(({ part, at }) =>
    placesIn(part, [...path, ...at], at[0] === 'properties' && (filled || path.length === 0)),
  );
  return [{ schema, path, filled }, ...below];
}

function partsOf(schema: Place['schema']): { readonly part: unknown; readonly at: (string | number)[] }[] {
  return Object.entries(schema).flatMap(([key, value]) => {
    if (ONE.includes(key)) return [{ part: value, at: [key] }];
    if (LIST.includes(key) && Array.isArray(value)) {
      return value.map((part: unknown, index) => ({ part, at: [key, index] }));
    }
    if (!NAMED.includes(key) || !isObject(value)) return [];
    return Object.entries(value).map(([name, part]) => ({ part, at: [key, name] }));
  });
}

/** A schema that comes to itself without going into a value, so that to check anything by it would never end. */
export function endless(root: unknown): Place | undefined {
  const places = new Map(placesIn(root).map((place) => [pointer(place.path), place]));
  const done = new Set<string>();
  const comesBack = (at: string, above: readonly string[]): boolean => {
    if (above.includes(at)) return true;
    const place = places.get(at);
    if (!place || done.has(at)) return false;
    const inside = partsOf(place.schema).filter(({ at: [key] }) => IN_PLACE.includes(String(key)));
    const next = inside.map((one) => pointer([...place.path, ...one.at]));
    const { $ref } = place.schema;
    if (typeof $ref === 'string' && $ref.startsWith('#')) next.push(decodeURIComponent($ref));
    const found = next.some((one) => comesBack(one, [...above, at]));
    done.add(at);
    return found;
  };
  return [...places.values()].find(({ path }) => comesBack(pointer(path), []));
}

export function pointer(path: Place['path']): string {
  return ['#', ...path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
