import { z } from 'zod';
import { startChild } from './child-process.ts';
import type { Child } from './child-process.ts';
import { siblingScript } from '../sibling-script.ts';

const READY_WITHIN_MS = 15_000;
const readyLine = z.object({ url: z.url() });

export interface EmulatorOptions {
  /** A free one, if not given. */
  port?: number;
  seedFile?: string;
  publicSelfJoin?: 'allow' | 'deny';
  log: (line: string) => void;
  signal?: AbortSignal;
}

export interface EmulatorProcess {
  url: string;
  pid: number;
  /** The exit code, once it has ended, stopped or not. */
  exited: Promise<number | null>;
  stop: () => Promise<void>;
}

/**
 * Starts the Chime emulator as a process of its own and waits for its ready line; its other lines go to `log`.
 * Throws with its last line when it ends before that or takes more than 15 s.
 */
export async function startEmulatorProcess(options: EmulatorOptions): Promise<EmulatorProcess> {
  const ready = Promise.withResolvers<string>();
  let lastLine = '';
  const child = await startChild({
    command: process.execPath,
    args: emulatorArguments(options),
    onLine: (line) => {
      const url = readUrl(line);
      if (url !== undefined) return ready.resolve(url);
      lastLine = line;
      options.log(line);
    },
  });
  const limit = AbortSignal.any([AbortSignal.timeout(READY_WITHIN_MS), ...(options.signal ? [options.signal] : [])]);
  const giveUp = (): void => ready.reject(limit.reason);
  limit.addEventListener('abort', giveUp);
  if (limit.aborted) giveUp();
  try {
    const url = await Promise.race([ready.promise, endOf(child)]);
    return { url, pid: child.pid, exited: child.exited, stop: child.stop };
  } catch (error) {
    await child.stop();
    options.signal?.throwIfAborted();
    throw new Error(`the Chime emulator did not start: ${lastLine || String(error)}`, { cause: error });
  } finally {
    limit.removeEventListener('abort', giveUp);
  }
}

function emulatorArguments({ port = 0, seedFile, publicSelfJoin }: EmulatorOptions): string[] {
  return [
    siblingScript(import.meta.url, '../../emulator/main'),
    '--json',
    '--exit-with-parent',
    '--port',
    String(port),
    ...(seedFile === undefined ? [] : ['--seed', seedFile]),
    ...(publicSelfJoin === undefined ? [] : ['--public-self-join', publicSelfJoin]),
  ];
}

async function endOf(child: Child): Promise<never> {
  const code = await child.exited;
  throw new Error(`it ended with exit code ${code}`);
}

function readUrl(line: string): string | undefined {
  try {
    return readyLine.safeParse(JSON.parse(line)).data?.url;
  } catch {
    return undefined;
  }
}
