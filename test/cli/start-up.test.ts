import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PROGRAM = new URL('../../src/cli/program.ts', import.meta.url).href;

/** Prints on stderr, at the end of a process, each package that it loaded. */
const RECORD = `
import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
    if (name) packages.add(name);
    return next(url, context);
  },
});
process.on('exit', () => writeSync(2, JSON.stringify([...packages].sort())));
`;

/** Runs a program of its own: what it printed, and the packages that it loaded. */
async function loadedBy(...args: readonly string[]) {
  const hook = `data:text/javascript,${encodeURIComponent(RECORD)}`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', hook, ...args]);
  return { stdout, packages: JSON.parse(stderr) as string[] };
}

// Half a second of loading before a word is printed is felt with every `admit --help`: zod, the AWS SDK, Temporal and
// the policy engine are loaded by the commands that need them, when they need them.
const LIGHT = ['commander'];

test('the version is printed before anything heavy is loaded', async () => {
  const { stdout, packages } = await loadedBy(MAIN, '--version');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(packages).toEqual(LIGHT);
});

/** Prints the help of `admit`, and of each of its commands. */
const HELP_OF_ALL = `
const { createProgram, runCli } = await import(${JSON.stringify(PROGRAM)});
const io = { env: {}, stdout: process.stdout, stderr: process.stdout };
const helpOf = async (command, above) => {
  await runCli([...above, '--help'], io);
  for (const one of command.commands) await helpOf(one, [...above, one.name()]);
};
await helpOf(createProgram(false), []);
`;

test('nor does the help of any command load anything heavy', async () => {
  const { stdout, packages } = await loadedBy('--input-type=module', '--eval', HELP_OF_ALL);
  expect(stdout.match(/^Usage: admit/gm)?.length).toBeGreaterThan(40);
  expect(packages).toEqual(LIGHT);
});
