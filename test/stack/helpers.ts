import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { freePorts } from '../../src/stack/ports.ts';

/** For `expect.poll`: long enough for a busy machine. */
export const SOON = { timeout: 60_000 };

/** An empty folder that goes away with the test. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stack-test-'));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for a kept stack, in `parent`. Its ports are free ones: test files run side by side and must not share 7233. */
export async function keptFolder(parent: string): Promise<string> {
  const directory = join(parent, '.admission');
  const [temporal, ui, emulator] = await freePorts(3);
  await mkdir(directory);
  await writeFile(join(directory, 'ports.json'), JSON.stringify({ temporal, ui, emulator }));
  return directory;
}

/** A shell script that can be run as a command; `body` has the usual tools at hand. */
export async function fakeCommand(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`, { mode: 0o755 });
  return path;
}

/** What the real Temporal CLI answers to --version. */
export function printsVersion(cli: string, server: string): string {
  return `echo "temporal version ${cli} (Server ${server}, UI 2.42.1)"`;
}

/** The command lines of all running processes that name `marker`. */
export async function processesNaming(marker: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args='], { maxBuffer: 16_000_000 });
  return stdout.split('\n').filter((line) => line.includes(marker));
}

/** Whether something accepts connections at `host:port` or at a URL. */
export async function accepts(address: string, host?: string): Promise<boolean> {
  const url = new URL(address.includes('://') ? address : `http://${address}`);
  const socket = connect(Number(url.port), host ?? url.hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
