import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { GuardSpec } from './child-guard.ts';
import { siblingScript } from '../sibling-script.ts';

export type Environment = Record<string, string | undefined>;

export interface ChildOptions {
  command: string;
  args: readonly string[];
  env?: Environment;
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** From SIGTERM to SIGKILL; 10 s if not given. */
  stopLimitMs?: number;
  /** A folder that is removed once the child was stopped, also when the starter died. */
  removeOnStop?: string;
}

export interface Child {
  pid: number;
  /** The exit code, when the child is gone and its last line was delivered; null after a signal. */
  exited: Promise<number | null>;
  /** Sends SIGTERM, after the limit SIGKILL, and waits for the end. May be called often. */
  stop: () => Promise<void>;
}

/**
 * Starts a command that Ctrl-C does not reach and that ends when this process ends, in whatever way.
 * A guard process (child-guard.ts) stands in between; only killing that one with SIGKILL as well leaves the command running.
 * Throws when the command cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const stopLimitMs = options.stopLimitMs ?? 10_000;
  const guard = spawnGuard(options, stopLimitMs);
  const exited = once(guard, 'close').then(([code]) => code as number | null);
  const pid = await Promise.race([startedPid(guard), exited.then(() => undefined)]);
  if (typeof pid !== 'number') throw new Error(`${options.command} cannot be started: ${pid ?? 'its guard ended'}`);

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopGuard(guard, { pid, exited, limitMs: stopLimitMs + 2_000 }));
  return { pid, exited, stop };
}

/** Runs a command to its end and gives its exit code. On abort it is stopped first, then the abort's reason is thrown. */
export async function runChild(options: ChildOptions, signal?: AbortSignal): Promise<number | null> {
  signal?.throwIfAborted();
  const child = await startChild(options);
  const stop = (): void => void child.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const code = await child.exited;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  return code;
}

function spawnGuard(options: ChildOptions, stopLimitMs: number): ChildProcess {
  const { command, args, removeOnStop } = options;
  const spec: GuardSpec = { command, args, stopLimitMs, ...(removeOnStop !== undefined && { removeOnStop }) };
  const guard = spawn(process.execPath, [siblingScript(import.meta.url, 'child-guard'), JSON.stringify(spec)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: options.env ?? process.env,
    detached: true,
  });
  readLines(guard.stdout, (line) => options.onLine?.(line, 'stdout'));
  readLines(guard.stderr, (line) => options.onLine?.(line, 'stderr'));
  return guard;
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}

async function startedPid(guard: ChildProcess): Promise<number | string | undefined> {
  const [message] = (await once(guard, 'message')) as [{ pid?: number; error?: string }];
  return message.pid ?? message.error;
}

interface Running {
  pid: number;
  exited: Promise<number | null>;
  limitMs: number;
}

async function stopGuard(guard: ChildProcess, { pid, exited, limitMs }: Running): Promise<void> {
  // Not `disconnect()`: after that Node never tells of 'close'. A guard that is gone already needs no message.
  if (guard.connected) guard.send('stop', () => undefined);
  const timer = setTimeout(() => {
    killGroup(pid);
    killGroup(guard.pid);
  }, limitMs);
  await exited;
  clearTimeout(timer);
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}
