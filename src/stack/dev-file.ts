import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { whyNotOurs } from './private-folder.ts';
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
export function isRunning({ pid, startedAt }: { pid: number; startedAt: string }): boolean {
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
