// Runs one command for child-process.ts and ends it as soon as the starter is gone, however it went (also by SIGKILL):
// the IPC channel to the starter closes then. Guard and command each lead a process group of their own, so Ctrl-C in a
// terminal reaches neither of them and the starter can stop them in order.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import process from 'node:process';

/** What the guard is told in its only argument, as JSON. */
export interface GuardSpec {
  command: string;
  args: readonly string[];
  stopLimitMs: number;
  removeOnStop?: string;
}

// Databases and logs of what runs here are for one person.
process.umask(0o077);

const spec = JSON.parse(process.argv[2] ?? '') as GuardSpec;
let stopping = false;

// The command's stdin stays open as long as the guard lives: a second sign of life for commands that watch it.
const child = spawn(spec.command, [...spec.args], { stdio: ['pipe', 'inherit', 'inherit'], detached: true });

child.on('spawn', () => tell({ pid: child.pid }));
child.on('error', (error) => {
  tell({ error: error.message });
  process.exitCode = 127;
  if (process.connected) process.disconnect();
});
child.on('exit', (code) => {
  if (stopping) {
    signalGroup('SIGKILL');
    removeFolder();
  }
  process.exit(code ?? 1);
});
process.on('message', stop);
process.on('disconnect', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('SIGHUP', stop);
// The channel may have closed while this file was being loaded, before anyone listened.
if (!process.connected) stop();

function stop(): void {
  if (stopping) return;
  stopping = true;
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), spec.stopLimitMs).unref();
}

function signalGroup(signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

function removeFolder(): void {
  if (spec.removeOnStop === undefined) return;
  rmSync(spec.removeOnStop, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function tell(message: { pid: number | undefined } | { error: string }): void {
  process.send?.(message, () => {
    // A starter that is gone needs no answer.
  });
}
