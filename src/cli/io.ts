import { AsyncLocalStorage } from 'node:async_hooks';
import type { Environment } from '../config.ts';

/** The part of a process that a command reads and writes. `process` is one; a test brings its own, and needs no process. */
export interface Io {
  readonly env: Environment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

interface Call extends Io {
  exitCode: number;
  /** Notes that are printed once a call, however often a command comes to them. */
  readonly notes: Set<string>;
}

const calls = new AsyncLocalStorage<Call>();

/** The input and output of the call that runs now. */
export function io(): Call {
  const call = calls.getStore();
  if (!call) throw new Error('commands run inside of runCli');
  return call;
}

/** Runs a command with its own input and output, and gives its exit code. */
export async function withIo({ env, stdout, stderr }: Io, command: () => unknown): Promise<number> {
  const call: Call = { env, stdout, stderr, exitCode: 0, notes: new Set() };
  await calls.run(call, async () => await command());
  return call.exitCode;
}
