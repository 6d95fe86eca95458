import { LRUCache } from 'lru-cache';
import { compileCel } from './compile.ts';
import type { CelOptions, CompiledCel } from './compile.ts';

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
