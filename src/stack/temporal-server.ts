import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child-process.ts';
import type { Child } from './child-process.ts';
import { freePort, isPortFree } from './ports.ts';
import { serverArguments } from './temporal-flags.ts';
import type { SearchAttributes } from './temporal-flags.ts';
import { waitUntilUsable } from './temporal-readiness.ts';

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
