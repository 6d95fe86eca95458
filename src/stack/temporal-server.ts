import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { TypedSearchAttributes, type SearchAttributeType } from '@temporalio/common';
import { startChild, type Child } from './child-process.ts';
import { freePort, isPortFree, waitForPort } from './ports.ts';

export interface TemporalServerOptions {
  /** The Temporal CLI, as findTemporalServer gives it. */
  executable: string;
  /** Free ones, if not given. */
  port?: number;
  uiPort?: number;
  /** If not given: one in a temporary folder that goes away with the server. */
  databaseFile?: string;
  namespace?: string;
  /** What the server says is appended here. */
  logFile?: string;
  searchAttributes?: SearchAttributes;
  signal?: AbortSignal;
}

export interface TemporalServer {
  /** host:port */
  address: string;
  uiUrl: string;
  namespace: string;
  pid: number;
  /** The exit code, once it has ended, stopped or not. */
  exited: Promise<number | null>;
  stop: () => Promise<void>;
}

/**
 * Starts a Temporal server with its web UI on 127.0.0.1 and waits until workflows with these search attributes can be started.
 * Throws when a port is taken, when the server dies (with its last lines) or is not usable within 30 s.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  // Between the look for free ports and the start, another process may take one: then other ports are tried.
  const choosesPorts = options.port === undefined && options.uiPort === undefined;
  for (let triesLeft = choosesPorts ? 3 : 1; ; triesLeft -= 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      const ended = error instanceof Error && error.cause instanceof EndedError;
      if (!ended || triesLeft <= 1) throw error;
    }
  }
}

async function startOnce(options: TemporalServerOptions): Promise<TemporalServer> {
  const { namespace = 'default', searchAttributes = {} } = options;
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  await requireFree(port, uiPort);

  const folder = options.databaseFile === undefined ? await mkdtemp(join(tmpdir(), 'channel-admission-')) : undefined;
  const databaseFile = options.databaseFile ?? join(folder ?? '', 'temporal.db');
  const lastLines: string[] = [];
  let child: Child | undefined;
  const stop = async (): Promise<void> => {
    await child?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    child = await startChild({
      command: options.executable,
      args: serverArguments({ port, uiPort, databaseFile, namespace, searchAttributes }),
      onLine: (line) => keepLine(line, lastLines, options.logFile),
      ...(folder !== undefined && { removeOnStop: folder }),
    });
    await waitUntilUsable(
      { port, uiPort, namespace, attributes: Object.keys(searchAttributes) },
      endOf(child),
      options.signal,
    );
  } catch (error) {
    await stop();
    options.signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error([`the Temporal server did not start: ${reason}`, ...lastLines].join('\n  '), { cause: error });
  }
  const { pid, exited } = child;
  return { address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}`, namespace, pid, exited, stop };
}

async function requireFree(...ports: number[]): Promise<void> {
  for (const port of ports) {
    if (!(await isPortFree(port))) throw new Error(`port ${port} on 127.0.0.1 is already in use`);
  }
}

async function endOf(child: Child): Promise<never> {
  const code = await child.exited;
  throw new EndedError(`it ended (exit code ${code})`);
}

class EndedError extends Error {
  override readonly name = 'EndedError';
}

function keepLine(line: string, lastLines: string[], logFile: string | undefined): void {
  if (logFile !== undefined) appendFileSync(logFile, `${line}\n`, { mode: 0o600 });
  lastLines.push(line);
  if (lastLines.length > 20) lastLines.shift();
}

const READY_WITHIN_MS = 30_000;

interface Expectation {
  port: number;
  uiPort: number;
  namespace: string;
  /** Names of search attributes. */
  attributes: readonly string[];
}

/**
 * Waits until the server answers a query over all search attributes in the namespace, and the web UI listens.
 * Throws what `ended` throws, the reason of `signal`, or that it took more than 30 s.
 */
async function waitUntilUsable(expected: Expectation, ended: Promise<never>, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  const done = new AbortController();
  const until = AbortSignal.any([limit, done.signal, ...(signal === undefined ? [] : [signal])]);
  try {
    await Promise.race([pollUntilUsable(expected, until), ended]);
  } catch (error) {
    throw limit.aborted ? new Error('it was not usable within 30 s', { cause: error }) : error;
  } finally {
    done.abort();
  }
}

async function pollUntilUsable(expected: Expectation, signal: AbortSignal): Promise<void> {
  // The connection backs off for a second when it is refused, so the ports are looked at first.
  await waitForPort(expected.port, signal);
  await waitForPort(expected.uiPort, signal);
  const connection = await Connection.connect({ address: `127.0.0.1:${expected.port}` });
  try {
    while (!(await answers(connection, expected, signal))) await delay(50, undefined, { signal });
  } finally {
    await connection.close();
  }
}

async function answers(connection: Connection, expected: Expectation, signal: AbortSignal): Promise<boolean> {
  const { namespace, attributes } = expected;
  const query = attributes.map((name) => `${name} IS NULL`).join(' AND ');
  try {
    await connection.withDeadline(Date.now() + 2_000, async () => {
      await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
    });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Search attribute name to its type, as the SDK writes it, such as KEYWORD. */
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

interface ServerSettings {
  port: number;
  uiPort: number;
  databaseFile: string;
  namespace: string;
  searchAttributes: SearchAttributes;
}

/** Values are JSON, so the duration is a quoted string. */
const DYNAMIC_CONFIG = [
  // The default of 20 polls a second on the one shard costs 50 ms at every step.
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  // One partition: what waits in a queue is handed out in order of priority, and limits are exact.
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
  // The default is 10 lists a second: a burst of requests, of each of which reviewers see the others, needs more.
  'frontend.namespaceRPS.visibility=200',
  // Otherwise every timer and backoff is rounded up to a second.
  'history.timerProcessorMaxTimeShift="10ms"',
];

/** Survives kill -9 of the server without losing what it acknowledged. */
const SQLITE_PRAGMAS = ['journal_mode=WAL', 'synchronous=NORMAL'];

/** The command line of the server after the executable's name. Its HTTP, metrics and inner ports are free ones on the same IP. */
function serverArguments(settings: ServerSettings): string[] {
  const single = {
    '--ip': '127.0.0.1',
    '--ui-ip': '127.0.0.1',
    '--port': String(settings.port),
    '--ui-port': String(settings.uiPort),
    '--db-filename': settings.databaseFile,
    '--namespace': settings.namespace,
  };
  const attributes = Object.entries(settings.searchAttributes).map(
    ([name, type]) => `${name}=${TypedSearchAttributes.toMetadataType(type)}`,
  );
  return [
    'server',
    'start-dev',
    ...Object.entries(single).flat(),
    ...repeated('--sqlite-pragma', SQLITE_PRAGMAS),
    ...repeated('--dynamic-config-value', DYNAMIC_CONFIG),
    ...repeated('--search-attribute', attributes),
  ];
}

function repeated(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}
