import { readFile, stat } from 'node:fs/promises';
import { createRemoteJWKSet, importJWK, type CryptoKey } from 'jose';
import { z } from 'zod';
import { ALGORITHM } from './assertion.ts';

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
function fileKeys(file: string): KeySource {
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

/** A public key that assertions are checked with; what is beyond RFC 8037 are members of our own. */
export const VerificationKey = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string().min(1),
  alg: z.enum(['EdDSA', 'Ed25519']).exactOptional(),
  use: z.literal('sig').exactOptional(),
  /** A personal key proves this principal and nobody else. */
  principal: z.string().min(1).exactOptional(),
  revoked: z.boolean().exactOptional(),
  /** When it ends to count, in seconds since 1970. */
  exp: z.number().exactOptional(),
  /** A private key in a public set is no secret any more. */
  d: z.undefined().exactOptional(),
});
export type VerificationKey = z.infer<typeof VerificationKey>;

export type FoundKey = { ok: true; key: CryptoKey; principal?: string } | { ok: false; why: string };

/** The key that an assertion names, if it may be used at that time; anything odd about it is a no. */
export async function findKey(keys: readonly unknown[], kid: string, at: Date): Promise<FoundKey> {
  const named = keys.filter((key) => (key as { kid?: unknown } | null)?.kid === kid);
  if (named.length === 0) return no('is signed with a key that is not known here');
  if (named.length > 1) return no('is signed with a key whose id several keys have');
  const parsed = VerificationKey.safeParse(named[0]);
  if (!parsed.success) return no('is signed with a key that is no public Ed25519 key for signatures');
  const { revoked = false, exp = Infinity, principal, kty, crv, x } = parsed.data;
  if (revoked) return no('is signed with a key that was revoked');
  if (exp * 1_000 <= at.getTime()) return no('is signed with a key that has expired');
  try {
    const key = await importJWK({ kty, crv, x }, ALGORITHM);
    return { ok: true, key, ...(principal === undefined ? {} : { principal }) };
  } catch {
    return no('is signed with a key that is damaged');
  }
}

function no(why: string): FoundKey {
  return { ok: false, why };
}
