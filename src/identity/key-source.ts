import { readFile, stat } from 'node:fs/promises';
import { createRemoteJWKSet } from 'jose';
import { z } from 'zod';

/** The keys of a JWKS as they are now. `kid` is the one looked for: a set without it is worth another look. */
export type KeySource = (kid: string) => Promise<readonly unknown[]>;

/** The keys cannot be had now. That is an outage and says nothing of whoever gave the command. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** A JWKS (RFC 7517). Keys that are not understood do no harm until somebody names them. */
export const KeySet = z.looseObject({ keys: z.array(z.unknown()) });

export function keySource(place: string): KeySource {
  return isUrl(place) ? urlKeys(new URL(place)) : fileKeys(place);
}

export function isUrl(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/** Read again when the file has changed, so that keys rotate without a restart. */
export function fileKeys(file: string): KeySource {
  let read: { version: string; keys: readonly unknown[] } | undefined;
  return async () => {
    try {
      const version = await versionOf(file);
      if (read?.version === version) return read.keys;
      const { keys } = KeySet.parse(JSON.parse(await readFile(file, 'utf8')));
      read = { version, keys };
      return keys;
    } catch (error) {
      throw new KeysUnavailableError(`The verification keys in ${file} cannot be read.`, { cause: error });
    }
  };
}

/** Not the time alone: two changes may come within its grain, or an older file may take the place of a newer one. */
async function versionOf(file: string): Promise<string> {
  const { mtimeNs, ctimeNs, size, ino } = await stat(file, { bigint: true });
  return [mtimeNs, ctimeNs, size, ino].join(' ');
}

/** Less than a local activity has. */
const TIMEOUT_MS = 1_500;

export interface UrlTimes {
  /** After this a set is fetched again: a key that was taken out counts so long. In ms, as the next. */
  readonly maxAgeMs?: number;
  /** How soon a set may be fetched again for a key that it lacks. */
  readonly cooldownMs?: number;
}

export function urlKeys(url: URL, { maxAgeMs = 60_000, cooldownMs = 5_000 }: UrlTimes = {}): KeySource {
  const times = { timeoutDuration: TIMEOUT_MS, cacheMaxAge: maxAgeMs, cooldownDuration: cooldownMs };
  const remote = createRemoteJWKSet(url, times);
  const keys = () => remote.jwks()?.keys ?? [];
  return async (kid) => {
    const known = keys().some((key) => key.kid === kid);
    if (remote.fresh && (known || remote.coolingDown)) return keys();
    try {
      await remote.reload();
      return keys();
    } catch (error) {
      throw new KeysUnavailableError(`The verification keys at ${url.origin} cannot be fetched.`, { cause: error });
    }
  };
}
