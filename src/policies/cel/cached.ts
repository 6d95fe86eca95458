import { compileCel } from './compile.ts';
import type { CelOptions, CompiledCel } from './compile.ts';

const MAX_PROGRAMS = 1_000;
const programs = new Map<string, CompiledCel>();

/** Like `compileCel`, but each text is compiled once: params are plain data, so programs cannot be kept in them. */
export function cachedCel(source: string, options: CelOptions): CompiledCel {
  const key = JSON.stringify([source, options.params === true, options.reviewer === true, options.facts]);
  const known = programs.get(key);
  if (known) return known;
  if (programs.size >= MAX_PROGRAMS) programs.clear();
  const compiled = compileCel(source, options);
  programs.set(key, compiled);
  return compiled;
}
