import type { z } from 'zod';
import type { Purpose } from '../domain/conclusion.ts';
import type { FactName, FactValues } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { VerdictInput } from '../schemas/verdict.ts';

/** What a policy may use besides the request. */
export interface PolicyContext<Params, Names extends FactName, Own extends object> {
  readonly params: Params;
  /** The facts that the policy declares or provides, and no others. */
  readonly facts: Pick<FactValues, Names> & Own;
  /** Aborted when the policy's time is up. */
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
  readonly now: Date;
  /** When the request was made. */
  readonly requestedAt: Date;
  /** `extend`: the member is there already, and is to stay longer; `request.term` is then the whole term. */
  readonly purpose: Purpose;
  /** Who asks now: the requester, or whoever asks for the longer term. The facts `requester.…` are about them. */
  readonly askedBy: string;
  /** What the requester answered to this binding's `requireInput`; nothing as long as they did not. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Of an external policy that a request asks: the same at every attempt, and another for the next question. */
  readonly questionId?: string;
}

/** Reads a fact of a policy's own. What it throws is an error of the policies that need it, and of no others. */
export interface FactProvider<T> {
  /** Where it comes from, for people. */
  readonly source: string;
  /** How long an answer may be remembered for the same request, in ms; 0 if never. */
  readonly ttlMs: number;
  read(
    request: Readonly<JoinRequest>,
    context: { signal: AbortSignal; now: Date; purpose: Purpose; askedBy: string },
  ): T | Promise<T>;
}

/** One policy as its author writes it. Whatever `evaluate` throws or answers besides a Verdict counts as an error. */
export interface PolicyDefinition<
  Schema extends z.ZodType,
  Names extends FactName = never,
  Own extends object = object,
> {
  /** A name in kebab-case; a binding `use`s a built-in policy by it. */
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly params: Schema;
  /** What the host reads for it; a function where the params decide. */
  readonly facts: readonly Names[] | ((params: z.output<Schema>) => readonly string[]);
  /** Facts of its own, by name: `[a-z][a-zA-Z0-9]*`, with dots between parts. */
  readonly provides?: { readonly [N in keyof Own]: FactProvider<Own[N]> };
  /** `pure`: decides from request, params and facts alone. `external`: asks somebody else, in an activity of its own. */
  readonly kind: 'pure' | 'external';
  evaluate(
    request: Readonly<JoinRequest>,
    context: PolicyContext<z.output<Schema>, Names, Own>,
  ): VerdictInput | Promise<VerdictInput>;
}

/** A policy as the host sees it: params and facts are checked at run time, their types are the author's business. */
export type Policy = PolicyDefinition<z.ZodType, FactName, Record<string, unknown>>;

/** Whether something is a policy that `definePolicy` made, also by another copy of this package. */
export function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && BRAND in value;
}

const BRAND = Symbol.for('channel-admission/policy');

export function definePolicy<
  Schema extends z.ZodType,
  const Names extends FactName = never,
  Own extends object = object,
>(definition: PolicyDefinition<Schema, Names, Own>): Policy {
  // From here on the types of params and facts are forgotten: the host checks params and reads just these facts.
  return Object.freeze({ ...(definition as unknown as Policy), [BRAND]: true });
}
