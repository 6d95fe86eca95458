/**
 * Checks of values of unknown origin, for code that runs in workflows: each cached workflow would hold its own copy of a
 * schema library. Elsewhere there are the schemas of `src/schemas`.
 */
import { parseArn, type ArnKind } from './arn.ts';

/** Where a value is at fault: itself (`''`), or a field below it; `undefined`: nowhere. */
export type Check = (value: unknown) => string | undefined;
/** A check of each field of a C. */
export type Fields<C> = { readonly [K in keyof C]-?: Check };

export const is =
  (test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? undefined : '';

export const text = (max: number, pattern?: RegExp) =>
  is((value) => typeof value === 'string' && value.length <= max && (pattern?.test(value) ?? true));

/** A text that is not empty. */
export const someText = (max: number) => text(max, /./s);

export const oneOf = (values: readonly unknown[]) => is((value) => values.includes(value));

export const arnOf = (...kinds: readonly ArnKind[]) =>
  is((value) => typeof value === 'string' && kinds.some((kind) => parseArn(value)?.kind === kind));

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

export const orNull = (check: Check) => optional((value) => (value === null ? undefined : check(value)));

/** A list that is not empty. */
export const list =
  (max: number, check: Check): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > max) return '';
    const at = value.findIndex((one) => check(one) !== undefined);
    return at < 0 ? undefined : String(at);
  };

/** Exactly these fields: what is missing, wrong or not among them is at fault. `whole`: what they have to be together. */
export const object =
  <C>(fields: Fields<C>, whole: (value: Readonly<Record<string, unknown>>) => string | undefined = fine): Check =>
  (value) => {
    if (!isRecord(value)) return '';
    for (const [name, check] of Object.entries<Check>(fields)) {
      const at = check(value[name]);
      if (at !== undefined) return at === '' ? name : `${name}.${at}`;
    }
    return strangersIn(value, fields).length > 0 ? '' : whole(value);
  };

const fine = () => undefined;

/** A check of a whole: one of these fields is there. */
export const oneOfFields =
  (...names: readonly string[]) =>
  (value: Readonly<Record<string, unknown>>) =>
    names.some((name) => value[name] !== undefined) ? undefined : '';

/** All the fields at fault, and those that nobody knows. */
export function faultsIn<C>(given: Readonly<Record<string, unknown>>, fields: Fields<C>): string[] {
  const wrong = Object.entries<Check>(fields).flatMap(([name, check]) =>
    check(given[name]) === undefined ? [] : [name],
  );
  return [...wrong, ...strangersIn(given, fields)];
}

function strangersIn(given: object, fields: object): string[] {
  return Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
