import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { importJWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import type { CommandToProve } from '../domain/actor.ts';
import type { Parsed } from '../domain/request.ts';
import { ALGORITHM, audienceOf, DEFAULT_AUDIENCE, DEFAULT_LIFETIME, TYPE } from './assertion.ts';
import { digestOf } from './digest.ts';
import type { VerificationKey } from './keys.ts';

/** Proves that a principal gives a command: makes the assertion of an actor. */
export type Signer = (principal: string, what: CommandToProve) => Promise<string>;

const SigningKey = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string().min(1).max(200),
  /** Whom a personal key is for. */
  principal: z.string().exactOptional(),
});
/** A private JWK (RFC 8037). */
export type SigningKey = z.infer<typeof SigningKey>;

/** `audience`: `ADMISSION_AUDIENCE` of the workers, which is the Temporal namespace where nothing else is configured. */
export function createSigner(
  key: SigningKey,
  { lifetime = DEFAULT_LIFETIME, audience = DEFAULT_AUDIENCE } = {},
): Signer {
  return async (principal, { command, workflowId, payload, requestDigest, requestedAt }) => {
    const issuedAt = Math.floor(Date.now() / 1_000);
    const asked = requestedAt === undefined ? {} : { ask: requestedAt };
    return new SignJWT({ cmd: command, pay: digestOf(payload), wid: workflowId, req: requestDigest, ...asked })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.kid })
      .setAudience(audienceOf(audience))
      .setSubject(principal)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetime)
      .setJti(randomUUID())
      .sign(await importJWK({ ...key }, ALGORITHM));
  };
}

export interface LoadedSigner {
  readonly sign: Signer;
  readonly kid: string;
  /** Whom the key is for, where it is personal. */
  readonly principal?: string;
  /** What is not as it should be about the file, though it works. */
  readonly warning?: string;
}

/** The signer of a key file that `admit keys new` made; what is wrong with the file is said, what stands in it never. */
export async function loadSigner(file: string, audience?: string): Promise<Parsed<LoadedSigner>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string')
    return unusable(text.code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read`);
  const parsed = SigningKey.safeParse(parseJson(text));
  if (!parsed.success) return unusable(`${file} ${whyNot(parseJson(text))}`);
  const key = parsed.data;
  try {
    await importJWK({ ...key }, ALGORITHM);
  } catch {
    return unusable(`${file} holds an Ed25519 key that is damaged`);
  }
  const { kid, principal } = key;
  const open = process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0;
  return {
    ok: true,
    value: {
      sign: createSigner(key, audience === undefined ? {} : { audience }),
      kid,
      ...(principal === undefined ? {} : { principal }),
      ...(open ? { warning: `${file} can be read by other users of this machine: chmod 600 ${file}` } : {}),
    },
  };
}

/** In words, from the coarse to the fine. */
function whyNot(content: unknown): string {
  const key = z.looseObject({ kty: z.string() }).safeParse(content).data;
  if (!key) return 'is not a JWK';
  if (key.kty !== 'OKP' || key['crv'] !== 'Ed25519') return 'holds a key that is not Ed25519';
  if (typeof key['d'] !== 'string') return 'holds a public key; signing needs the private one';
  if (typeof key['kid'] !== 'string' || key['kid'] === '') return 'holds a key without kid';
  return 'holds an Ed25519 key that is damaged';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(message: string): Parsed<never> {
  const accepted = 'the file of a private Ed25519 key as `admit keys new` makes it: a JWK with a kid';
  return { ok: false, issues: [{ field: 'ADMISSION_SIGNING_KEY', message, accepted }] };
}

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
