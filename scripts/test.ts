import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { missingPrerequisites } from './prerequisites.ts';

// Nothing is skipped: what the tests need is there, or the run does not begin.
const missing = await missingPrerequisites(process.env);
if (missing.length > 0) {
  console.error('The tests need what this machine lacks:');
  for (const { what, why, get } of missing) console.error(`  ${what} (${why}): ${get}`);
  process.exit(1);
}

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const run = spawn(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
const [code] = (await once(run, 'exit')) as [number | null];
process.exitCode = code ?? 1;
