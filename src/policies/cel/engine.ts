import { cachedCel, type CelOptions } from './compile.ts';
import type { CelResult, CelScope, CelRefusal } from './program.ts';

// What runs in a child process, called by its name from `bounded.ts`.

// The first expression takes as long as a hundred others. While a module loads, nobody's time is counted.
evaluate({
  source: "['a'].exists(x, x + x == 'aa' || x.matches('^b'))",
  options: { facts: [], reviewer: true },
  scope: { request: {} as CelScope['request'], facts: {}, now: new Date(0) },
});

export interface Evaluation {
  readonly source: string;
  readonly options: CelOptions;
  readonly scope: CelScope;
}

export function evaluate({ source, options, scope }: Evaluation): CelResult {
  const compiled = cachedCel(source, options);
  if (compiled.ok) return compiled.program.evaluate(scope);
  return { ok: false, error: compiled.message, explain: { text: source.slice(0, 200), error: compiled.message } };
}

export interface Selection {
  readonly source: string;
  readonly options: CelOptions;
  readonly scope: CelScope;
  readonly reviewers: readonly NonNullable<CelScope['reviewer']>[];
}

/** For whom of these people an expression is true. */
export function select({ source, options, scope, reviewers }: Selection): boolean[] {
  const compiled = cachedCel(source, options);
  return reviewers.map((reviewer) => {
    const result = compiled.ok && compiled.program.evaluate({ ...scope, reviewer });
    return result && result.ok && result.value === true;
  });
}

/** What is wrong with an expression; nothing if it is good. */
export function refusal({ source, options }: Pick<Evaluation, 'source' | 'options'>): CelRefusal | undefined {
  const compiled = cachedCel(source, options);
  return compiled.ok ? undefined : compiled;
}
