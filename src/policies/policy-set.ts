import { createHash } from 'node:crypto';
import type { DefaultVerdict, Enforcement, FailurePolicy } from '../domain/admission.ts';
import type { FactName } from '../domain/facts.ts';
import { builtIns } from './built-ins.ts';
import type { Policy } from './policy.ts';

/** One configured use of a policy. `params` have gone through the policy's schema. */
export interface PolicyBinding {
  readonly name: string;
  readonly policy: Policy;
  readonly params: unknown;
  readonly enforcement: Enforcement;
  readonly failurePolicy: FailurePolicy;
  readonly timeoutMs: number;
}

export interface PolicySet {
  readonly bindings: readonly PolicyBinding[];
  readonly defaultVerdict: DefaultVerdict;
  /** SHA-256 over everything that can change a decision, recorded with each. */
  readonly digest: string;
}

export function createPolicySet(bindings: readonly PolicyBinding[], defaultVerdict: DefaultVerdict): PolicySet {
  return { bindings, defaultVerdict, digest: digestOf(bindings, defaultVerdict) };
}

/** Binds a policy with its defaults; throws a ZodError when the params do not fit its schema. */
export function bind(policy: Policy, params: unknown = {}, options: Partial<PolicyBinding> = {}): PolicyBinding {
  return {
    name: policy.id,
    policy,
    params: policy.params.parse(params),
    enforcement: 'Enforce',
    failurePolicy: 'Fail',
    timeoutMs: 1_000,
    ...options,
  };
}

/** The set that counts where no file says otherwise. */
export function embeddedPolicySet(): PolicySet {
  return createPolicySet(
    builtIns.map((policy) => bind(policy)),
    'deny',
  );
}

/** The facts that some binding of the set asks for, each once. */
export function factsOf(set: PolicySet): FactName[] {
  return [...new Set(set.bindings.filter(isOn).flatMap((binding) => binding.policy.facts))];
}

export function isOn(binding: PolicyBinding): boolean {
  return binding.enforcement !== 'Off';
}

function digestOf(bindings: readonly PolicyBinding[], defaultVerdict: DefaultVerdict): string {
  const described = bindings.map(({ policy, ...rest }) => ({ ...rest, policy: `${policy.id}@${policy.version}` }));
  return createHash('sha256').update(JSON.stringify({ defaultVerdict, described })).digest('hex');
}
