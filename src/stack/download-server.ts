import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from './child-process.ts';
import type { Child } from './child-process.ts';
import { siblingScript } from '../sibling-script.ts';
import { verifyExecutable } from './temporal-executable.ts';
import type { ServerSearch } from './temporal-executable.ts';

const STALLED_MS = 60_000;

/**
 * Fetches the official Temporal CLI that belongs to the installed SDK into the cache; gives its path.
 * Throws when there is no way to it (within a second without internet) or nothing arrives for a minute.
 */
export async function downloadServer({ env, cacheDir, progress, signal }: ServerSearch): Promise<string> {
  progress('no Temporal server found here: trying the official download');
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(cacheDir, '.download-'));
  try {
    const output: string[] = [];
    const child = await startChild({
      command: process.execPath,
      args: [siblingScript(import.meta.url, 'download-script'), folder],
      env,
      onLine: (line) => output.push(line),
      removeOnStop: folder,
    });
    const path = await downloadedFile(child, folder, signal);
    if (path === undefined) throw new Error(output.at(-1) ?? 'the download brought no file');
    const { cli } = await verifyExecutable(path, signal);
    const target = join(cacheDir, `temporal-cli-${cli}`);
    await rename(path, target);
    progress(`downloaded the Temporal CLI ${cli}`);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The complete file, if there is one once the download process has ended by itself. */
async function downloadedFile(child: Child, folder: string, signal?: AbortSignal): Promise<string | undefined> {
  let size = -1;
  let lastGrowth = performance.now();
  try {
    while (await isRunning(child)) {
      signal?.throwIfAborted();
      const now = await folderSize(folder);
      if (now !== size) lastGrowth = performance.now();
      size = now;
      if (performance.now() - lastGrowth > STALLED_MS) throw new Error('nothing arrived for 60 s');
    }
  } finally {
    await child.stop();
  }
  const name = (await readdir(folder)).find(
    (entry) => entry.startsWith('temporal-') && !entry.endsWith('.downloading'),
  );
  return name === undefined ? undefined : join(folder, name);
}

async function isRunning(child: Child): Promise<boolean> {
  return await Promise.race([child.exited.then(() => false), delay(250, true)]);
}

async function folderSize(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
