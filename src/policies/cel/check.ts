import { partsOf } from './ast.ts';
import type { Expr } from './ast.ts';
import { checkCall } from './calls.ts';
import { checkName, checkVariable } from './names.ts';
import type { Names } from './names.ts';
import type { CelProblem } from './problem.ts';

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
