import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

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
