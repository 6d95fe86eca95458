import type { Shape } from './model.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

// The models write astral ranges the Java way (\u10000-\u10FFFF), which JavaScript reads as something else;
// such patterns need the unicode flag, which in turn forbids escapes like \: that other patterns use.
function compile(pattern: string): RegExp {
  const astral = pattern.includes(String.raw`\u10000`);
  const source = astral ? pattern.replaceAll(/\\u(10[0-9A-F]{4}|10000)/g, String.raw`\u{$1}`) : pattern;
  return new RegExp(`^(?:${source})$`, astral ? 'u' : '');
}

const compiled = new Map<string, RegExp>();

function fullMatch(pattern: string, value: string): boolean {
  const expression = compiled.get(pattern) ?? compile(pattern);
  compiled.set(pattern, expression);
  return expression.test(value);
}

function broken(path: string, constraint: string): string {
  return `Value at '${path}' failed to satisfy constraint: Member must ${constraint}`;
}

function outOfRange(shape: Shape, size: number, path: string, what: string): string | undefined {
  if (shape.min !== undefined && size < shape.min) {
    return broken(path, `have ${what} greater than or equal to ${shape.min}`);
  }
  return shape.max !== undefined && size > shape.max
    ? broken(path, `have ${what} less than or equal to ${shape.max}`)
    : undefined;
}

function stringViolation(shape: Shape, value: string, path: string): string | undefined {
  if (shape.enum && !shape.enum.includes(value)) {
    return broken(path, `satisfy enum value set: [${shape.enum.join(', ')}]`);
  }
  const length = outOfRange(shape, Array.from(value).length, path, 'length');
  if (length !== undefined) return length;
  return shape.pattern !== undefined && !fullMatch(shape.pattern, value)
    ? broken(path, `satisfy regular expression pattern: ${shape.pattern}`)
    : undefined;
}

function listViolation(shape: Shape, value: readonly Json[], path: string): string | undefined {
  const length = outOfRange(shape, value.length, path, 'length');
  if (length !== undefined || !shape.item) return length;
  for (const [index, item] of value.entries()) {
    const found = violation(shape.item, item, `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first broken constraint of a structure's members, required ones included; unknown keys are ignored. */
export function structureViolation(
  members: Readonly<Record<string, Shape>>,
  required: readonly string[],
  value: JsonObject,
  path = '',
): string | undefined {
  for (const [name, shape] of Object.entries(members)) {
    const at = path === '' ? name : `${path}.${name}`;
    const member = value[name] ?? null;
    if (member === null && required.includes(name)) return broken(at, 'not be null');
    const found = member === null ? undefined : violation(shape, member, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is wrong with a value according to the service's model: field and constraint, or undefined. */
function violation(shape: Shape, value: Json, path: string): string | undefined {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? stringViolation(shape, value, path) : broken(path, 'be a string');
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
        ? outOfRange(shape, value, path, 'value')
        : broken(path, 'be an integer');
    case 'boolean':
      return typeof value === 'boolean' ? undefined : broken(path, 'be a boolean');
    case 'list':
      return Array.isArray(value) ? listViolation(shape, value as readonly Json[], path) : broken(path, 'be a list');
    case 'structure':
      return isObject(value)
        ? structureViolation(shape.members ?? {}, shape.required ?? [], value, path)
        : broken(path, 'be a structure');
  }
}
