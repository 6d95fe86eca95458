import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { siblingScript } from '../sibling-script.ts';
import { startChild, type Child } from './child-process.ts';

const READY_WITHIN_MS = 15_000;
const readyLine = z.object({ url: z.url() });

export interface EmulatorOptions {
  /** A free one, if not given. */
  port?: number;
  seedFile?: string;
  publicSelfJoin?: 'allow' | 'deny';
  log: (line: string) => void;
  signal?: AbortSignal;
}

export interface EmulatorProcess {
  url: string;
  pid: number;
  /** The exit code, once it has ended, stopped or not. */
  exited: Promise<number | null>;
  stop: () => Promise<void>;
}

/**
 * Starts the Chime emulator as a process of its own and waits for its ready line; its other lines go to `log`.
 * Throws with its last line when it ends before that or takes more than 15 s.
 */
export async function startEmulatorProcess(options: EmulatorOptions): Promise<EmulatorProcess> {
  const ready = Promise.withResolvers<string>();
  let lastLine = '';
  const child = await startChild({
    command: process.execPath,
    args: emulatorArguments(options),
    onLine: (line) => {
      const url = readUrl(line);
      if (url !== undefined) return ready.resolve(url);
      lastLine = line;
      options.log(line);
    },
  });
  const limit = AbortSignal.any([AbortSignal.timeout(READY_WITHIN_MS), ...(options.signal ? [options.signal] : [])]);
  const giveUp = (): void => ready.reject(limit.reason);
  limit.addEventListener('abort', giveUp);
  if (limit.aborted) giveUp();
  try {
    const url = await Promise.race([ready.promise, endOf(child)]);
    return { url, pid: child.pid, exited: child.exited, stop: child.stop };
  } catch (error) {
    await child.stop();
    options.signal?.throwIfAborted();
    throw new Error(`the Chime emulator did not start: ${lastLine || String(error)}`, { cause: error });
  } finally {
    limit.removeEventListener('abort', giveUp);
  }
}

function emulatorArguments({ port = 0, seedFile, publicSelfJoin }: EmulatorOptions): string[] {
  return [
    siblingScript(import.meta.url, '../../emulator/main'),
    '--json',
    '--exit-with-parent',
    '--port',
    String(port),
    ...(seedFile === undefined ? [] : ['--seed', seedFile]),
    ...(publicSelfJoin === undefined ? [] : ['--public-self-join', publicSelfJoin]),
  ];
}

async function endOf(child: Child): Promise<never> {
  const code = await child.exited;
  throw new Error(`it ended with exit code ${code}`);
}

function readUrl(line: string): string | undefined {
  try {
    return readyLine.safeParse(JSON.parse(line)).data?.url;
  } catch {
    return undefined;
  }
}

/** The people, the bot and the channels that the emulator starts with. */
export const DEV_SEED_FILE = fileURLToPath(new URL('../../emulator/seeds/dev.json', import.meta.url));

/** The emulator's one region and account. */
const ARN_PREFIX = 'arn:aws:chime:us-east-1:111122223333:app-instance/';

export interface Accounts {
  appInstanceArn: string;
  /** The bot that reads and writes channels for the service. */
  serviceBearer: string;
  /** User id to ARN. */
  users: Record<string, string>;
}

const person = z.object({ id: z.string() });
const seed = z.object({
  appInstances: z.tuple([z.object({ id: z.string(), users: z.array(person), bots: z.tuple([person]) })]),
});

/** The accounts of a seed file with one app instance and one bot; throws when it is none. */
export async function readAccounts(seedFile: string): Promise<Accounts> {
  const [instance] = seed.parse(JSON.parse(await readFile(seedFile, 'utf8'))).appInstances;
  const appInstanceArn = ARN_PREFIX + instance.id;
  return {
    appInstanceArn,
    serviceBearer: `${appInstanceArn}/bot/${instance.bots[0].id}`,
    users: Object.fromEntries(instance.users.map(({ id }) => [id, `${appInstanceArn}/user/${id}`])),
  };
}
