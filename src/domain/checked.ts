/** What the guard of a workflow lets in, what the activity `checkCommand` has to know of it, and what it finds. */
import type { Proof } from './actor.ts';
import type { InputSchema } from './input-schema.ts';
import type { Refusal } from './refusal.ts';
import type { JoinRequest } from './request.ts';
import type { Approvers, Candidate } from './requirement.ts';

/** Fields that the guard checks in full, since whether a command is refused or comes first depends on them. */
type Guarded =
  'decision' | 'binding' | 'step' | 'reviewId' | 'requestDigest' | 'compensate' | 'policyDigest' | 'changed';

/**
 * A command that the guard let in: it has the fields of its kind and none besides, and is small. Nothing else of it may be
 * believed or recorded before `checkCommand` has read it; that is why it is no C.
 */
export type Unchecked<C> = {
  readonly [K in keyof C]: K extends 'actor' ? Claimed : K extends Guarded ? C[K] : unknown;
};

/** Who says that they give it. */
interface Claimed {
  readonly principal: string;
  readonly assertion?: unknown;
}

/** What `checkCommand` has to know of a command besides itself. */
export interface CheckContext {
  /** Whose roles are read, on the request's channel; `admin`: only whether they are one; `null`: only the proof counts. */
  readonly standing: { readonly request: JoinRequest; readonly approvers: readonly Approvers[] } | 'admin' | null;
  /** Only an admin of the app instance may give it. */
  readonly admin?: true;
  /** Of `amend`: the request as it stands. */
  readonly amend?: JoinRequest;
  /** Of `submitInput`: what the answers have to fit. */
  readonly inputSchema?: InputSchema;
  /** Of `reassign`: for whom the roster is read, besides those whom it names. `askedBy`: who asks for a longer term. */
  readonly roster?: { readonly approvers: readonly Approvers[]; readonly askedBy?: string };
}

/** All that `checkCommand` is asked with, besides the command itself. */
export interface CommandCall extends CheckContext {
  readonly workflowId: string;
  /** When it was asked for that this workflow is about, ISO 8601. */
  readonly requestedAt: string;
  /** What the command is about, as the workflow has it now: its digest stands in the assertion. */
  readonly subject: unknown;
}

/** A command that was read in full, with who gave it. */
export interface Checked<C> extends Proof {
  /** As it was read, without the assertion; answers with the defaults of their schema. */
  readonly command: C;
  /** What the actor holds now, as far as that was asked for. Empty for a bot. */
  readonly roles: readonly string[];
  /** The expressions among those asked for that are true for the actor. */
  readonly matched: readonly string[];
  readonly requestDigest: string;
  /** Of `amend`: the request as it would be. */
  readonly amended?: JoinRequest;
  /** Of `reassign`: everybody who could review then. */
  readonly roster?: readonly Candidate[];
  /** Why it does not count although it is proved. The proof is used up all the same. */
  readonly refusal?: Refusal;
}

export const NOT_AN_ADMIN: Refusal = {
  code: 'NotAnAdmin',
  message: 'Only an admin of the app instance may do this.',
  field: 'actor.principal',
};

export type UsedAssertion = NonNullable<Proof['assertion']>;

/** The clocks of who signs and who checks may differ by this, in ms. */
const SKEW_MS = 60_000;

/** Marks an assertion as used: each proves one command, once. Those that have expired are refused for that alone. */
export function useAssertion(
  used: readonly UsedAssertion[],
  assertion: UsedAssertion | undefined,
  now: number,
): { readonly used: readonly UsedAssertion[]; readonly wasUsed: boolean } {
  if (!assertion) return { used, wasUsed: false };
  const known = used.filter(({ expiresAt }) => expiresAt + SKEW_MS > now);
  const wasUsed = known.some(({ id }) => id === assertion.id);
  return { used: wasUsed ? known : [...known, assertion], wasUsed };
}

export const REPLAYED: Refusal = {
  code: 'Unauthenticated',
  message: 'This assertion was used before: each proves one command, once.',
  field: 'actor.assertion',
  accepted: 'a new assertion',
};
