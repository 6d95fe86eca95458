/**
 * `channel-admission/policy`: all that a policy file needs. `z` is zod, so that a policy needs no other package.
 *
 * Policies are trusted code: they run in the worker, with its rights.
 */
export { z } from 'zod';
export type { Channel, FactName, FactValues, Membership, Role } from '../domain/facts.ts';
export type { JoinRequest } from '../domain/request.ts';
export type { Requirement, Verdict, VerdictInput } from '../domain/verdict.ts';
export { allow, definePolicy, deny, isPolicy, notApplicable, requireApproval } from '../policies/policy.ts';
export type { FactProvider, Policy, PolicyContext, PolicyDefinition } from '../policies/policy.ts';
