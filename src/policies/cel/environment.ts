import {
  celEnv,
  celFunc,
  celList,
  CelScalar,
  isCelError,
  isCelList,
  isCelMap,
  listType,
  parse,
  plan,
  type CelError,
  type CelInput,
  type CelList,
  type CelValue,
} from '@bufbuild/cel';
import { callOf, intOf, mapParts, partsOf, type Expr } from './ast.ts';
import { charge, newBudget, spending, costed, type Budget } from './costs.ts';
import { textFunctions, timeFunctions } from './functions.ts';

/** The longest list that an expression may be given or may loop over. */
export const MAX_ELEMENTS = 1_000;

/** The longest list that `+` makes. */
const MAX_LIST = 10_000;

/** What one evaluation came to, with the values of the sub-expressions that were noted, by their ids. */
export interface Run {
  readonly result: CelValue | CelError;
  readonly notes: ReadonlyMap<bigint, CelValue>;
}

type Bindings = Record<string, CelInput | CelError>;

/** Of the evaluation that is going on; there is never more than one. */
let notes = new Map<bigint, CelValue>();

const note = celFunc('@note', [CelScalar.INT, CelScalar.DYN], CelScalar.DYN, (id, value) => {
  notes.set(id, value);
  return value;
});

/** What is looped over; its price says how many parts of the expression are evaluated for each element. */
const loop = celFunc('@loop', [CelScalar.DYN, CelScalar.INT], CelScalar.DYN, (range) => {
  const size = isCelList(range) || isCelMap(range) ? range.size : 0;
  if (size > MAX_ELEMENTS) throw new Error(`a loop over ${size} elements; at most ${MAX_ELEMENTS} are allowed`);
  return range;
});

const LIST = listType(CelScalar.DYN);

/** The library's own makes a list of lists, and to go through a thousand of those takes a thousand times as long. */
const concat = celFunc('_+_', [LIST, LIST], LIST, (left, right) => {
  if (left.size + right.size > MAX_LIST) throw new Error(`a list of more than ${MAX_LIST} elements`);
  const elements = elementsOf(left).concat(elementsOf(right));
  const list = celList(elements);
  joined.set(list, elements);
  return list;
});

/** The elements of lists that `+` made, since a loop makes its list one by one. */
const joined = new WeakMap<CelList, CelValue[]>();

function elementsOf(list: CelList): CelValue[] {
  return joined.get(list) ?? [...list];
}

const env = celEnv({ funcs: [note, loop, concat, ...textFunctions, ...timeFunctions] });
const paidEnv = costed(env);

/** Every function and operator, with its forms: as a function or a method, and with how many arguments. */
export const functions: ReadonlyMap<string, readonly { method: boolean; args: number }[]> = Map.groupBy(
  [...env.funcs].map(({ name, target, arguments: args }) => ({
    name,
    method: target !== undefined,
    args: args.length,
  })),
  ({ name }) => name,
);

/** Prepares an expression. It is paid from a budget; the values of the sub-expressions in `noted` are kept. */
export function prepare(
  expr: Expr,
  noted: ReadonlySet<Expr> = new Set(),
): (bindings: Bindings, budget?: Budget) => Run {
  const planned = plan(paidEnv, instrument(expr, noted));
  const parts = countOf(expr);
  return (bindings, budget = newBudget()) =>
    spending(budget, () => {
      notes = new Map();
      charge(parts);
      // The types know no errors among the bindings; the activation passes them on to where the name is read.
      return { result: planned(bindings as Record<string, CelInput>), notes };
    });
}

function instrument(expr: Expr, noted: ReadonlySet<Expr>): Expr {
  const range = expr.exprKind.case === 'comprehensionExpr' ? expr.exprKind.value.iterRange : undefined;
  const inLoop = range ? BigInt(countOf(expr) - countOf(range)) : 0n;
  const copy = mapParts(expr, (part) => {
    const inner = instrument(part, noted);
    return part === range ? callOf('@loop', [inner, intOf(inLoop)], part.id) : inner;
  });
  return noted.has(expr) ? callOf('@note', [intOf(expr.id), copy], expr.id) : copy;
}

function countOf(expr: Expr): number {
  return partsOf(expr).reduce((sum, part) => sum + countOf(part), 1);
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
