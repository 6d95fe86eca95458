import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from './child-process.ts';

/** The oldest server with all we need (update-with-start, fairness keys); Temporal CLI 1.5 carries it. */
const OLDEST_SERVER = [1, 29] as const;

/** What every source of an executable is given. */
export interface ServerSearch {
  env: Environment;
  cacheDir: string;
  progress: (line: string) => void;
  signal?: AbortSignal;
}

export interface Versions {
  /** As the CLI calls itself; one built by `go install` says 0.0.0-DEV. */
  cli: string;
  /** Of the server inside it, such as 1.29.1. */
  server: string;
}

/** Runs `temporal --version`. Throws, with a reason for people, when it fails, hangs for 20 s or has too old a server. */
export async function verifyExecutable(path: string, signal?: AbortSignal): Promise<Versions> {
  const { stdout } = await promisify(execFile)(path, ['--version'], {
    timeout: 20_000,
    killSignal: 'SIGKILL',
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`${path} does not run: ${firstLine(error)}`);
  });
  const match = /temporal version (\S+) \(Server (\d+)\.(\d+)\.(\d+)/.exec(stdout);
  if (match === null) throw new Error(`${path} does not name a Temporal server in its --version`);
  const [, cli = '', major = '', minor = '', patch = ''] = match;
  const server = `${major}.${minor}.${patch}`;
  if (!isNewEnough(Number(major), Number(minor))) {
    throw new Error(`${path} is too old: its server is ${server}, needed is 1.29 or newer (Temporal CLI 1.5 or newer)`);
  }
  return { cli, server };
}

/** The first executable file called `name` in the folders of `PATH`. */
export async function findOnPath(name: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isNewEnough(major: number, minor: number): boolean {
  return major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]);
}

function firstLine(error: unknown): string {
  if (error instanceof Error && 'killed' in error && error.killed === true) return 'no answer in 20 s';
  return String(error instanceof Error ? error.message : error)
    .split('\n')
    .slice(0, 2)
    .join(' ');
}
