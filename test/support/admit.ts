import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withIo } from '../../src/cli/output.ts';
import { runCli } from '../../src/cli/program.ts';

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

/** Runs `admit` to its end, without a process: all but signals, pipes and the start of a worker or a stack. */
export async function admit(args: readonly string[], { env, cwd }: AdmitOptions): Promise<Ran> {
  return inFolder(cwd, async () => {
    const [stdout, stderr] = [textSink(), textSink()];
    const code = await runCli(args, { env: present({ ...process.env, ...env }), stdout, stderr });
    return ran(code, stdout.text(), stderr.text());
  });
}

/** All that a part of the CLI prints at once, when it runs alone. */
export function printed(part: () => void): string {
  const sink = textSink();
  void withIo({ env: {}, stdout: sink, stderr: sink }, part);
  return sink.text();
}

/** Runs `admit` as a process of its own, to its end. */
export async function admitProcess(args: readonly string[], options: AdmitOptions): Promise<Ran> {
  return endOf(startAdmit(args, options));
}

let folders = Promise.resolve();

/** One after the other: a process has one working directory,. */
async function inFolder<T>(cwd: string | undefined, command: () => Promise<T>): Promise<T> {
  if (cwd === undefined) return command();
  const before = folders;
  const { promise, resolve } = Promise.withResolvers<void>();
  folders = promise;
  await before;
  const home = process.cwd();
  process.chdir(cwd);
  try {
    return await command();
  } finally {
    process.chdir(home);
    resolve();
  }
}

function textSink() {
  let all = '';
  return { write: (text: string) => void (all += text), text: () => all };
}

function present(env: AdmitOptions['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function ran(code: number | null, stdout: string, stderr: string): Ran {
  return { code, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}

/** What a process printed, and how it ended. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return ran(code, stdout, stderr);
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
