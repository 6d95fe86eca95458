import type { InputSchema } from '../domain/input-schema.ts';
import { CHIME_ROLES } from '../domain/requirement.ts';
import type { RequirementInput } from '../schemas/requirement.ts';
import type { VerdictInput } from '../schemas/verdict.ts';

/** What a verdict that lets in may add: a limit of the term, how long it holds, and what people should see. */
export type VerdictOptions = Pick<VerdictInput, 'term' | 'validFor' | 'warnings'>;

export const allow = (options: VerdictOptions = {}): VerdictInput => ({ verdict: 'allow', ...options });

export function notApplicable(because: string, options: VerdictOptions = {}): VerdictInput {
  return { verdict: 'notApplicable', because, ...options };
}

export function deny(
  code: string,
  message: string,
  options: { field?: string; visibility?: 'full' | 'opaque'; retryAfter?: string } = {},
): VerdictInput {
  return { verdict: 'deny', code, message, ...options };
}

/** Asks for approvals: so many by holders of these roles, or as a requirement in full says. */
export function requireApproval(
  asked: number | RequirementInput = 1,
  roles: readonly string[] = CHIME_ROLES,
): VerdictInput {
  const requirement = typeof asked === 'number' ? { approvers: { roles: [...roles] }, approve: asked } : asked;
  return { verdict: 'requireApproval', requirement };
}

/** Asks for one approval by a moderator or an admin; by none of those who count for the bindings named here. */
export function requireOther(distinctFrom: readonly string[] | undefined): VerdictInput {
  const distinct = distinctFrom ? { distinctFrom: [...distinctFrom] } : {};
  return requireApproval({ approvers: { roles: [...CHIME_ROLES] }, approve: 1, ...distinct });
}

/** The requester answers something first: `schema` is the JSON Schema of an object. Then the policy is asked again. */
export function requireInput(schema: InputSchema, prompt: string, expiresIn: string): VerdictInput {
  return { verdict: 'requireInput', schema, prompt, expiresIn };
}

/** Not yet: ask again at `until`, but give up `giveUpAfter` the request was made. */
export function defer(until: Date, giveUpAfter: string, because: string): VerdictInput {
  return { verdict: 'defer', until: until.toISOString(), giveUpAfter, because };
}
