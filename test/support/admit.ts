import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Compiled once, and not in each of many processes; it starts twice as fast. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'admission-compile-cache');

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What was printed on stdout, as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface AdmitOptions {
  readonly env: Record<string, string | undefined>;
  readonly cwd?: string;
}

/** Runs `admit` as a process of its own, to its end. */
export async function admit(args: readonly string[], options: AdmitOptions): Promise<Ran> {
  return endOf(startAdmit(args, options));
}

/** What a process printed, and how it ended. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}

/** Starts `admit` and leaves it running. */
export function startAdmit(args: readonly string[], { env, cwd }: AdmitOptions): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE, ...env },
    ...(cwd ? { cwd } : {}),
  });
}

/** The first line that a process prints on stdout. */
export async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  const errors = textOf(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`it ended without a line: ${await errors}`);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
