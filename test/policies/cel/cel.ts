import { FACT_NAMES } from '../../../src/domain/facts.ts';
import { compileCel } from '../../../src/policies/cel/compile.ts';
import type { CelProgram, CelResult, CelScope } from '../../../src/policies/cel/program.ts';
import { plainValues } from '../../../src/policies/evaluate.ts';
import { factsOf, requestOf } from '../fixtures.ts';

export const NOW = new Date('2026-11-23T12:00:00.000Z');

/** Compiles what must be good; `own` are names of facts besides the host's. */
export function programOf(source: string, own: readonly string[] = [], params = true): CelProgram {
  const compiled = compileCel(source, { facts: [...FACT_NAMES, ...own], params });
  if (!compiled.ok) throw new Error(`${source}: ${compiled.message}; ${compiled.accepted}`);
  return compiled.program;
}

export function scopeOf(scope: Partial<CelScope> = {}): CelScope {
  return { request: requestOf(), facts: plainValues(factsOf()), now: NOW, ...scope };
}

export function evaluated(source: string, scope: Partial<CelScope> = {}): CelResult {
  return programOf(source, Object.keys(scope.facts ?? {})).evaluate(scopeOf(scope));
}

/** The value of an expression, or `error: …`. */
export function valueOf(source: string, scope: Partial<CelScope> = {}): unknown {
  const result = evaluated(source, scope);
  return result.ok ? result.value : `error: ${result.error}`;
}

/** Why an expression is refused at load. */
export function refusalOf(source: string, own: readonly string[] = []) {
  const compiled = compileCel(source, { facts: [...FACT_NAMES, ...own] });
  if (compiled.ok) throw new Error(`${source} is accepted`);
  return compiled;
}
