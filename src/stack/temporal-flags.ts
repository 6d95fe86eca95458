import { TypedSearchAttributes } from '@temporalio/common';
import type { SearchAttributeType } from '@temporalio/common';

/** Search attribute name to its type, as the SDK writes it, such as KEYWORD. */
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

export interface ServerSettings {
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
export function serverArguments(settings: ServerSettings): string[] {
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
