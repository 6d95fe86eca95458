import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { TestWorkflowEnvironment } from '@temporalio/testing';
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
 * The path of an executable that runs Temporal's time-skipping test server; its argument is the port.
 * Fetched once by Maven into the cache (about 10 s). Throws when Java or Maven are missing or nothing can be fetched.
 */
export async function timeSkippingServer(): Promise<string> {
  const cache = cacheFolder(process.env);
  const folder = join(cache, `time-skipping-server-${VERSION}`);
  const path = join(folder, 'run');
  if (!(await exists(path))) await fetchInto(cache, folder);
  return path;
}

export interface TimeSkippingServer {
  readonly environment: TestWorkflowEnvironment;
  stop(): Promise<void>;
}

/** With time skipping, of a server that runs: the SDK itself would give one five seconds to start, too few on a busy machine. */
interface OfServer {
  create(options: {
    readonly server: { readonly type: 'existing' };
    readonly address: string;
    readonly namespace: string;
    readonly supportsTimeSkipping: true;
  }): Promise<TestWorkflowEnvironment>;
}

/** Starts a server of one's own, and waits for it as long as it takes. */
export async function startTimeSkippingServer(path: string): Promise<TimeSkippingServer> {
  const port = await freePort();
  const child = spawn(path, [String(port)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`the time-skipping server ended: ${child.exitCode}`);
    await wait(50);
  }
  const testing = TestWorkflowEnvironment as unknown as OfServer;
  const address = `127.0.0.1:${port}`;
  const environment = await testing.create({
    server: { type: 'existing' },
    address,
    namespace: 'default',
    supportsTimeSkipping: true,
  });
  return {
    environment,
    async stop() {
      await environment.teardown();
      kill();
      await exited;
      process.off('exit', kill);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await promisify(server.close.bind(server))();
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const found = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).then(
    () => !socket.pending,
    () => false,
  );
  socket.destroy();
  return found;
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
