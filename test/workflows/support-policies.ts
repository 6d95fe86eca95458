import { z } from 'zod';
import type { VerdictInput } from '../../src/schemas/verdict.ts';
import { bind } from '../../src/policies/binding.ts';
import type { PolicyBinding } from '../../src/policies/binding.ts';
import { createPolicySet } from '../../src/policies/policy-set.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { definePolicy } from '../../src/policies/policy.ts';

type Evaluate = Parameters<typeof definePolicy>[0]['evaluate'];

/** A binding whose policy says what a test wants. */
export function saying(name: string, evaluate: Evaluate): PolicyBinding {
  const policy = definePolicy({
    id: name,
    version: '1.0.0',
    title: name,
    params: z.unknown(),
    facts: ['requester.role'],
    kind: 'pure',
    evaluate,
  });
  return bind(policy, {}, { name });
}

/** A set of policies that say what a test wants, whatever is asked. */
export function policySet(...verdicts: readonly (readonly [string, Evaluate])[]): PolicySet {
  return createPolicySet(verdicts.map(([name, evaluate]) => saying(name, evaluate)));
}

/** Asks for the approval of one of these users. */
export function approvalBy(...users: readonly string[]): VerdictInput {
  return { verdict: 'requireApproval', requirement: { approvers: { users: [...users] }, approve: 1 } };
}
