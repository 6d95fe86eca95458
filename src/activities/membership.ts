import { CreateChannelMembershipCommand, DeleteChannelMembershipCommand } from '@aws-sdk/client-chime-sdk-messaging';
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ChimeClients } from '../chime/client.ts';
import { isNotFound, signsOf } from '../chime/error-signs.ts';
import { MAX_UNRESOLVED_CONFLICTS } from '../domain/chime-errors.ts';
import type { Membership } from '../domain/facts.ts';
import type { JoinRequest } from '../domain/request.ts';
import { chimeFailure, rowOf } from './chime-failure.ts';
import { describeMembership, settle } from './settle.ts';
import type { Call, DescribeDependencies, Grant } from './settle.ts';

export type MembershipDependencies = DescribeDependencies & Pick<ChimeClients, 'messaging'>;

export function createMembershipActivities(dependencies: MembershipDependencies) {
  const { messaging } = dependencies;
  return {
    /** Adds the member, exactly once in effect; fails as the retry table says. */
    async createChannelMembership(call: Call): Promise<Grant> {
      const { attempt, scheduledTimestampMs: firstScheduledAt } = activityInfo();
      try {
        return await create(call, messaging);
      } catch (error) {
        const row = rowOf(error);
        if (row.class !== 'reconcile') throw chimeFailure(error, row);
        // An answer that cannot be read says that this very attempt was applied; a Conflict, that an earlier one may be.
        const earlierAttempt = row.id === 'unreadable-success' || attempt > 1;
        return (await settle(call, { firstScheduledAt, earlierAttempt }, dependencies)) ?? unresolved(error);
      }
    },

    /** Looks whether an attempt that nobody heard of was applied after all; `null` if not. */
    async findMembership({ firstScheduledAt, ...call }: Call & { firstScheduledAt: number }): Promise<Grant | null> {
      return settle(call, { firstScheduledAt, earlierAttempt: true }, dependencies);
    },

    async describeChannelMembership(request: JoinRequest): Promise<Membership | null> {
      return describeMembership(request, dependencies);
    },

    /** Removes the member; that nobody is there is no error. */
    async deleteChannelMembership({ request, bearer }: Call): Promise<void> {
      const command = new DeleteChannelMembershipCommand(target(request, bearer));
      try {
        await messaging.send(command, { abortSignal: cancellationSignal() });
      } catch (error) {
        if (!isNotFound(error)) throw chimeFailure(error);
      }
    },
  };
}

async function create({ request, bearer }: Call, messaging: ChimeClients['messaging']): Promise<Grant> {
  const command = new CreateChannelMembershipCommand({ ...target(request, bearer), Type: request.type });
  const { Member, SubChannelId } = await messaging.send(command, { abortSignal: cancellationSignal() });
  return {
    outcome: 'joined',
    member: { arn: Member?.Arn ?? request.memberArn, ...(Member?.Name ? { name: Member.Name } : {}) },
    invitedBy: bearer,
    ...(SubChannelId === undefined ? {} : { subChannelId: SubChannelId }),
  };
}

function target({ channelArn, memberArn, subChannelId }: JoinRequest, bearer: string) {
  return { ChannelArn: channelArn, MemberArn: memberArn, ChimeBearer: bearer, SubChannelId: subChannelId };
}

/** A Conflict, and yet no membership: somebody else's write is under way, so it is tried again, but not for ever. */
function unresolved(error: unknown): never {
  const seen = (activityInfo().heartbeatDetails as { conflicts: number } | undefined)?.conflicts ?? 0;
  if (seen < MAX_UNRESOLVED_CONFLICTS) {
    // Heartbeat details are the one memory that lasts from one attempt to the next.
    heartbeat({ conflicts: seen + 1 });
    throw chimeFailure(error);
  }
  const type = 'UnresolvedConflict';
  const { message } = signsOf(error);
  const hint = `Chime reported a Conflict ${seen + 1} times and yet knows no such membership: ask AWS support.`;
  throw ApplicationFailure.nonRetryable(message, type, { type, message, hint });
}
