import { exportJWK, generateKeyPair } from 'jose';
import { ALGORITHM } from './assertion.ts';
import { digestOf } from './digest.ts';
import type { SigningKey } from './signer.ts';
import type { VerificationKey } from './verification-key.ts';

export interface KeyPair {
  readonly privateKey: SigningKey;
  readonly publicKey: VerificationKey;
}

/** A new Ed25519 pair as JWKs; for one principal alone, if one is named. */
export async function createKeyPair(principal?: string): Promise<KeyPair> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(pair.privateKey);
  const shape = { kty: 'OKP', crv: 'Ed25519', x } as const;
  // The beginning of its thumbprint (RFC 7638), in hex: an id that begins with a dash would look like an option.
  const kid = digestOf(shape).slice(0, 16);
  const publicKey = {
    ...shape,
    kid,
    alg: ALGORITHM,
    use: 'sig',
    ...(principal === undefined ? {} : { principal }),
  } as const;
  return { publicKey, privateKey: { ...publicKey, d } };
}
