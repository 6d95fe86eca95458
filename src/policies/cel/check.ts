import { isCelError, parse } from '@bufbuild/cel';
import { acceptedNames } from '../../yaml/problem.ts';
import { partsOf, isLiteral, operatorOf, type Expr, type CelProblem } from './ast.ts';
import { functions, prepare } from './environment.ts';
import { FIELDS } from './functions.ts';
import { checkName, checkVariable, type Names } from './names.ts';

const MAX_DEPTH = 50;
const MAX_LOOPS = 2;

interface Place {
  readonly depth: number;
  /** How many loops are around. */
  readonly loops: number;
  readonly variables: readonly string[];
}

const OUTSIDE: Place = { depth: 1, loops: 0, variables: [] };

/** The first thing that is wrong with an expression: its nesting, its names, or what would fail for every request. */
export function check(expr: Expr, names: Names, place: Place = OUTSIDE): CelProblem | undefined {
  const problem = checkHere(expr, names, place);
  if (problem) return { at: expr, ...problem };
  const named = checkName(expr, names, place.variables);
  if (named) return named.problem && { at: startOf(expr), ...named.problem };
  for (const part of partsOf(expr)) {
    const inside = check(part, names, placeOf(part, expr, place));
    if (inside) return inside;
  }
  return undefined;
}

function checkHere(expr: Expr, names: Names, { depth, loops }: Place): CelProblem | undefined {
  if (depth > MAX_DEPTH) {
    return {
      message: `it is nested deeper than ${MAX_DEPTH}`,
      accepted: 'several expressions, or a policy of your own',
    };
  }
  const { exprKind } = expr;
  if (exprKind.case === 'structExpr' && exprKind.value.messageName !== '') {
    return { message: `unknown type ${exprKind.value.messageName}`, accepted: 'a map such as {"key": 1}' };
  }
  if (exprKind.case !== 'comprehensionExpr') return checkCall(expr);
  if (loops < MAX_LOOPS) return checkVariable(exprKind.value.iterVar, names);
  return { message: `loops are nested deeper than ${MAX_LOOPS}`, accepted: '`in`, or a fact of your own' };
}

function placeOf(part: Expr, { exprKind }: Expr, { depth, loops, variables }: Place): Place {
  // What is looped over is evaluated once, outside of the loop.
  if (exprKind.case !== 'comprehensionExpr' || part === exprKind.value.iterRange) {
    return { depth: depth + 1, loops, variables };
  }
  const { iterVar, accuVar } = exprKind.value;
  return { depth: depth + 1, loops: loops + 1, variables: [...variables, iterVar, accuVar] };
}

/** Where a name begins; its own place in the text is that of its last dot. */
function startOf(expr: Expr): Expr {
  const [first] = partsOf(expr);
  return first ? startOf(first) : expr;
}

/** What the evaluator itself knows, besides its functions. */
const SPECIAL = ['_&&_', '_||_', '_?_:_', '_[_]', '@not_strictly_false'];

const MACROS: Record<string, string> = {
  has: 'has(request.reason)',
  all: 'list.all(x, x > 1)',
  exists: 'list.exists(x, x > 1)',
  exists_one: 'list.exists_one(x, x > 1)',
  map: 'list.map(x, x + 1)',
  filter: 'list.filter(x, x > 1)',
};

const isWord = (name: string) => /^[a-zA-Z]\w*$/.test(name);
const KNOWN = [...Object.keys(MACROS), ...[...functions.keys()].filter(isWord)].toSorted();

/** Whether a call is of a function that exists, in a form that it has, and not sure to fail. */
function checkCall(expr: Expr): CelProblem | undefined {
  const name = operatorOf(expr);
  if (expr.exprKind.case !== 'callExpr' || name === undefined || SPECIAL.includes(name)) return undefined;
  const { target, args } = expr.exprKind.value;
  if (Object.hasOwn(MACROS, name)) return { message: `${name} is not called so`, accepted: `${MACROS[name]}` };
  const forms = functions.get(name);
  if (!forms) return { message: `unknown function ${name}`, accepted: acceptedNames(name, KNOWN) };
  const fits = forms.some((form) => form.method === (target !== undefined) && form.args === args.length);
  if (fits) return sureFailure(expr);
  const usages = forms.map((form) => usage(name, form.method, form.args));
  return { message: `${name} is not called so`, accepted: [...new Set(usages)].join(' or ') };
}

/** What fails for every request is found now: a pattern or a zone that is none, `duration("1 day")`, `1 / 0`. */
function sureFailure(expr: Expr): CelProblem | undefined {
  const kind = probedBy(expr);
  const probe = kind === 'value' ? expr : withTarget(expr, PROBES[kind].target);
  const given = kind === 'value' || expr.exprKind.case !== 'callExpr' ? partsOf(expr) : expr.exprKind.value.args;
  if (!given.every(isLiteral)) return undefined;
  const { result } = prepare(probe)({});
  if (!isCelError(result)) return undefined;
  return { message: `it fails for every request: ${result.message}`, accepted: PROBES[kind].accepted };
}

/** A pattern or a zone is good or bad whatever it is asked of; then it is asked of something that is good. */
const PROBES = {
  text: { target: parse('""').expr, accepted: 'a pattern of RE2' },
  time: {
    target: parse('timestamp("2026-01-01T00:00:00Z")').expr,
    accepted: 'a time zone such as Europe/Berlin, or an offset such as +01:00',
  },
  value: { target: undefined, accepted: 'values that give a result' },
};

function probedBy(expr: Expr): keyof typeof PROBES {
  const name = operatorOf(expr) ?? '';
  if (name === 'matches') return 'text';
  const zoned = expr.exprKind.case === 'callExpr' && expr.exprKind.value.args.length === 1;
  return zoned && Object.hasOwn(FIELDS, name) ? 'time' : 'value';
}

function withTarget(expr: Expr, target: Expr | undefined): Expr {
  if (expr.exprKind.case !== 'callExpr' || target === undefined) return expr;
  return { ...expr, exprKind: { case: 'callExpr', value: { ...expr.exprKind.value, target } } };
}

function usage(name: string, method: boolean, count: number): string {
  const args = Array.from({ length: count }, (_, index) => 'xyz'[index]).join(', ');
  return `${method ? 'value.' : ''}${name}(${args})`;
}
