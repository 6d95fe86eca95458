import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from './child-process.ts';
import { findOnPath } from './temporal-executable.ts';
import type { ServerSearch } from './temporal-executable.ts';

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
