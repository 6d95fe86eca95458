import { readFile } from 'node:fs/promises';
import { createRequire, findPackageJSON } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An npm package as it is installed: what it runs, and in which version. */
export interface InstalledPackage {
  readonly entry: string;
  readonly version: string;
}

/** Finds a package as a file in that place would; `undefined` where none is installed. */
export async function findPackage(name: string, from: string): Promise<InstalledPackage | undefined> {
  const json = packageJson(name, from);
  if (json === undefined) return undefined;
  const { version = '', exports } = JSON.parse(await readFile(json, 'utf8')) as { version?: string; exports?: unknown };
  const target = importTarget(exports);
  const entry = target === undefined ? createRequire(from).resolve(name) : resolve(json, '..', target);
  return { entry, version };
}

function packageJson(name: string, from: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(from));
  } catch {
    return undefined;
  }
}

const CONDITIONS = ['node', 'import', 'module-sync', 'default'];

/** What `import` of a package takes, by its `exports`: `require.resolve` would refuse packages that are only for `import`. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(importTarget).find((target) => target !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  const entries: [string, unknown][] = Object.entries(exports);
  return entries
    .filter(([key]) => key === '.' || CONDITIONS.includes(key))
    .map(([, value]) => importTarget(value))
    .find((target) => target !== undefined);
}
