import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { cacheFolder } from '../src/stack/find-server.ts';
import { findOnPath } from '../src/stack/temporal-executable.ts';

const run = promisify(execFile);

export interface Prerequisite {
  readonly what: string;
  readonly why: string;
  readonly get: string;
}

/** Everything that the tests need and this machine lacks, with the way to get each. */
export async function missingPrerequisites(env: NodeJS.ProcessEnv): Promise<Prerequisite[]> {
  const cached = (prefix: string) =>
    existsSync(cacheFolder(env)) && readdirSync(cacheFolder(env)).some((name) => name.startsWith(prefix));
  const has = async (command: string) => (await findOnPath(command, env)) !== undefined;
  const checks: [Promise<boolean> | boolean, Prerequisite][] = [
    [
      cached('temporal-cli-') || (await has('temporal')) || (await has('go')),
      {
        what: 'a Temporal server',
        why: 'nearly every test',
        get: 'install the Temporal CLI, or Go, with which it is built once (4 minutes)',
      },
    ],
    [
      has('java'),
      { what: 'java 11 or newer', why: 'the time-skipping server', get: 'apt-get install default-jre-headless' },
    ],
    [has('mvn'), { what: 'mvn', why: 'fetches the time-skipping server', get: 'apt-get install maven' }],
    [
      works('python3', ['-c', 'import venv, ensurepip']),
      { what: 'python3 with venv', why: 'boto3 judges the emulator', get: 'apt-get install python3-venv' },
    ],
    [
      env['CHROMIUM'] ? existsSync(env['CHROMIUM']) : existsSync('/usr/bin/chromium'),
      { what: 'chromium', why: 'opens the Temporal UI', get: 'apt-get install chromium, or set CHROMIUM to its path' },
    ],
  ];
  const found = await Promise.all(checks.map(async ([there, prerequisite]) => ((await there) ? [] : [prerequisite])));
  return found.flat();
}

async function works(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
