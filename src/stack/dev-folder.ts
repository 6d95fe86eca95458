import type { Stats } from 'node:fs';
import { readFile, rename, rm, writeFile, chmod, lstat, mkdir, readdir, link } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { STACK_VARIABLES } from './stack-environment.ts';

const devFile = z.object({
  pid: z.number(),
  /** ISO time. */
  startedAt: z.iso.datetime(),
  /** host:port */
  temporal: z.string(),
  namespace: z.string(),
  taskQueue: z.string(),
  /** Temporal's web UI, when the stack runs the server itself. */
  ui: z.string().optional(),
  emulator: z.string(),
  appInstanceArn: z.string(),
  serviceBearer: z.string(),
  /** User id to ARN. */
  users: z.record(z.string(), z.string()),
  /** What a worker or the CLI needs to use this stack. */
  env: z.partialRecord(z.enum(STACK_VARIABLES), z.string()),
});

const DEV_FILE = 'dev.json';

/** How to reach the stack that `npm run dev` runs, for other processes in the same folder. */
export type DevFile = z.infer<typeof devFile>;

/**
 * What runs in this folder, or undefined when nothing does (also when its process died without tidying up). Commands are
 * signed for the stack that it names: a file that others could have written says nothing, and `refused` hears why.
 */
export async function readDevFile(
  directory: string,
  refused: (why: string) => void = () => undefined,
): Promise<DevFile | undefined> {
  const content = await readJson(join(directory, DEV_FILE));
  const parsed = devFile.safeParse(content);
  if (!parsed.success || !isRunning(parsed.data)) return undefined;
  const why = await whyNotOurs(directory, DEV_FILE);
  if (why === undefined) return parsed.data;
  refused(why);
  return undefined;
}

export async function writeDevFile(directory: string, content: DevFile): Promise<void> {
  await writeWhole(join(directory, DEV_FILE), JSON.stringify(content, undefined, 2));
}

export async function removeDevFile(directory: string): Promise<void> {
  await rm(join(directory, DEV_FILE), { force: true });
}

/** Whether the process that wrote this is alive. What was written before the last boot is not: its pid may have been given again. */
function isRunning({ pid, startedAt }: { pid: number; startedAt: string }): boolean {
  if (Date.parse(startedAt) < Date.now() - uptime() * 1000) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The content of a JSON file; undefined when there is none or it is no JSON. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a file that only we can read, in one step: readers see the old or the new one, never a half. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  // What is left of a crash, or was put there, is not written to.
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
  await rename(temporary, path);
}

/** A folder or file of ours that others could have put there, or could change. */
class NotPrivateError extends Error {
  override readonly name = 'NotPrivateError';
}

/**
 * Makes a folder that nobody else can look into, or narrows the one that is there, with the files in it. What is not ours, and
 * a link that somebody may have put in its place, is refused.
 */
async function privateFolder(directory: string): Promise<void> {
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
async function whyNotOurs(directory: string, name: string): Promise<string | undefined> {
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
