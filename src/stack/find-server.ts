import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadClientConfigProfile } from '@temporalio/envconfig';
import type { Environment } from './child-process.ts';
import { buildServer, downloadServer } from './obtain-server.ts';
import { findOnPath, verifyExecutable, type ServerSearch } from './temporal-executable.ts';

export interface ServerAddress {
  kind: 'address';
  /** host:port of a running server. */
  address: string;
  namespace: string;
}

export interface ServerExecutable {
  kind: 'executable';
  path: string;
  /** Of the server inside, such as 1.29.1. */
  version: string;
  source: 'PATH' | 'cache' | 'download' | 'go install';
}

export interface FindServerOptions extends Omit<ServerSearch, 'cacheDir'> {
  /** ADMISSION_CACHE or the user's cache folder, if not given. */
  cacheDir?: string;
}

const SOURCES: ReadonlyArray<[ServerExecutable['source'], (search: ServerSearch) => Promise<string | undefined>]> = [
  ['PATH', ({ env }) => findOnPath('temporal', env)],
  ['cache', newestInCache],
  ['download', downloadServer],
  ['go install', buildServer],
];

/**
 * Finds a Temporal server: the one that TEMPORAL_ADDRESS or a Temporal profile names, else an executable that was run once
 * and is new enough: on PATH, in the cache, downloaded, built with Go. Throws NoServerError when there is none, and the
 * reason of `signal` when that is aborted (nothing half-made stays).
 */
export async function findTemporalServer(options: FindServerOptions): Promise<ServerAddress | ServerExecutable> {
  const configured = configuredServer(options.env);
  if (configured !== undefined) return configured;

  const search = { ...options, cacheDir: options.cacheDir ?? cacheFolder(options.env) };
  const failed: FailedSource[] = [];
  for (const [source, locate] of SOURCES) {
    search.signal?.throwIfAborted();
    try {
      const path = await locate(search);
      if (path !== undefined) {
        const { server } = await verifyExecutable(path, search.signal);
        return { kind: 'executable', path, version: server, source };
      }
      failed.push({ source, reason: 'there is none' });
    } catch (error) {
      search.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      search.progress(`${source}: ${reason}`);
      failed.push({ source, reason });
    }
  }
  throw new NoServerError(failed);
}

function configuredServer(env: Environment): ServerAddress | undefined {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { address, namespace } = loadClientConfigProfile({ overrideEnvVars: Object.fromEntries(set) });
  if (address === undefined || address === '') return undefined;
  return { kind: 'address', address, namespace: namespace ?? 'default' };
}

async function newestInCache({ cacheDir }: ServerSearch): Promise<string | undefined> {
  const names = await readdir(cacheDir).catch(() => []);
  const newest = names
    .filter((name) => name.startsWith('temporal-cli-'))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  return newest === undefined ? undefined : join(cacheDir, newest);
}

/** Where fetched and built servers are kept: `ADMISSION_CACHE`, else `channel-admission` in the user's cache folder. */
export function cacheFolder(env: Environment): string {
  const own = env['ADMISSION_CACHE'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'channel-admission');
}

interface FailedSource {
  source: string;
  reason: string;
}

/** There is no Temporal server to be had. `failed` says what was tried, in order, and why each did not work. */
export class NoServerError extends Error {
  readonly failed: readonly FailedSource[];

  constructor(failed: readonly FailedSource[]) {
    super(
      [
        'No Temporal server could be found, downloaded or built. Tried:',
        ...failed.map(({ source, reason }) => `  ${source}: ${reason}`),
        'Any one of these helps:',
        '  set TEMPORAL_ADDRESS to a running server, such as 127.0.0.1:7233;',
        '  install the Temporal CLI 1.5 or newer, so that `temporal` is on PATH;',
        '  install Go, so that the server can be built here once.',
      ].join('\n'),
    );
    this.name = 'NoServerError';
    this.failed = failed;
  }
}
