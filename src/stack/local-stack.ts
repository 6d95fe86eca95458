import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './child-process.ts';
import { removeDevFile, writeDevFile, writeWhole, lockFolder, narrowFiles } from './dev-folder.ts';
import {
  startEmulatorProcess,
  DEV_SEED_FILE,
  readAccounts,
  type EmulatorProcess,
  type Accounts,
} from './emulator-process.ts';
import { findTemporalServer } from './find-server.ts';
import { keptPorts, type Ports } from './ports.ts';
import { stackEnvironment, type StackEnvironment, type TemporalAccess } from './stack-environment.ts';
import { startTemporalServer, type SearchAttributes } from './temporal-server.ts';

export interface LocalStackOptions {
  /** temporary: free ports, nothing stays. kept: workflows, channels and ports outlive the process, in `directory`. */
  mode: 'temporary' | 'kept';
  /** For kept mode; `.admission` if not given. */
  directory?: string;
  log: (line: string) => void;
  /** Aborted while the stack starts: everything started so far is stopped and the reason thrown. */
  signal?: AbortSignal;
  searchAttributes?: SearchAttributes;
  /** Only noted in dev.json: the worker is the caller's. */
  taskQueue?: string;
  publicSelfJoin?: 'allow' | 'deny';
  /** Where servers are looked for; the process's own if not given. */
  env?: Environment;
}

export interface LocalStack extends Accounts {
  temporal: TemporalAccess;
  emulator: { url: string };
  /** What the worker and the CLI need to use this stack. */
  env: StackEnvironment;
  /** Stops everything, last started first. May be called often. */
  stop: () => Promise<void>;
}

type Closer = () => Promise<void>;

interface StartOptions extends LocalStackOptions {
  directory: string;
  closers: Closer[];
}

/**
 * Starts Temporal (or uses the configured one, which is never stopped) and the Chime emulator.
 * Throws NoServerError, AlreadyRunningError, or what went wrong; then nothing is left running.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const closers: Closer[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= closeAll(closers, options.log));
  try {
    const parts = await startParts({ ...options, directory: options.directory ?? '.admission', closers });
    return { ...parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(options: StartOptions): Promise<Omit<LocalStack, 'stop'>> {
  const { mode, directory, closers, signal } = options;
  signal?.throwIfAborted();
  const accounts = await readAccounts(DEV_SEED_FILE);
  if (mode === 'kept') closers.push(await lockFolder(directory));
  const ports = mode === 'kept' ? await keptPorts(directory) : undefined;
  const temporal = await provideTemporal(options, ports);
  signal?.throwIfAborted();
  const emulator = await provideEmulator(options, ports);
  signal?.throwIfAborted();
  const env = stackEnvironment(temporal, emulator.url, accounts.serviceBearer, options.env ?? process.env);
  const parts = { ...accounts, temporal, emulator: { url: emulator.url }, env };
  if (mode === 'kept') {
    // The server has made files of its own by now.
    await narrowFiles(directory);
    await announce(options, parts);
  }
  return parts;
}

async function provideTemporal(options: StartOptions, ports: Ports | undefined): Promise<TemporalAccess> {
  const { directory, closers, log, signal, searchAttributes = {} } = options;
  const abort = signal === undefined ? {} : { signal };
  const found = await findTemporalServer({ env: options.env ?? process.env, progress: log, ...abort });
  if (found.kind === 'address') return { address: found.address, namespace: found.namespace, uiUrl: undefined };
  const kept = ports && {
    port: ports.temporal,
    uiPort: ports.ui,
    databaseFile: join(directory, 'temporal.db'),
    logFile: join(directory, 'temporal.log'),
  };
  const server = await startTemporalServer({ executable: found.path, searchAttributes, ...kept, ...abort });
  closers.push(reportEnd('the Temporal server', server, log));
  const { address, namespace, uiUrl } = server;
  return { address, namespace, uiUrl };
}

async function provideEmulator(options: StartOptions, ports: Ports | undefined): Promise<EmulatorProcess> {
  const { directory, closers, log, signal, publicSelfJoin } = options;
  const stateFile = ports && join(directory, 'emulator.json');
  const emulator = await startEmulatorProcess({
    seedFile: stateFile !== undefined && (await exists(stateFile)) ? stateFile : DEV_SEED_FILE,
    log,
    ...(ports && { port: ports.emulator }),
    ...(publicSelfJoin && { publicSelfJoin }),
    ...(signal && { signal }),
  });
  closers.push(reportEnd('the Chime emulator', emulator, log));
  if (stateFile !== undefined) closers.push(() => saveState(emulator.url, stateFile));
  return emulator;
}

/** The emulator's state becomes its seed at the next start. */
async function saveState(url: string, stateFile: string): Promise<void> {
  const response = await fetch(`${url}/_emulator/state`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (response?.ok !== true) throw new Error("the Chime emulator's state could not be saved: it gave none");
  await writeWhole(stateFile, await response.text());
}

async function announce(options: StartOptions, parts: Omit<LocalStack, 'stop'>): Promise<void> {
  const { temporal, emulator, ...rest } = parts;
  const { directory, closers, taskQueue = 'channel-admission' } = options;
  closers.push(() => removeDevFile(directory));
  await writeDevFile(directory, {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    temporal: temporal.address,
    namespace: temporal.namespace,
    taskQueue,
    ui: temporal.uiUrl,
    emulator: emulator.url,
    ...rest,
  });
}

/** The way to stop a process; says so when it ends without having been stopped. */
function reportEnd(
  name: string,
  running: Pick<EmulatorProcess, 'exited' | 'stop'>,
  log: (line: string) => void,
): Closer {
  let wanted = false;
  void running.exited.then((code) => wanted || log(`${name} ended by itself (exit code ${code})`));
  return async () => {
    wanted = true;
    await running.stop();
  };
}

async function closeAll(closers: Closer[], log: (line: string) => void): Promise<void> {
  for (const close of closers.toReversed()) {
    await close().catch((error: unknown) => log(error instanceof Error ? error.message : String(error)));
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
