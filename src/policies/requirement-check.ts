import { z } from 'zod';
import { isUser } from '../domain/arn.ts';
import { isHostFact } from '../domain/facts.ts';
import type { Refusal } from '../domain/refusal.ts';
import { approversIn, CHIME_ROLES, type Approvers, type Requirement } from '../domain/requirement.ts';
import { reviewerRefusal } from './cel/bounded.ts';
import { ownRolesIn, type Holders } from './roster.ts';

const UserArns = z.array(z.string().refine(isUser)).max(10_000);

/**
 * Why nobody could tell whom a requirement means; a requirement that is taken as it is would wait for nobody. A role that
 * Chime does not know has to be a fact that its policy is given: so it is read, and recorded, with the others.
 */
export async function requirementIssue(
  requirement: Requirement,
  values: Readonly<Record<string, unknown>>,
  /** The other bindings of the set. */
  others?: readonly string[],
): Promise<string | undefined> {
  const stranger = requirement.distinctFrom?.find((name) => others?.includes(name) === false);
  if (stranger !== undefined) return `distinctFrom names ${stranger}, which is no other binding of the set`;
  const approvers = approversIn(requirement);
  const holders = holdersFrom(approvers, values);
  if (!holders.ok) return holders.issue;
  for (const { expression } of approvers) {
    const refused = expression === undefined ? undefined : await reviewerRefusal(expression);
    if (refused) return `the expression ${expression} about reviewers: ${refused.message}`;
  }
  return undefined;
}

/** Why nobody could tell whom somebody names. `own`: the facts that policies of the set provide. */
export async function namedIssue(
  { roles = [], expression }: Approvers,
  own: { has(name: string): boolean },
): Promise<Refusal | undefined> {
  const code = 'InvalidCommand';
  const role = ownRolesIn([{ roles }]).find((one) => !own.has(one));
  if (role !== undefined) {
    const accepted = `${CHIME_ROLES.join(', ')}, or a fact that a policy of the set provides`;
    return { code, field: 'to.roles', message: `There is no role ${role}.`, accepted };
  }
  const refused = expression === undefined ? undefined : await reviewerRefusal(expression);
  if (!refused) return undefined;
  return { code, field: 'to.expression', message: refused.message, accepted: 'CEL over reviewer and request' };
}

/** Who holds the roles that these approvers name, from facts that were read; or why that is not known. */
export function holdersFrom(
  approvers: readonly Approvers[],
  values: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly value: Holders } | { readonly ok: false; readonly issue: string } {
  const roles = ownRolesIn(approvers);
  const issue = roles.map((role) => roleIssue(role, values)).find((one) => one !== undefined);
  if (issue !== undefined) return { ok: false, issue };
  return { ok: true, value: Object.fromEntries(roles.map((role) => [role, values[role] as string[]])) };
}

function roleIssue(role: string, values: Readonly<Record<string, unknown>>): string | undefined {
  if (isHostFact(role) || !Object.hasOwn(values, role)) {
    return `the role ${role} is unknown: it is no office of Chime and no fact that the policy names in its facts`;
  }
  return UserArns.safeParse(values[role]).success ? undefined : `the role ${role} is no list of ARNs of users`;
}
