import { decodeProtectedHeader, errors, jwtVerify, type CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Actor, CommandToProve, Proof } from '../domain/actor.ts';
import type { Refusal } from '../domain/refusal.ts';
import {
  DEFAULT_AUDIENCE,
  ALGORITHM,
  audienceOf,
  Claims,
  CLOCK_SKEW,
  Header,
  MAX_LIFETIME,
  TYPE,
} from './assertion.ts';
import { digestOf } from './digest.ts';
import { keySource, findKey, type KeySource } from './keys.ts';

export interface Prover {
  /**
   * Whether the actor is who they say. Throws if that cannot be found out now: trying again may help. `at`: when the
   * command was given, as Temporal knows it, where an outage may have put off the check for hours; default: now.
   */
  prove(actor: Actor | undefined, what: CommandToProve, given?: { readonly at?: Date }): Promise<Proof | Refusal>;
}

export interface ProverOptions {
  /** The file or URL of a JWKS, or where else keys come from. Without it no assertion can be checked. */
  readonly keys?: string | KeySource | undefined;
  /** Take commands without an assertion. One that is there is checked all the same. */
  readonly trustClients: boolean;
  /** `ADMISSION_AUDIENCE`: assertions for another one are refused. */
  readonly audience?: string;
}

export function createProver({ keys, trustClients, audience = DEFAULT_AUDIENCE }: ProverOptions): Prover {
  const source = typeof keys === 'string' ? keySource(keys) : keys;
  const isOnlyUse = createUsedAssertions();
  return {
    async prove(actor, what, { at } = {}) {
      if (actor?.assertion === undefined) return trustClients ? { verified: false } : UNPROVED;
      if (!source) return NO_KEYS;
      const read = await readAssertion(actor.assertion, { keys: source, at: at ?? new Date(), audience });
      if (!read.ok) return refusal(read.why);
      const why = misfit(read.value, actor.principal, what);
      if (why) return refusal(why);
      const { claims, kid } = read.value;
      const { sub, cmd, pay, wid, req, ask } = claims;
      const use = digestOf({ sub, cmd, pay, wid, req, ask, at: at?.toISOString() });
      // Whoever holds another key must not be able to use up the id of this one.
      const id = `${kid} ${claims.jti}`;
      if (!isOnlyUse(id, use)) return refusal('was used already');
      return { verified: true, assertion: { id, expiresAt: claims.exp * 1_000 } };
    },
  };
}

/** What a good assertion proves, but not this. */
function misfit({ claims, kid, keyOf }: ReadAssertion, principal: string, what: CommandToProve): string | undefined {
  if (claims.sub !== principal) return `proves another principal than ${principal}`;
  if (keyOf !== undefined && keyOf !== principal) return `is signed with ${kid}, a personal key of somebody else`;
  if (claims.cmd !== what.command) return `is for another command than ${what.command}`;
  if (claims.wid !== what.workflowId) return `is for another request than ${what.workflowId}`;
  if (claims.ask !== what.requestedAt) return 'is for a request that was asked for at another time';
  if (claims.pay !== digestOf(what.payload)) return `is for a ${what.command} with another content`;
  if (claims.req !== what.requestDigest) {
    return 'is of another digest: it is for what stood there before, and something else is asked by now';
  }
  return undefined;
}

const CODE = { code: 'Unauthenticated', field: 'actor.assertion' } as const;

function refusal(why: string): Refusal {
  const accepted = 'an assertion made now with a key of this worker, for this command and this request; it counts once';
  return { ...CODE, message: `The assertion ${why}.`, accepted };
}

const UNPROVED: Refusal = {
  ...CODE,
  message: 'Nothing proves who gives this command, and this worker does not trust its callers.',
  accepted: 'an assertion: ADMISSION_SIGNING_KEY makes `admit` sign, and `admit keys new` makes a key',
};

const NO_KEYS: Refusal = {
  ...CODE,
  message: 'This worker has no keys to check the assertion with.',
  accepted: 'a worker whose ADMISSION_ASSERTION_KEYS names the JWKS of who signs',
};

interface ReadAssertion {
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

type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** What an assertion says, if it is well made, signed with a known key, and valid at that time. */
async function readAssertion(token: string, { keys, at, audience }: Expected): Promise<Reading<ReadAssertion>> {
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

/** Longer than any assertion is accepted. */
const REMEMBERED_MS = (MAX_LIFETIME + 2 * CLOCK_SKEW) * 1_000;
const MAX_REMEMBERED = 50_000;

/**
 * What each assertion was used for, within this process. The request itself remembers too, but not beyond its run: this
 * finds an assertion that comes back when the same request is asked for once more.
 */
function createUsedAssertions(): (id: string, use: string) => boolean {
  const used = new LRUCache<string, string>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });
  /** Whether this is its only use. A check may run twice for one command: that is the same use. */
  return (id, use) => {
    const before = used.get(id);
    if (before === undefined) used.set(id, use);
    return before === undefined || before === use;
  };
}
