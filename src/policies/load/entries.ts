import { z } from 'zod';
import type { Problem } from '../../yaml/problem.ts';
import { problemsOf } from '../../yaml/zod-problems.ts';
import { DURATION } from '../../domain/duration.ts';
import { PositiveDuration } from '../../schemas/fields.ts';

export const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const text = z.string().min(1).max(100);

const Retry = z.strictObject({
  initialInterval: PositiveDuration.exactOptional(),
  maximumInterval: PositiveDuration.exactOptional(),
  maximumAttempts: z.number().int().min(1).max(1_000).exactOptional(),
  scheduleToClose: PositiveDuration.exactOptional(),
});

/** A binding as it is written. */
export const BindingEntry = z.strictObject({
  /** The binding's own activity is `policy:<name>`. */
  name: z.string().regex(KEBAB).max(64),
  use: z.string().min(1).max(300),
  matchConditions: z.array(z.strictObject({ name: text, expression: z.string().min(1) })).default([]),
  /** Checked by the policy's own schema. */
  params: z.unknown().optional(),
  enforcement: z.enum(['Enforce', 'Warn', 'Audit', 'Off']).default('Enforce'),
  failurePolicy: z.enum(['Fail', 'Ignore', 'Escalate']).default('Fail'),
  timeout: PositiveDuration.exactOptional(),
  retry: Retry.exactOptional(),
});
export type BindingEntry = z.output<typeof BindingEntry>;

/** A policy set as it is written; bindings are checked one by one. */
const SetEntry = z.strictObject({
  apiVersion: z.literal('admission/v1'),
  defaultVerdict: z.enum(['deny', 'requireApproval']).default('deny'),
  onPolicyChange: z.enum(['keep', 'reevaluate']).default('keep'),
  bindings: z.array(z.unknown()),
});
type SetEntry = z.output<typeof SetEntry>;

/** What the fields take, where the schema alone does not say it well. */
const ACCEPTED_IN_SET = {
  '': 'a mapping with apiVersion, defaultVerdict, onPolicyChange and bindings',
  apiVersion: 'admission/v1',
  bindings: 'a list of bindings; [] for none',
};

const ACCEPTED_IN_BINDING = {
  '': 'a mapping with name, use, matchConditions, params, enforcement, failurePolicy, timeout and retry',
  name: 'a name in kebab-case, at most 64 characters, such as office-hours',
  use: 'a built-in policy, a file such as ./policies/office-hours.ts, or an npm package',
  matchConditions: 'a list of { name, expression }',
  'matchConditions.name': 'a text of 1 to 100 characters',
  'matchConditions.expression': "an expression of CEL, such as request.type == 'HIDDEN'",
  timeout: DURATION,
  retry: 'a mapping with initialInterval, maximumInterval, maximumAttempts and scheduleToClose',
  'retry.initialInterval': DURATION,
  'retry.maximumInterval': DURATION,
  'retry.maximumAttempts': '1 to 1000',
  'retry.scheduleToClose': DURATION,
};

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
