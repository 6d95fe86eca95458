import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { siblingScript } from '../sibling-script.ts';
import { startChild, runChild, type Child } from './child-process.ts';
import { verifyExecutable, findOnPath, type ServerSearch } from './temporal-executable.ts';

const STALLED_MS = 60_000;

/**
 * Fetches the official Temporal CLI that belongs to the installed SDK into the cache; gives its path.
 * Throws when there is no way to it (within a second without internet) or nothing arrives for a minute.
 */
export async function downloadServer({ env, cacheDir, progress, signal }: ServerSearch): Promise<string> {
  progress('no Temporal server found here: trying the official download');
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(cacheDir, '.download-'));
  try {
    const output: string[] = [];
    const child = await startChild({
      command: process.execPath,
      args: [siblingScript(import.meta.url, 'download-script'), folder],
      env,
      onLine: (line) => output.push(line),
      removeOnStop: folder,
    });
    const path = await downloadedFile(child, folder, signal);
    if (path === undefined) throw new Error(output.at(-1) ?? 'the download brought no file');
    const { cli } = await verifyExecutable(path, signal);
    const target = join(cacheDir, `temporal-cli-${cli}`);
    await rename(path, target);
    progress(`downloaded the Temporal CLI ${cli}`);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The complete file, if there is one once the download process has ended by itself. */
async function downloadedFile(child: Child, folder: string, signal?: AbortSignal): Promise<string | undefined> {
  let size = -1;
  let lastGrowth = performance.now();
  try {
    while (await isRunning(child)) {
      signal?.throwIfAborted();
      const now = await folderSize(folder);
      if (now !== size) lastGrowth = performance.now();
      size = now;
      if (performance.now() - lastGrowth > STALLED_MS) throw new Error('nothing arrived for 60 s');
    }
  } finally {
    await child.stop();
  }
  const name = (await readdir(folder)).find(
    (entry) => entry.startsWith('temporal-') && !entry.endsWith('.downloading'),
  );
  return name === undefined ? undefined : join(folder, name);
}

async function isRunning(child: Child): Promise<boolean> {
  return await Promise.race([child.exited.then(() => false), delay(250, true)]);
}

async function folderSize(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const VERSION = '1.5.1';
const MODULE = `github.com/temporalio/cli/cmd/temporal@v${VERSION}`;
const REPORT_EVERY_MS = 15_000;

/**
 * Builds the Temporal CLI with `go install` and puts it into the cache; gives its path. Throws when Go is missing or the
 * build fails. Several processes may build at once: each in a folder of its own, and the result is moved in one step.
 */
export async function buildServer({ env, cacheDir, progress, signal }: ServerSearch): Promise<string> {
  const go = await findOnPath('go', env);
  if (go === undefined) throw new Error('Go is not installed (no go on PATH)');
  progress(`no Temporal server found here: building one with Go (${MODULE}); once, usually 4 to 6 minutes`);

  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(cacheDir, '.building-'));
  try {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    const report = watchBuild(progress);
    const code = await runChild(
      {
        command: go,
        args: ['install', '-v', MODULE],
        // GOTMPDIR: a killed go leaves its work folder behind, so it stands where we clean up.
        env: { ...env, GOBIN: folder, GOTMPDIR: temporary },
        onLine: report.line,
        stopLimitMs: 2_000,
        removeOnStop: folder,
      },
      signal,
    ).finally(report.end);
    if (code !== 0) throw new Error(`go install failed (exit code ${code}): ${report.lastLines()}`);
    const target = join(cacheDir, `temporal-cli-${VERSION}`);
    await rename(join(folder, 'temporal'), target);
    progress(`built the Temporal server in ${report.seconds()} s`);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface BuildReport {
  line: (line: string) => void;
  end: () => void;
  seconds: () => number;
  lastLines: () => string;
}

function watchBuild(progress: (line: string) => void): BuildReport {
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 1000);
  const last: string[] = [];
  let modules = 0;
  let packages = 0;
  const timer = setInterval(() => {
    const done = [modules > 0 && `${modules} modules fetched`, packages > 0 && `${packages} packages compiled`];
    progress(['building the Temporal server', `${seconds()} s so far`, ...done.filter(Boolean)].join(', '));
  }, REPORT_EVERY_MS);
  return {
    line: (line) => {
      if (line.startsWith('go: downloading')) modules += 1;
      else if (/^[\w.-]+(\/\S+)*$/.test(line)) packages += 1;
      last.push(line);
      if (last.length > 5) last.shift();
    },
    end: () => clearInterval(timer),
    seconds,
    lastLines: () => last.join(' | '),
  };
}
