import { celEnv, celFunc, CelScalar, isCelError, isCelList, isCelMap, parse, plan } from '@bufbuild/cel';
import type { CelError, CelInput, CelValue } from '@bufbuild/cel';
import { callOf, intOf, mapParts } from './ast.ts';
import type { Expr } from './ast.ts';
import { timeFunctions } from './time-functions.ts';

/** The longest list that an expression may be given or may loop over. */
export const MAX_ELEMENTS = 1_000;

/** How many steps the loops of one evaluation may take together: the text's own limits allow minutes. */
export const MAX_STEPS = 100_000;

/** What one evaluation came to, with the values of the sub-expressions that were noted, by their ids. */
export interface Run {
  readonly result: CelValue | CelError;
  readonly notes: ReadonlyMap<bigint, CelValue>;
}

type Bindings = Record<string, CelInput | CelError>;

// Functions of CEL know nothing of the evaluation that calls them. It is synchronous and calls nothing of ours besides
// the functions here, so there is never more than one at a time.
let current = { notes: new Map<bigint, CelValue>(), steps: 0 };

const note = celFunc('@note', [CelScalar.INT, CelScalar.DYN], CelScalar.DYN, (id, value) => {
  current.notes.set(id, value);
  return value;
});

const bounded = celFunc('@bounded', [CelScalar.DYN], CelScalar.DYN, (range) => {
  const size = isCelList(range) || isCelMap(range) ? range.size : 0;
  if (size > MAX_ELEMENTS) throw new Error(`a loop over ${size} elements; at most ${MAX_ELEMENTS} are allowed`);
  current.steps += size;
  if (current.steps > MAX_STEPS) throw new Error(`the loops take more than ${MAX_STEPS} steps together`);
  return range;
});

const env = celEnv({ funcs: [note, bounded, ...timeFunctions] });

/** Every function and operator, with its forms: as a function or a method, and with how many arguments. */
export const functions: ReadonlyMap<string, readonly { method: boolean; args: number }[]> = Map.groupBy(
  [...env.funcs].map(({ name, target, arguments: args }) => ({
    name,
    method: target !== undefined,
    args: args.length,
  })),
  ({ name }) => name,
);

/** Prepares an expression. Loops are bounded; the values of the sub-expressions in `noted` are kept. */
export function prepare(expr: Expr, noted: ReadonlySet<Expr> = new Set()): (bindings: Bindings) => Run {
  const planned = plan(env, instrument(expr, noted));
  return (bindings) => {
    current = { notes: new Map(), steps: 0 };
    // The types know no errors among the bindings; the activation passes them on to where the name is read.
    return { result: planned(bindings as Record<string, CelInput>), notes: current.notes };
  };
}

function instrument(expr: Expr, noted: ReadonlySet<Expr>): Expr {
  const range = expr.exprKind.case === 'comprehensionExpr' ? expr.exprKind.value.iterRange : undefined;
  const copy = mapParts(expr, (part) => {
    const inner = instrument(part, noted);
    return part === range ? callOf('@bounded', [inner], part.id) : inner;
  });
  return noted.has(expr) ? callOf('@note', [intOf(expr.id), copy], expr.id) : copy;
}

const timestamp = plan(env, parse('timestamp(text)'));
const text = plan(env, parse('string(value)'));

export function timestampOf(date: Date): CelValue {
  const value = timestamp({ text: date.toISOString() });
  if (isCelError(value)) throw value;
  return value;
}

/** A timestamp as ISO 8601, a duration in seconds. */
export function textOf(value: CelValue): string {
  const result = text({ value });
  return typeof result === 'string' ? result : 'a value without a text';
}
