import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { KeySet, VerificationKey } from './keys.ts';

/** A JWKS file cannot be read or written: what is wrong, for people. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/** A key of a set as people need it; what no assertion can be checked with is listed too. */
export interface ListedKey {
  readonly kid: string;
  readonly state: 'good' | 'revoked' | 'expired' | 'unusable';
  /** Whom it proves; `null`: anybody. */
  readonly principal: string | null;
}

export async function listKeys(file: string): Promise<ListedKey[]> {
  return (await readSet(file)).keys.map(listed);
}

function listed(key: unknown): ListedKey {
  const parsed = VerificationKey.safeParse(key);
  if (!parsed.success) return { kid: kidOf(key) ?? '', state: 'unusable', principal: null };
  const { kid, revoked = false, exp = Infinity, principal = null } = parsed.data;
  return { kid, state: revoked ? 'revoked' : exp * 1_000 <= Date.now() ? 'expired' : 'good', principal };
}

/** Adds a public key to a set, which is made if there is none. */
export async function addKey(file: string, key: VerificationKey): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await change(file, { keys: [] }, (keys) => [...keys, key]);
}

/** Marks a key as revoked; it stays in the set, for whoever looks. False if there is no such key. */
export async function revokeKey(file: string, kid: string): Promise<boolean> {
  const isMeant = (key: unknown): key is object => kidOf(key) === kid;
  if (!(await readSet(file)).keys.some(isMeant)) return false;
  await change(file, undefined, (keys) => keys.map((key) => (isMeant(key) ? { ...key, revoked: true } : key)));
  return true;
}

function kidOf(key: unknown): string | undefined {
  const { kid } = (key ?? {}) as { kid?: unknown };
  return typeof kid === 'string' ? kid : undefined;
}

type Keys = z.output<typeof KeySet>['keys'];

async function readSet(file: string, none?: z.output<typeof KeySet>): Promise<z.output<typeof KeySet>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') {
    if (text.code === 'ENOENT' && none) return none;
    throw new KeySetError(text.code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read`, { cause: text });
  }
  try {
    return KeySet.parse(JSON.parse(text));
  } catch (error) {
    throw new KeySetError(`${file} is not a JWKS`, { cause: error });
  }
}

/** Readers see the old set or the new one, never a half; of writers, one at a time. */
async function change(
  file: string,
  none: z.output<typeof KeySet> | undefined,
  to: (keys: Keys) => Keys,
): Promise<void> {
  // A link stays a link, and what it leads to is replaced.
  const target = await realpath(file).catch(() => file);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  );
  const next = `${target}.new`;
  const written = await openAlone(next, mode);
  try {
    const set = await readSet(target, none);
    await written.writeFile(`${JSON.stringify({ ...set, keys: to(set.keys) }, undefined, 2)}\n`);
    await written.sync();
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  } finally {
    await written.close();
  }
}

const ATTEMPTS = 40;

/** The new file is the lock as well, as git does it. */
async function openAlone(next: string, mode: number) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(next, 'wx', mode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (attempt === ATTEMPTS) {
        throw new KeySetError(`${next} is there: another process writes it, or one died while it did; then remove it`);
      }
      await wait(50);
    }
  }
}
