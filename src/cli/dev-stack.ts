import type { Environment } from '../config.ts';
import { isLoopback } from '../domain/fixed-url.ts';
import { shownAddress } from '../redact.ts';
import type { DevFile } from '../stack/dev-folder.ts';
import { io, note } from './output.ts';

const FOLDER = '.admission';

/** These name a server in ways that a folder cannot answer for. */
const NAMES_A_SERVER = [
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS',
  'AWS_ENDPOINT_URL',
];

/**
 * The environment that counts here. What is set wins; where nothing names another server, the `npm run dev` that runs in this
 * folder is meant, and people read which that is.
 */
export async function currentEnvironment(env: Environment = io().env): Promise<Environment> {
  const { readDevFile } = await import('../stack/dev-folder.ts');
  const dev = await readDevFile(FOLDER, (why) => say(`${FOLDER}/dev.json is not used: ${why}`));
  if (!dev) return env;
  const other = whyOther(dev, env);
  if (other) {
    say(`${FOLDER}/dev.json is not used: ${other}`);
    return env;
  }
  say(`the stack of ${FOLDER}/dev.json: Temporal ${shownAddress(dev.temporal)}, namespace ${dev.namespace}`);
  const own = Object.entries(env).filter(
    ([name, value]) => name.startsWith('ADMISSION_') && value !== undefined && value !== '',
  );
  return { ...env, ...dev.env, ADMISSION_TASK_QUEUE: dev.taskQueue, ...Object.fromEntries(own) };
}

/** Why the stack of a folder is not what is meant: the environment names another, or it is not on this machine. */
function whyOther({ temporal, namespace, emulator, env: given }: DevFile, env: Environment): string | undefined {
  const pairs = [
    ['TEMPORAL_ADDRESS', temporal],
    ['TEMPORAL_NAMESPACE', namespace],
    ['AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING', emulator],
    ['AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY', emulator],
  ] as const;
  const set = [
    ...pairs.flatMap(([name, value]) => (env[name] && env[name] !== value ? [name] : [])),
    ...NAMES_A_SERVER.filter((name) => env[name]),
  ];
  if (set.length > 0) return `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set, and names another server`;
  const differs = pairs.some(([name, value]) => given[name] !== undefined && given[name] !== value);
  if (differs) return 'it contradicts itself';
  const isHere = isLocal(`http://${temporal}`) || env['TEMPORAL_ADDRESS'] === temporal;
  return isHere && isLocal(emulator)
    ? undefined
    : 'its server is not on this machine: set TEMPORAL_ADDRESS, if it is meant';
}

function isLocal(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && isLoopback(url);
}

/** Once a call, however often a command asks. */
function say(what: string): void {
  const { notes } = io();
  if (notes.has(what)) return;
  notes.add(what);
  note(what);
}
