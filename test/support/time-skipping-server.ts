import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/stack/find-server.ts';

const VERSION = '1.32.0';

/** The jars stand next to the script, so the folder can be moved. The client compiler is enough and starts faster. */
const SCRIPT = `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/jars/*" io.temporal.testserver.TestServer "$@"
`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>time-skipping-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * The path of an executable that runs Temporal's time-skipping test server, for
 * `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`.
 * Fetched once by Maven into the cache (about 10 s). Throws when Java or Maven are missing or nothing can be fetched.
 */
export async function timeSkippingServer(): Promise<string> {
  const cache = cacheFolder(process.env);
  const folder = join(cache, `time-skipping-server-${VERSION}`);
  const path = join(folder, 'run');
  if (!(await exists(path))) await fetchInto(cache, folder);
  return path;
}

async function fetchInto(cache: string, target: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.fetching-'));
  try {
    await writeFile(join(folder, 'pom.xml'), POM);
    await writeFile(join(folder, 'run'), SCRIPT, { mode: 0o755 });
    await runMaven(folder);
    await verify(join(folder, 'run'));
    await rename(folder, target);
  } catch (error) {
    // Another process may have been first; renaming onto its full folder fails.
    if (!(await exists(join(target, 'run')))) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runMaven(folder: string): Promise<void> {
  const args = ['-q', '-B', '-f', join(folder, 'pom.xml'), 'dependency:copy-dependencies'];
  await promisify(execFile)('mvn', [...args, '-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'jars')}`], {
    timeout: 300_000,
  });
}

/** Without a port the server says how it is to be called: Java runs and all classes are there. */
async function verify(path: string): Promise<void> {
  const output = await promisify(execFile)(path, [], { timeout: 30_000 }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: unknown) => String(error),
  );
  if (!/usage/i.test(output)) throw new Error(`the time-skipping server does not run: ${output}`);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
