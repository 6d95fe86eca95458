import type { Actor, CommandToProve, Proof } from '../domain/actor.ts';
import type { Refusal } from '../domain/refusal.ts';
import { DEFAULT_AUDIENCE } from './assertion.ts';
import { digestOf } from './digest.ts';
import { keySource } from './key-source.ts';
import type { KeySource } from './key-source.ts';
import { readAssertion } from './read-assertion.ts';
import type { ReadAssertion } from './read-assertion.ts';
import { createUsedAssertions } from './used-assertions.ts';

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
