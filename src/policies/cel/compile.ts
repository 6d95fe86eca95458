import { LRUCache } from 'lru-cache';
import { check } from './check.ts';
import { createProgram } from './create-program.ts';
import { factsIn } from './names.ts';
import { parseCel, placeOf, type CelProgram, type CelRefusal } from './program.ts';

const MAX_BYTES = 4_096;

export interface CelOptions {
  /** The names of the facts that there are: the host's and those of the set's own policies. */
  readonly facts: readonly string[];
  /** Whether the expression may name `params`. */
  readonly params?: boolean;
  /** Whether it is about somebody who could review: then it names `reviewer` and `request`, and nothing else. */
  readonly reviewer?: boolean;
}

export type CompiledCel = { readonly ok: true; readonly program: CelProgram } | CelRefusal;

/** Checks an expression at load, so that what is wrong for every request is found before the first. Never throws. */
export function compileCel(source: string, { facts, params = false, reviewer = false }: CelOptions): CompiledCel {
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_BYTES) {
    return { ok: false, message: `the expression has ${bytes} bytes`, accepted: `at most ${MAX_BYTES} bytes` };
  }
  const syntax = parseCel(source);
  if (!syntax.ok) return syntax;
  const names = { facts, params, reviewer };
  const problem = check(syntax.expr, names);
  if (problem) {
    const { at, message, accepted } = problem;
    return { ok: false, message, accepted, ...(at ? placeOf(source, syntax.parsed, at) : {}) };
  }
  return { ok: true, program: createProgram(source, syntax, factsIn(syntax.expr, names)) };
}

/** In characters: a program takes some hundred times as much as its text. */
const MAX_TEXTS = 200_000;
const programs = new LRUCache<string, CompiledCel>({
  maxSize: MAX_TEXTS,
  sizeCalculation: (_program, key) => key.length,
});

/** Like `compileCel`, but each text is compiled once: params are plain data, so programs cannot be kept in them. */
export function cachedCel(source: string, options: CelOptions): CompiledCel {
  const key = JSON.stringify([source, options.params === true, options.reviewer === true, options.facts]);
  const known = programs.get(key);
  if (known) return known;
  const compiled = compileCel(source, options);
  programs.set(key, compiled);
  return compiled;
}
