import { isCelError } from '@bufbuild/cel';
import { isLiteral, operatorOf, partsOf } from './ast.ts';
import type { Expr } from './ast.ts';
import { functions, prepare } from './environment.ts';
import type { CelProblem } from './problem.ts';
import { acceptedNames } from './suggest.ts';

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

/** What fails for every request is found now: a pattern that is none, `duration("1 day")`, `1 / 0`. */
function sureFailure(expr: Expr): CelProblem | undefined {
  const probe = operatorOf(expr) === 'matches' ? withEmptyTarget(expr) : expr;
  if (!partsOf(probe).every(isLiteral)) return undefined;
  const { result } = prepare(probe)({});
  if (!isCelError(result)) return undefined;
  const accepted = probe === expr ? 'values that give a result' : 'a pattern of RE2';
  return { message: `it fails for every request: ${result.message}`, accepted };
}

/** A pattern is good or bad whatever it is matched with. */
function withEmptyTarget(expr: Expr): Expr {
  if (expr.exprKind.case !== 'callExpr') return expr;
  const constant = { $typeName: 'cel.expr.Constant', constantKind: { case: 'stringValue', value: '' } } as const;
  const target: Expr = { $typeName: 'cel.expr.Expr', id: expr.id, exprKind: { case: 'constExpr', value: constant } };
  return { ...expr, exprKind: { case: 'callExpr', value: { ...expr.exprKind.value, target } } };
}

function usage(name: string, method: boolean, count: number): string {
  const args = Array.from({ length: count }, (_, index) => 'xyz'[index]).join(', ');
  return `${method ? 'value.' : ''}${name}(${args})`;
}
