import { importJWK } from 'jose';
import type { CryptoKey } from 'jose';
import { z } from 'zod';
import { ALGORITHM } from './assertion.ts';

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
