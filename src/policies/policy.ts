import type { z } from 'zod';
import type { FactName, FactValues } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { VerdictInput } from '../domain/verdict.ts';

/** What a policy may use besides the request. */
export interface PolicyContext<Params, Names extends FactName> {
  readonly params: Params;
  /** The facts that the policy declares, and no others. */
  readonly facts: Pick<FactValues, Names>;
  /** Aborted when the policy's time is up. */
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
  readonly now: Date;
}

/** One policy as its author writes it. Whatever `evaluate` throws or answers besides a Verdict counts as an error. */
export interface PolicyDefinition<Schema extends z.ZodType, Names extends FactName> {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly params: Schema;
  readonly facts: readonly Names[];
  /** `pure`: decides from request, params and facts alone. */
  readonly kind: 'pure';
  evaluate(
    request: Readonly<JoinRequest>,
    context: PolicyContext<z.output<Schema>, Names>,
  ): VerdictInput | Promise<VerdictInput>;
}

/** A policy as the host sees it: params and facts are checked at run time, their types are the author's business. */
export type Policy = PolicyDefinition<z.ZodType, FactName>;

export function definePolicy<Schema extends z.ZodType, const Names extends FactName>(
  definition: PolicyDefinition<Schema, Names>,
): Policy {
  // From here on the types of params and facts are forgotten: the host checks params and reads just these facts.
  return definition;
}

export const allow = (): VerdictInput => ({ verdict: 'allow' });

export const notApplicable = (because: string): VerdictInput => ({ verdict: 'notApplicable', because });

export function deny(
  code: string,
  message: string,
  options: { field?: string; visibility?: 'full' | 'opaque' } = {},
): VerdictInput {
  return { verdict: 'deny', code, message, ...options };
}

/** Asks for approvals by moderators of the channel or admins of the app instance. */
export function requireModerator(approve = 1): VerdictInput {
  const approvers = { roles: ['channel_moderator' as const, 'app_instance_admin' as const] };
  return { verdict: 'requireApproval', requirement: { approvers, approve } };
}
