/** `channel-admission/testing`: what every policy has to keep to, checked in any test runner. */
export { assertPolicyConformance, policyConformance } from './conformance.ts';
export type { Conformance, ConformanceOptions, Finding } from './conformance.ts';
export type { ConformanceCase } from './conformance-input.ts';
