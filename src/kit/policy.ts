/**
 * `channel-admission/policy`: all that a policy file needs. `z` is zod, so that a policy needs no other package.
 *
 * Policies are trusted code: they run in the worker, with its rights.
 */
export { z } from 'zod';
export type { Channel, FactName, FactValues, Membership, Role } from '../domain/facts.ts';
export type { InputSchema } from '../domain/input-schema.ts';
export type { JoinRequest } from '../domain/request.ts';
export type { Approvers } from '../domain/requirement.ts';
export type { Requirement, RequirementInput } from '../schemas/requirement.ts';
export type { Verdict, VerdictInput } from '../schemas/verdict.ts';
export { definePolicy, isPolicy } from '../policies/policy.ts';
export type { FactProvider, Policy, PolicyContext, PolicyDefinition } from '../policies/policy.ts';
export { allow, defer, deny, notApplicable, requireApproval, requireInput } from '../policies/verdicts.ts';
export type { VerdictOptions } from '../policies/verdicts.ts';
