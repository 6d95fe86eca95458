import { link, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning, readDevFile, readJson } from './dev-file.ts';
import { privateFolder } from './private-folder.ts';

const holder = z.object({ pid: z.number(), startedAt: z.string() });

/** Another process runs a stack in this folder; the message says which and where it can be reached. */
export class AlreadyRunningError extends Error {
  readonly pid: number;

  constructor(directory: string, pid: number, urls: string) {
    super(
      `a local stack is already running in ${directory} (pid ${pid}${urls}). Stop it first, or use another folder.`,
    );
    this.name = 'AlreadyRunningError';
    this.pid = pid;
  }
}

/** Makes the folder, which nobody else can look into, and takes its lock; gives the way to release it. A dead process's lock does not count. */
export async function lockFolder(directory: string): Promise<() => Promise<void>> {
  await privateFolder(directory);
  const lock = join(directory, 'lock');
  while (!(await takeLock(lock))) {
    const content = holder.safeParse(await readJson(lock));
    if (content.success && isRunning(content.data)) {
      throw new AlreadyRunningError(directory, content.data.pid, await describeRunning(directory));
    }
    await rm(lock, { force: true });
  }
  return async () => await rm(lock, { force: true });
}

/** False when there is a lock. Linking a written file makes the lock appear with its content, never empty. */
async function takeLock(lock: string): Promise<boolean> {
  const own = `${lock}.${process.pid}`;
  const holds = JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString() });
  await writeFile(own, holds, { mode: 0o600 });
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function describeRunning(directory: string): Promise<string> {
  const dev = await readDevFile(directory);
  if (dev === undefined) return '';
  return `, Temporal ${dev.temporal}${dev.ui === undefined ? '' : `, web UI ${dev.ui}`}, Chime emulator ${dev.emulator}`;
}
