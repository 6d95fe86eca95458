import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The real worker, in a process of its own. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** What it logged so far: one JSON line each. */
  readonly log: readonly string[];
  /** The exit code; null after a signal. */
  readonly exited: Promise<number | null>;
  isRunning(): boolean;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** Starts `node worker.ts`; only these variables and PATH are set. */
export function spawnWorker(env: Record<string, string>): WorkerProcess {
  const child = spawn(process.execPath, ['worker.ts'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    pid: child.pid,
    log,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

/** Starts a worker and waits until it is ready; throws what it logged if it ends instead. */
export async function startWorkerProcess(env: Record<string, string>): Promise<WorkerProcess> {
  const worker = spawnWorker({ ...env, ADMISSION_LOG_LEVEL: 'info' });
  while (!worker.log.some((line) => line.includes('the worker is ready'))) {
    if (!worker.isRunning()) throw new Error(`the worker ended:\n${worker.log.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return worker;
}
