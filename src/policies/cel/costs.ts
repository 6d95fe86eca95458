import { isCelList, isCelMap, type CelEnv, type CelValue } from '@bufbuild/cel';
import { linearPattern } from '../../bounded/linear-pattern.ts';
import { FIELDS } from './functions.ts';

/**
 * What one evaluation may cost: about one for each part of the expression that is evaluated, and one for each ten
 * characters, bytes or elements that an operation has to go through. It is counted before the work is done.
 */
const MAX_COST = 1_000_000;

/** What an evaluation has left, its explanation included. */
export interface Budget {
  cost: number;
}

/** What an evaluation may cost that holds up everything else, some milliseconds at most. */
export const PLAIN_COST = MAX_COST / 100;

export const newBudget = (cost = MAX_COST): Budget => ({ cost });

// Functions of CEL know nothing of the evaluation that calls them. It is synchronous and calls nothing of ours besides
// our functions, so there is never more than one at a time.
let current = newBudget();

/** Does something at the expense of a budget. */
export function spending<T>(budget: Budget, work: () => T): T {
  const before = current;
  current = budget;
  try {
    return work();
  } finally {
    current = before;
  }
}

function remaining(): number {
  return current.cost;
}

/** Throws where nothing is left. */
export function charge(cost: number): void {
  current.cost -= cost;
  if (current.cost < 0) throw new Error(`it costs more than ${MAX_COST}: too much to go through`);
}

type Resolver = CelEnv['funcs'];
type FuncGroup = NonNullable<ReturnType<Resolver['find']>>;
type Operands = readonly CelValue[];

/** So many characters, bytes or elements cost as much as one part of an expression. */
const PER_UNIT = 10;

/** The same environment, in which every function and operator is paid before it is called. */
export function costed(env: CelEnv): CelEnv {
  const { funcs } = env;
  // The engine takes functions by their names, and calls them: that is all it asks of these two.
  const find = (name: string) => {
    const group = funcs.find(name);
    return group && ({ name, call: paid(group) } as unknown as FuncGroup);
  };
  return Object.create(env, { funcs: { value: { find } } }) as CelEnv;
}

/** What is too much ends the evaluation: thrown here, it is no error of CEL that another part could make up for. */
function paid(group: FuncGroup): FuncGroup['call'] {
  const costOf = Object.hasOwn(COSTS, group.name) ? COSTS[group.name] : undefined;
  return (id, target, args) => {
    const operands = target === undefined ? args : [target, ...args];
    charge(1 + (costOf ?? textCost)(operands));
    return group.call(id, target, args);
  };
}

const COSTS: Record<string, (operands: Operands) => number> = {
  '_==_': comparison,
  '_!=_': comparison,
  '@in': ([, list]) => weight(list ?? null),
  '_+_': (operands) => operands.reduce((sum: number, one) => sum + lengthOf(one), 0) / PER_UNIT,
  contains: ([text, part]) => textCost([text ?? null]) + (lengthOf(text) * lengthOf(part)) / 100,
  matches: ([text, pattern]) => textCost([pattern ?? null]) + ((lengthOf(text) + 1) * patternSize(pattern)) / PER_UNIT,
  // A clock in a zone may have to be made first.
  ...Object.fromEntries(
    Object.keys(FIELDS).map((name) => [name, ([, zone]: Operands) => (zone === undefined ? 0 : 100)]),
  ),
  // Big whole numbers take more than their digits to read.
  int: digits,
  uint: digits,
  // A loop is paid before it begins: so many parts for each element.
  '@loop': ([range, parts]) => (isCelList(range) || isCelMap(range) ? range.size * Number(parts) : 0),
  duration: (operands) => 10 + textCost(operands),
};

function comparison([left, right]: Operands): number {
  if (typeof left !== 'object' || typeof right !== 'object')
    return Math.min(lengthOf(left), lengthOf(right)) / PER_UNIT;
  return Math.min(weight(left), weight(right));
}

/** What is no pattern costs nothing: to match it is an error. */
function patternSize(pattern: CelValue | undefined): number {
  try {
    return typeof pattern === 'string' ? linearPattern(pattern).size : 0;
  } catch {
    return 0;
  }
}

function digits(operands: Operands): number {
  return operands.reduce((sum: number, one) => sum + lengthOf(one) ** 2, 0) / 100;
}

function textCost(operands: Operands): number {
  let cost = 0;
  for (const one of operands) if (typeof one === 'string' || one instanceof Uint8Array) cost += one.length / PER_UNIT;
  return cost;
}

function lengthOf(value: CelValue | undefined): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  return isCelList(value) || isCelMap(value) ? value.size : 1;
}

const weights = new WeakMap<object, number>();

/**
 * What it costs to go through all of a value. A list that stands in another one many times counts as often, and is looked
 * at once; what is heavier than anybody could pay is not looked at to its end.
 */
export function weight(value: CelValue, most = remaining()): number {
  if (!isCelList(value) && !isCelMap(value)) return 1 + textCost([value]);
  const known = weights.get(value);
  if (known !== undefined) return known;
  let sum = 1;
  for (const part of value) {
    // Of a map, a key and its value.
    for (const one of Array.isArray(part) ? (part as CelValue[]) : [part]) sum += weight(one, most - sum);
    if (sum > most) return sum;
  }
  weights.set(value, sum);
  return sum;
}
