import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

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
  env: z.record(z.string(), z.string()),
});

/** How to reach the stack that `npm run dev` runs, for other processes in the same folder. */
export type DevFile = z.infer<typeof devFile>;

/** What runs in this folder, or undefined when nothing does (also when its process died without tidying up). */
export async function readDevFile(directory: string): Promise<DevFile | undefined> {
  const content = await readJson(join(directory, 'dev.json'));
  const parsed = devFile.safeParse(content);
  return parsed.success && isRunning(parsed.data) ? parsed.data : undefined;
}

export async function writeDevFile(directory: string, content: DevFile): Promise<void> {
  await writeWhole(join(directory, 'dev.json'), JSON.stringify(content, undefined, 2));
}

export async function removeDevFile(directory: string): Promise<void> {
  await rm(join(directory, 'dev.json'), { force: true });
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

/** Writes a file in one step: readers see the old or the new one, never a half. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}
