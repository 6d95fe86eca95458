import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const ENDING = '.test.yaml';

/**
 * The fixture files that are meant by the given paths: files, or folders with all fixtures below them. Without any:
 * those below `policies` and `examples`, and those beside an `admission.yaml`.
 */
export async function findFixtures(
  paths: readonly string[],
  folder = '.',
): Promise<{ readonly files: readonly string[]; readonly missing: readonly string[] }> {
  if (paths.length === 0) {
    const beside = (await isThere(join(folder, 'admission.yaml'))) ? await fixturesIn(folder, false) : [];
    const below = await Promise.all(['policies', 'examples'].map((name) => fixturesIn(join(folder, name), true)));
    return { files: [...beside, ...below.flat()], missing: [] };
  }
  const found = await Promise.all(paths.map((path) => named(path, folder)));
  return {
    files: [...new Set(found.flatMap((files) => files ?? []))],
    missing: paths.filter((_path, index) => found[index] === undefined),
  };
}

async function named(path: string, folder: string): Promise<string[] | undefined> {
  const full = join(folder, path);
  const found = await stat(path.startsWith('/') ? path : full).catch(() => undefined);
  const at = path.startsWith('/') ? path : full;
  if (found?.isDirectory()) return fixturesIn(at, true);
  return found ? [at] : undefined;
}

async function fixturesIn(folder: string, recursive: boolean): Promise<string[]> {
  const names = await readdir(folder, { recursive }).catch(() => []);
  return names
    .filter((name) => name.endsWith(ENDING) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .toSorted();
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
