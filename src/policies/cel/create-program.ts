import { celError, isCelError, type CelError, type CelInput } from '@bufbuild/cel';
import { isPlain } from './ast.ts';
import { newBudget, PLAIN_COST, weight, type Budget } from './costs.ts';
import { prepare, timestampOf } from './environment.ts';
import { explain, expressionsOf, sketch, type Trace } from './explain.ts';
import type { CelProgram, CelResult, CelScope, Syntax } from './program.ts';
import { cut, toCel, toJson } from './values.ts';

const MAX_ERROR = 1_000;

/** What a value may weigh that leaves the evaluation: decisions and messages are small. */
const MAX_RESULT = 20_000;

/** Makes a checked expression runnable: it answers with a value or an error, and never throws. */
export function createProgram(source: string, { parsed, expr }: Syntax, facts: readonly string[]): CelProgram {
  const root = sketch(parsed, expr);
  const run = prepare(expr, new Set(expressionsOf(root)));
  const plain = isPlain(expr);
  // One budget for all: to explain an evaluation is part of it.
  const evaluate = (scope: CelScope, budget: Budget): CelResult => {
    const bindings = bindingsFor(facts, scope);
    const { result, notes } = run(bindings, budget);
    const errorOf: Trace['errorOf'] = (piece) => {
      if (budget.cost < 0) return 'it was not evaluated to its end';
      // An error that another part made up for is not in the result: the piece is asked again, alone.
      const alone = piece === root ? result : prepare(piece.expr)(bindings, budget).result;
      return isCelError(alone) ? alone.message : 'it could not be evaluated';
    };
    if (!isCelError(result) && weight(result, MAX_RESULT) > MAX_RESULT) throw new Error('its value is too big');
    const tree = explain(root, { notes, errorOf });
    return isCelError(result)
      ? { ok: false, error: cut(result.message, MAX_ERROR), explain: tree }
      : { ok: true, value: toJson(result), explain: tree };
  };
  return {
    source,
    facts,
    plain,
    evaluate: (scope) => caught(root.text, () => evaluate(scope, newBudget())),
    evaluatePlain(scope) {
      const budget = newBudget(PLAIN_COST);
      const result = plain ? caught(root.text, () => evaluate(scope, budget)) : undefined;
      return budget.cost < 0 ? undefined : result;
    },
  };
}

function caught(text: string, evaluate: () => CelResult): CelResult {
  try {
    return evaluate();
  } catch (thrown) {
    const error = thrown instanceof Error ? cut(thrown.message, MAX_ERROR) : 'it failed without a text';
    return { ok: false, error, explain: { text, error } };
  }
}

function bindingsFor(facts: readonly string[], scope: CelScope) {
  const { request, facts: values, params, reviewer, now, askedBy = request.requestedBy, purpose = 'join' } = scope;
  const bindings: Record<string, CelInput | CelError> = {
    request: toCel('request', request),
    params: toCel('params', params ?? null),
    reviewer: toCel('reviewer', reviewer ?? null),
    now: timestampOf(now),
    askedBy,
    purpose,
  };
  for (const name of facts) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    bindings[`facts.${name}`] =
      value === undefined ? celError(`the fact ${name} is not known`) : toCel(`the fact ${name}`, value);
  }
  return bindings;
}
