import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { JoinRequest } from '../domain/request.ts';
import type { Approvers } from '../domain/requirement.ts';
import type { ReadOwnFact } from '../policies/own-facts.ts';
import { holdersFrom } from '../policies/requirement-check.ts';
import { ownRolesIn } from '../policies/roster.ts';
import type { Measure } from '../policies/roster.ts';

/** Whom people are measured by. */
export interface Sought {
  readonly request: JoinRequest;
  readonly approvers: readonly Approvers[];
  /** Who asks for a longer term: a party of that, too. */
  readonly askedBy?: string | undefined;
}

/** With who holds the roles that Chime does not know, at this moment. One that cannot be read is worth another attempt. */
export async function measureOf({ request, approvers, askedBy }: Sought, readOwn: ReadOwnFact): Promise<Measure> {
  const read = await Promise.all(
    ownRolesIn(approvers).map(async (role) => {
      const { value, error } = await readOwn(role, request, cancellationSignal(), { fresh: true, askedBy });
      if (error === undefined) return [role, value] as const;
      throw ApplicationFailure.retryable(`the role ${role} could not be read: ${error}`, 'RoleUnavailable');
    }),
  );
  const holders = holdersFrom(approvers, Object.fromEntries(read));
  if (!holders.ok) throw ApplicationFailure.retryable(holders.issue, 'RoleUnavailable');
  return { request, approvers, holders: holders.value, ...(askedBy === undefined ? {} : { askedBy }) };
}
