import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { CryptoKey } from 'jose';
import { ALGORITHM, audienceOf, Claims, CLOCK_SKEW, Header, MAX_LIFETIME, TYPE } from './assertion.ts';
import type { KeySource } from './key-source.ts';
import { findKey } from './verification-key.ts';

export interface ReadAssertion {
  readonly claims: Claims;
  readonly kid: string;
  /** Whom the key is for, where it is personal. */
  readonly keyOf?: string;
}

interface Expected {
  readonly keys: KeySource;
  readonly at: Date;
  /** Of this deployment. */
  readonly audience: string;
}

export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** What an assertion says, if it is well made, signed with a known key, and valid at that time. */
export async function readAssertion(token: string, { keys, at, audience }: Expected): Promise<Reading<ReadAssertion>> {
  const header = readHeader(token);
  if (!header.ok) return header;
  const { kid } = header.value;
  const found = await findKey(await keys(kid), kid, at);
  if (!found.ok) return found;
  const claims = await readClaims(token, found.key, { at, audience });
  if (!claims.ok) return claims;
  const keyOf = found.principal === undefined ? {} : { keyOf: found.principal };
  return { ok: true, value: { claims: claims.value, kid, ...keyOf } };
}

function readHeader(token: string): Reading<Header> {
  const header = Header.safeParse(decodeHeader(token));
  if (header.success) return { ok: true, value: header.data };
  return no(HEADER[String(header.error.issues[0]?.path[0])] ?? MALFORMED);
}

const HEADER: Readonly<Record<string, string>> = {
  alg: `is signed in another way than ${ALGORITHM} with Ed25519`,
  typ: `is not of the type ${TYPE}`,
  kid: 'does not name the key (kid) that it is signed with',
};

function decodeHeader(token: string): unknown {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

async function readClaims(
  token: string,
  key: CryptoKey,
  { at, audience }: Omit<Expected, 'keys'>,
): Promise<Reading<Claims>> {
  const checks = {
    algorithms: [ALGORITHM],
    audience: audienceOf(audience),
    currentDate: at,
    clockTolerance: CLOCK_SKEW,
    // Also makes jose refuse what was issued in the future.
    maxTokenAge: MAX_LIFETIME,
  };
  const verified = await jwtVerify(token, key, checks).catch((error: unknown) => error);
  if (!isVerified(verified)) return no(whyNot(verified, audience));
  const claims = Claims.safeParse(verified.payload);
  if (!claims.success) return no(`has no good claim ${String(claims.error.issues[0]?.path[0])}`);
  if (claims.data.exp - claims.data.iat > MAX_LIFETIME)
    return no(`is valid for more than ${MAX_LIFETIME / 60} minutes`);
  return { ok: true, value: claims.data };
}

function isVerified(verified: unknown): verified is { payload: unknown } {
  return typeof verified === 'object' && verified !== null && 'payload' in verified && !(verified instanceof Error);
}

/** In words; whatever is not known here is something odd about the token itself. */
function whyNot(error: unknown, audience: string): string {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'has a signature that does not fit';
  if (error instanceof errors.JWTExpired) return 'has expired';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return MALFORMED;
  const { claim, reason } = error;
  if (reason === 'missing') return `has no claim ${claim}`;
  if (claim === 'aud') return `is made for another audience than ${audienceOf(audience)}`;
  return ['iat', 'nbf'].includes(claim) ? 'is not valid yet: compare the clocks' : MALFORMED;
}

const MALFORMED = 'is not a compact JWS as it should be';

function no(why: string): Reading<never> {
  return { ok: false, why };
}
