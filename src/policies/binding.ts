import type { Enforcement, FailurePolicy } from '../domain/admission.ts';
import type { Evaluable } from './cel/program.ts';
import type { Policy } from './policy.ts';

/** A condition under which a binding applies: exactly `true` counts. */
export interface MatchCondition {
  readonly name: string;
  readonly program: Evaluable;
}

/** How often and how patiently an external policy is asked, all in ms. */
interface PolicyRetry {
  readonly initialMs: number;
  readonly maximumMs: number;
  readonly maximumAttempts: number;
  /** From the first attempt to the last: an activity that no worker knows would be tried for ever. */
  readonly forMs: number;
}

/** One configured use of a policy. `params` have gone through the policy's schema. */
export interface PolicyBinding {
  readonly name: string;
  readonly policy: Policy;
  readonly params: unknown;
  readonly matchConditions: readonly MatchCondition[];
  readonly enforcement: Enforcement;
  readonly failurePolicy: FailurePolicy;
  /** One evaluation. */
  readonly timeoutMs: number;
  readonly retry: PolicyRetry;
}

const DEFAULT_RETRY: PolicyRetry = { initialMs: 1_000, maximumMs: 10_000, maximumAttempts: 5, forMs: 120_000 };

/** Binds a policy with its defaults; throws a ZodError when the params do not fit its schema. */
export function bind(policy: Policy, params: unknown = {}, options: Partial<PolicyBinding> = {}): PolicyBinding {
  return {
    name: policy.id,
    policy,
    params: policy.params.parse(params),
    matchConditions: [],
    enforcement: 'Enforce',
    failurePolicy: 'Fail',
    timeoutMs: policy.kind === 'external' ? 10_000 : 1_000,
    retry: DEFAULT_RETRY,
    ...options,
  };
}

/** The facts that a binding's policy reads, its own included. */
export function factsOf({ policy, params }: PolicyBinding): string[] {
  const declared: readonly string[] = typeof policy.facts === 'function' ? policy.facts(params) : policy.facts;
  return [...declared, ...Object.keys(policy.provides ?? {})];
}

export function isOn(binding: PolicyBinding): boolean {
  return binding.enforcement !== 'Off';
}
