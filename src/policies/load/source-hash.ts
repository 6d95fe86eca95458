import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(\.\.?\/[^'"]+)\1/g;

/**
 * SHA-256 over a source file and the files that it imports by relative paths, and they in turn. It does not see what is
 * read at run time, and does not depend on where the folder is.
 */
export async function sourceHash(file: string): Promise<string> {
  const texts = new Map<string, string>();
  await collect(file, texts);
  const parts = [...texts].map(([path, text]): [string, string] => [relative(dirname(file), path), text]);
  return hashOf(parts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** SHA-256 over a value's JSON, whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

async function collect(file: string, texts: Map<string, string>): Promise<void> {
  if (texts.has(file)) return;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  texts.set(file, text);
  for (const [, , path = ''] of text.matchAll(RELATIVE_IMPORT)) await collect(resolve(dirname(file), path), texts);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
