import { celError, isCelError } from '@bufbuild/cel';
import type { CelError, CelInput } from '@bufbuild/cel';
import { prepare, timestampOf } from './environment.ts';
import { explain, expressionsOf, sketch } from './explain.ts';
import type { Trace } from './explain.ts';
import type { CelProgram, CelResult, CelScope } from './program.ts';
import type { Syntax } from './syntax.ts';
import { toCel, toJson } from './values.ts';

/** Makes a checked expression runnable: it answers with a value or an error, and never throws. */
export function createProgram(source: string, { parsed, expr }: Syntax, facts: readonly string[]): CelProgram {
  const root = sketch(parsed, expr);
  const run = prepare(expr, new Set(expressionsOf(root)));
  const evaluate = (scope: CelScope): CelResult => {
    const bindings = bindingsFor(facts, scope);
    const { result, notes } = run(bindings);
    const errorOf: Trace['errorOf'] = (piece) => {
      // An error that another part made up for is not in the result: the piece is asked again, alone.
      const alone = piece === root ? result : prepare(piece.expr)(bindings).result;
      return isCelError(alone) ? alone.message : 'it could not be evaluated';
    };
    const tree = explain(root, { notes, errorOf });
    return isCelError(result)
      ? { ok: false, error: result.message, explain: tree }
      : { ok: true, value: toJson(result), explain: tree };
  };
  return {
    source,
    facts,
    evaluate(scope) {
      try {
        return evaluate(scope);
      } catch (error) {
        const text = error instanceof Error ? error.message : 'it failed without a text';
        return { ok: false, error: text, explain: { text: root.text, error: text } };
      }
    },
  };
}

function bindingsFor(facts: readonly string[], { request, facts: values, params, reviewer, now }: CelScope) {
  const bindings: Record<string, CelInput | CelError> = {
    request: toCel('request', request),
    params: toCel('params', params ?? null),
    reviewer: toCel('reviewer', reviewer ?? null),
    now: timestampOf(now),
  };
  for (const name of facts) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    bindings[`facts.${name}`] =
      value === undefined ? celError(`the fact ${name} is not known`) : toCel(`the fact ${name}`, value);
  }
  return bindings;
}
