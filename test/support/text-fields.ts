import type { z } from 'zod';
import { print } from '../../src/cli/output.ts';
import type { Check } from '../../src/domain/checks.ts';
import { printed } from './admit.ts';

/** Whatever could begin a line, end a cell, turn the direction of writing or hide. */
export const HOSTILE = [
  'please\n  stages\n    privacy  review  approved\n  reviews\n    approve  mona  2026-11-27T10:00:00.000Z  verified',
  'a\u2028b\u2029c\u0085d\r\ne\vf',
  '\u001b[2J\u009b2J\u0007',
  'a\u202eb\u2066c',
  'a \u2003 b\t\tc  d',
  'a\u200b\u{e0041}\u2060',
] as const;

interface Def {
  readonly type: string;
  readonly shape?: Record<string, z.core.$ZodType>;
  readonly element?: z.core.$ZodType;
  readonly keyType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly getter?: () => z.core.$ZodType;
}

/** The fields of a schema that take a hostile text, as paths; a text field whose own schema refuses every one is closed. */
export function openTexts(schema: z.core.$ZodType, path = '', above: readonly z.core.$ZodType[] = []): string[] {
  if (above.includes(schema)) return [];
  const def = schema._zod.def as unknown as Def;
  const at = (name: string, one: z.core.$ZodType | undefined) =>
    one ? openTexts(one, path === '' ? name : `${path}.${name}`, [...above, schema]) : [];
  const same = (one: z.core.$ZodType | undefined) => (one ? openTexts(one, path, [...above, schema]) : []);
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape ?? {}).flatMap(([name, one]) => at(name, one));
    case 'array':
      return at('*', def.element);
    case 'record':
      return [...at('KEY', def.keyType), ...at('*', def.valueType)];
    case 'union':
      return [...new Set((def.options ?? []).flatMap(same))];
    case 'lazy':
      return same(def.getter?.());
    case 'pipe':
      return same(def.in);
    case 'optional':
    case 'nullable':
    case 'default':
      return same(def.innerType);
    case 'string':
    case 'unknown':
      return HOSTILE.some((text) => schemaTakes(schema, text)) ? [path] : [];
    case 'enum':
    case 'literal':
    case 'boolean':
    case 'number':
    case 'null':
      return [];
    default:
      throw new Error(`a schema of type ${def.type} at ${path}: say here where its texts are`);
  }
}

/** The same of fields that are checked by hand: texts, and objects with a hostile text as a name or below one. */
export function openFields(fields: Readonly<Record<string, Check>>): string[] {
  return Object.entries(fields).flatMap(([name, check]) => {
    const takes = (made: (text: string) => unknown) => HOSTILE.some((text) => check(made(text)) === undefined);
    const found = [
      [name, takes((text) => text)],
      [`${name}.KEY`, takes((text) => ({ [text]: 'x' }))],
      [`${name}.*`, takes((text) => ({ a: text }))],
    ] as const;
    return found.flatMap(([path, isOpen]) => (isOpen ? [path] : []));
  });
}

function schemaTakes(schema: z.core.$ZodType, text: string): boolean {
  return (schema as z.ZodType).safeParse(text).success;
}

export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Where lines, columns and headings begin, whatever stands in the cells; of a page in Markdown, what could be Markdown. */
export function layout(name: string, lines: readonly string[]): string[] {
  return printed(() => print(false, undefined, () => lines))
    .split(/\n|\r|\v|\u0085|\u2028|\u2029/)
    .map(
      (line) =>
        `${/^ */.exec(line)?.[0].length} ${name === 'details' ? marks(line) : line.trim().split(/\s{2,}/).length}`,
    );
}

function marks(line: string): string {
  return line
    .replaceAll(/`[^`]+`/g, 'C')
    .replaceAll(/&#\d+;/g, '')
    .replaceAll(/[^\\`*_{}[\]<>()#+!|~&-]/g, '');
}
