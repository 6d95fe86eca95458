import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { FactReader, ReadHow } from '../chime/facts.ts';
import type { Purpose } from '../domain/conclusion.ts';
import { isChimeFact, isHostFact, type Fact, type Facts, type History } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { Approvers } from '../domain/requirement.ts';
import type { ReadOwnFact } from '../policies/own-facts.ts';
import { holdersFrom } from '../policies/requirement-check.ts';
import { ownRolesIn, type Measure } from '../policies/roster.ts';
import { requiredBearer, chimeFailure } from './chime-failure.ts';

export interface FactSources {
  readonly facts: FactReader;
  readonly own: { readonly read: ReadOwnFact; readonly has: (name: string) => boolean };
  readonly bearers: readonly string[];
}

/**
 * Reads facts about a request, each once: those of Chime, which fail the activity when they cannot be read, and those of
 * policies, which do not. `history`: reads other requests, where something asks for that.
 */
export function factsFor(
  request: JoinRequest,
  { facts, own, bearers }: FactSources,
  { history, ...how }: ReadHow & { readonly purpose?: Purpose; readonly history?: () => Promise<Fact<History>> } = {},
): (names: readonly string[]) => Promise<Facts> {
  const { channelArn } = request;
  const signal = cancellationSignal();
  const readChime = facts.open(request, { channelArn, bearer: requiredBearer(channelArn, bearers), signal }, how);
  return async (names) => {
    const others = names.filter((name) => !isHostFact(name));
    const [chime, rest] = await Promise.all([
      readChime(names.filter(isChimeFact)).catch((error: unknown) => {
        throw chimeFailure(error);
      }),
      Promise.all(others.map(async (name) => [name, await own.read(name, request, signal, how)] as const)),
    ]);
    const asked = history && names.includes('history') ? { history: await history() } : {};
    return { ...chime, ...asked, ...Object.fromEntries(rest) };
  };
}

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

/** Now, but never before the time of the workflow that asks: clocks differ, and what it waited for must have come. */
export function latest(workflowTime: string | undefined): Date {
  return new Date(Math.max(Date.now(), workflowTime === undefined ? 0 : Date.parse(workflowTime)));
}
