import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

/** A folder or file of ours that others could have put there, or could change. */
export class NotPrivateError extends Error {
  override readonly name = 'NotPrivateError';
}

/**
 * Makes a folder that nobody else can look into, or narrows the one that is there, with the files in it. What is not ours, and
 * a link that somebody may have put in its place, is refused.
 */
export async function privateFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  const problem = found.isDirectory() ? foreign(found) : 'it is no folder but a link or a file';
  if (problem) throw new NotPrivateError(`${directory} is not used: ${problem}. Remove it, or use another folder.`);
  if (isOpen(found)) await chmod(directory, 0o700);
  await narrowFiles(directory);
}

/** Makes the files of a private folder private too, also those that a server has made in it. */
export async function narrowFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const file = join(directory, name);
    // Others may be removed meanwhile, such as a temporary file of the database.
    const found = await lstat(file).catch(() => undefined);
    if (!found || found.isDirectory()) continue;
    const problem = found.isFile() ? foreign(found) : 'it is a link';
    if (problem) throw new NotPrivateError(`${file} is not used: ${problem}. Remove it.`);
    if (isOpen(found)) await chmod(file, 0o600).catch(() => undefined);
  }
}

/** Why what stands in a file cannot be ours; nothing where there is none, or where nobody else could have written it. */
export async function whyNotOurs(directory: string, name: string): Promise<string | undefined> {
  for (const path of [directory, join(directory, name)]) {
    const found = await lstat(path).catch(() => undefined);
    if (!found) return undefined;
    if (found.isSymbolicLink()) return `${path} is a link`;
    const problem = foreign(found) ?? ((found.mode & 0o022) === 0 ? undefined : 'others may write to it');
    if (problem) return `${path}: ${problem}`;
  }
  return undefined;
}

function foreign({ uid }: Stats): string | undefined {
  const own = process.getuid?.();
  return own === undefined || uid === own ? undefined : 'it belongs to another user';
}

function isOpen({ mode }: Stats): boolean {
  return process.getuid !== undefined && (mode & 0o077) !== 0;
}
