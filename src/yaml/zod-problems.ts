import type { z } from 'zod';
import { isSecretField, redacted } from '../redact.ts';
import { acceptedNames, type Problem } from './problem.ts';

/** What a schema found about a value, in words. `accepted`: what each field takes, by its path without numbers. */
export function problemsOf(
  error: { readonly issues: readonly z.core.$ZodIssue[] },
  value: unknown,
  { at = [], schema, accepted = {} }: ProblemOptions = {},
): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        atKey: true,
        message: 'unknown field',
        accepted: known.length > 0 ? acceptedNames(key, known) : 'no fields',
      }));
    }
    if (issue.code === 'invalid_union') {
      const deepest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
      const below = deepest.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
      if (depthOf(deepest) > 0) return problemsOf({ issues: below }, value, { at, schema, accepted });
    }
    const found = valueAt(value, issue.path);
    const own = accepted[issue.path.filter((part) => typeof part === 'string').join('.')];
    if (issue.code === 'custom') return [{ ...customProblem(issue, path, found), ...(own ? { accepted: own } : {}) }];
    const message = found === undefined ? 'is missing' : `is ${shownAt(path, found)}`;
    return [{ path, message, accepted: own ?? acceptedBy(issue, found) }];
  });
}

export interface ProblemOptions {
  /** Where the value stands. */
  readonly at?: readonly PropertyKey[];
  readonly schema?: unknown;
  readonly accepted?: Readonly<Record<string, string>>;
}

/** The same without what may be a secret, or was typed where the name of one belongs. */
function shownAt(path: readonly PropertyKey[], value: unknown): string {
  const isSecret = path.some((part) => isSecretField(String(part)));
  return isSecret ? 'not shown here, since it may be a secret' : shown(value);
}

/** A value, short enough for a message. */
function shown(value: unknown): string {
  const text = redacted(JSON.stringify(value, hidden) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function hidden(key: string, value: unknown): unknown {
  return isSecretField(key) && typeof value === 'string' ? '***' : value;
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? (found as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** A schema that checks by its own means says best what is wrong; `params` of its issue may say more (place, accepted). */
function customProblem(issue: z.core.$ZodIssueCustom, path: readonly PropertyKey[], found: unknown): Problem {
  const { accepted, line, column }: Record<string, unknown> = issue.params ?? {};
  if (typeof accepted === 'string') {
    const [message = ''] = issue.message.split(/ \(line \d+, column \d+\); accepted: /);
    const within = typeof line === 'number' && typeof column === 'number' ? { within: { line, column } } : {};
    return { path, message, accepted, ...within };
  }
  const isPlain = found !== undefined && (typeof found !== 'object' || found === null);
  return { path, message: isPlain ? `is ${shownAt(path, found)}: ${issue.message}` : issue.message };
}

function acceptedBy(issue: z.core.$ZodIssue, found: unknown): string | undefined {
  if (issue.code === 'invalid_union' && 'options' in issue)
    return acceptedNames(String(found), issue.options.map(String));
  if (issue.code === 'invalid_value') return acceptedNames(String(found), issue.values.map(String));
  return /expected (.+?)(?:, received .*)?$/.exec(issue.message)?.[1] ?? issue.message;
}

interface Def {
  readonly shape?: Record<string, unknown>;
  readonly innerType?: unknown;
  readonly element?: unknown;
  readonly in?: unknown;
  /** Alternatives, told apart by a field. */
  readonly options?: readonly unknown[];
}

/** The keys of the object that a schema has at a path, as far as it can be seen through. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const def = (schema as { readonly _zod?: { readonly def?: Def } } | undefined)?._zod?.def;
  if (!def) return [];
  const inner = def.innerType ?? def.in;
  if (inner) return keysAt(inner, path);
  if (def.options) return [...new Set(def.options.flatMap((option) => keysAt(option, path)))];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(def.shape ?? {});
  return keysAt(typeof first === 'number' ? def.element : def.shape?.[String(first)], rest);
}
