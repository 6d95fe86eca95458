import type { z } from 'zod';
import type { Problem } from './load-issue.ts';
import { ACCEPTED_IN_BINDING, ACCEPTED_IN_SET, BindingEntry, SetEntry } from './set-schema.ts';
import { problemsOf } from './zod-problems.ts';

/** A policy set as it was written, as far as it can be read, and what is wrong with the rest. */
export interface Entries {
  readonly set: SetEntry | undefined;
  readonly bindings: readonly IndexedEntry[];
  readonly problems: readonly Problem[];
}

export interface IndexedEntry {
  readonly index: number;
  readonly entry: BindingEntry;
}

/** Checks what was written, without looking at any policy. A bad field does not hide what is wrong elsewhere. */
export function readEntries(value: unknown): Entries {
  const top = lenient(SetEntry, value, {
    accepted: ACCEPTED_IN_SET,
    instead: { apiVersion: 'admission/v1', bindings: [] },
  });
  const bindings = (top.value?.bindings ?? []).map((binding, index) => ({
    index,
    ...lenient(BindingEntry, binding, {
      at: ['bindings', index],
      accepted: ACCEPTED_IN_BINDING,
      instead: { name: `unnamed-${index}` },
    }),
  }));
  const readable = bindings.flatMap(({ index, value: entry }) => (entry ? [{ index, entry }] : []));
  return {
    set: top.value,
    bindings: readable,
    problems: [
      ...top.problems.map(explained),
      ...bindings.flatMap(({ problems }) => problems),
      ...duplicates(readable.map(({ index, entry }) => ({ name: entry.name, path: ['bindings', index, 'name'] }))),
      ...readable.flatMap(({ index, entry }) =>
        duplicates(
          entry.matchConditions.map(({ name }, at) => ({
            name,
            path: ['bindings', index, 'matchConditions', at, 'name'],
          })),
        ),
      ),
    ],
  };
}

/** Reads what is good; `instead` stands for what is wrong and cannot be left out. */
function lenient<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { instead, ...options }: { at?: readonly PropertyKey[]; accepted: Record<string, string>; instead: object },
): { value: z.output<Schema> | undefined; problems: Problem[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, problems: [] };
  const { issues } = parsed.error;
  const problems = problemsOf(parsed.error, value, { ...options, schema });
  if (typeof value !== 'object' || value === null) return { value: undefined, problems };
  const wrong = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [String(issue.path[0])],
    ),
  );
  const rest = Object.entries(value).filter(([key]) => !wrong.has(key));
  return { value: schema.safeParse({ ...instead, ...Object.fromEntries(rest) }).data, problems };
}

function duplicates(named: readonly { name: string; path: readonly PropertyKey[] }[]): Problem[] {
  return named
    .filter(({ name }, index) => named.findIndex((other) => other.name === name) < index)
    .map(({ name, path }) => ({ path, message: `there is another ${name}`, accepted: 'a name of its own' }));
}

/** The one refusal that needs a reason. */
function explained(problem: Problem): Problem {
  if (problem.path.join('.') !== 'defaultVerdict' || problem.message !== 'is "allow"') return problem;
  return {
    ...problem,
    message: 'is "allow": then a request that no policy knows, or whose policies were all removed, would be let in',
    accepted: 'deny or requireApproval; to let everybody in, bind a policy that allows',
  };
}
