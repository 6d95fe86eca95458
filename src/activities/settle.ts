import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ChimeReads, MadeMembership } from '../chime/reads.ts';
import { reconcile } from '../domain/chime-errors.ts';
import type { GrantRecord } from '../domain/ownership.ts';
import type { JoinRequest } from '../domain/request.ts';
import { requiredBearer, chimeFailure } from './chime-failure.ts';

/** A call to make, and who makes it. */
export interface Call {
  readonly request: JoinRequest;
  readonly bearer: string;
  /** Earlier calls for the same request that may have been applied, though nobody heard of it. */
  readonly tried?: Tried;
}

interface Tried {
  readonly bearers: readonly string[];
  /** When the first of them was scheduled, in ms since 1970. */
  readonly firstScheduledAt: number;
}

/** What came of it. `joined`: this system made the membership; `alreadyMember`: it was there before. */
export interface Grant {
  readonly outcome: 'joined' | 'alreadyMember';
  readonly member: { readonly arn: string; readonly name?: string };
  readonly invitedBy?: string;
  readonly subChannelId?: string;
  /** What tells a membership of ours from any other. */
  readonly grant?: GrantRecord;
}

export interface DescribeDependencies {
  readonly reads: ChimeReads;
  readonly bearers: readonly string[];
}

/** What Chime says of the membership and of whose it is, read by the service bearer, who sees every channel; `null` if there is none. */
export async function describeMembership(
  request: JoinRequest,
  { reads, bearers }: DescribeDependencies,
): Promise<MadeMembership | null> {
  const { channelArn, memberArn, subChannelId } = request;
  const scope = { channelArn, bearer: requiredBearer(channelArn, bearers), signal: cancellationSignal() };
  try {
    return await reads.madeMembership(scope, memberArn, subChannelId);
  } catch (error) {
    throw chimeFailure(error);
  }
}

/**
 * The membership that stands there, as the outcome of our call; `null` if there is none. `earlierAttempt`: an attempt of
 * ours may have been applied, first scheduled at `firstScheduledAt` (ms since 1970).
 */
export async function settle(
  { request, bearer, tried }: Call,
  { firstScheduledAt, earlierAttempt }: { firstScheduledAt: number; earlierAttempt: boolean },
  dependencies: DescribeDependencies,
): Promise<Grant | null> {
  const found = await describeMembership(request, dependencies);
  const { type } = request;
  const now = reconcile(found, { type, bearer, firstScheduledAt, earlierAttempt });
  const before = (tried?.bearers ?? []).map((one) =>
    reconcile(found, { type, bearer: one, firstScheduledAt: tried?.firstScheduledAt ?? 0, earlierAttempt: true }),
  );
  const outcome = before.includes('joined') ? 'joined' : now;
  if (outcome === 'absent' || found === null) return null;
  if (outcome === 'otherType') {
    const failure = 'OtherMembershipType';
    const message = `The member already has a ${found.type} membership; Chime cannot change its type.`;
    throw ApplicationFailure.nonRetryable(message, failure, {
      type: failure,
      message,
      hint: 'Remove that membership, then ask again.',
    });
  }
  const { name, invitedBy, subChannelId, createdAt } = found;
  return {
    outcome,
    member: { arn: request.memberArn, ...(name === undefined ? {} : { name }) },
    invitedBy,
    ...(subChannelId === undefined ? {} : { subChannelId }),
    ...(outcome === 'joined' ? { grant: { type: request.type, invitedBy, createdAt } } : {}),
  };
}
