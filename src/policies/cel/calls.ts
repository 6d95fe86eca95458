import { isCelError, parse } from '@bufbuild/cel';
import { isLiteral, operatorOf, partsOf } from './ast.ts';
import type { Expr } from './ast.ts';
import { functions, prepare } from './environment.ts';
import type { CelProblem } from './problem.ts';
import { acceptedNames } from './suggest.ts';
import { FIELDS } from './time-functions.ts';

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
export function checkCall(expr: Expr): CelProblem | undefined {
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
