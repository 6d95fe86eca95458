import { CreateChannelMembershipCommand, DeleteChannelMembershipCommand } from '@aws-sdk/client-chime-sdk-messaging';
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createdAnswer, readable, unreadable } from '../chime/answers.ts';
import type { ChimeClients } from '../chime/client.ts';
import { isNotFound, signsOf } from '../chime/error-signs.ts';
import { MAX_UNRESOLVED_CONFLICTS } from '../domain/chime-errors.ts';
import { isOurs, type GrantRecord } from '../domain/ownership.ts';
import type { JoinRequest } from '../domain/request.ts';
import { requiredBearer, chimeFailure, rowOf } from './chime-failure.ts';
import { describeMembership, settle, type Call, type DescribeDependencies, type Grant } from './settle.ts';

export type MembershipDependencies = DescribeDependencies & Pick<ChimeClients, 'messaging'>;

export function createMembershipActivities(dependencies: MembershipDependencies) {
  const { messaging } = dependencies;
  return {
    /**
     * Adds the member, exactly once in effect; fails as the retry table says. After `validUntil` (ms since 1970) nothing is
     * called any more, however long Chime, its queue or its workers took: the policies have to be asked again.
     */
    async createChannelMembership({ validUntil, ...call }: Call & { validUntil: number }): Promise<Grant> {
      const { scheduledTimestampMs: firstScheduledAt } = activityInfo();
      if (Date.now() > validUntil) throw tooOld();
      try {
        return await create(call, messaging);
      } catch (error) {
        const row = rowOf(error);
        if (row.class === 'throttled') remember({ refused: 1 });
        if (row.class !== 'reconcile') throw chimeFailure(error, row);
        // An answer that cannot be read says that this very attempt was applied; a Conflict, that an earlier one may be.
        const earlierAttempt = row.id === 'unreadable-success' || earlierMayBeApplied();
        return (await settle(call, { firstScheduledAt, earlierAttempt }, dependencies)) ?? unresolved(error);
      }
    },

    /** Looks whether an attempt that nobody heard of was applied after all; `null` if not. */
    async findMembership({ firstScheduledAt, ...call }: Call & { firstScheduledAt: number }): Promise<Grant | null> {
      return settle(call, { firstScheduledAt, earlierAttempt: true }, dependencies);
    },

    /** Looks whether the membership of a grant is still there. */
    async lookAtMembership({ request, grant }: { request: JoinRequest; grant: GrantRecord }): Promise<Look> {
      const found = await describeMembership(request, dependencies);
      if (found === null) return { is: 'gone' };
      if (!isOurs(found, grant)) return { is: 'notOurs' };
      const [now, { createdAt }] = [Date.now(), found];
      const ageMs = Math.max(now - Date.parse(createdAt), 0);
      return { is: 'there', at: new Date(now).toISOString(), createdAt, ageMs };
    },

    /**
     * Removes the membership that a grant of ours made, and no other: somebody may have removed it and added the member
     * again. Fails as the retry table says.
     */
    async removeMembership({ request, grant }: { request: JoinRequest; grant: GrantRecord }): Promise<Removal> {
      const found = await describeMembership(request, dependencies);
      // An answer that was lost may have been a removal of ours.
      if (found === null) return activityInfo().attempt > 1 ? 'removed' : 'gone';
      if (!isOurs(found, grant)) return 'notOurs';
      const bearer = requiredBearer(request.channelArn, dependencies.bearers);
      try {
        const signal = { abortSignal: cancellationSignal() };
        const answer = await messaging.send(new DeleteChannelMembershipCommand(target(request, bearer)), signal);
        // Nothing but a 204 says that it is done: the next attempt looks whether it was.
        if (answer.$metadata.httpStatusCode === 204) return 'removed';
        throw unreadable('The answer to the removal is no 204', answer);
      } catch (error) {
        if (isNotFound(error)) return 'gone';
        throw chimeFailure(error);
      }
    },
  };
}

/** What stands where a grant of ours made a membership. */
export type Look =
  | { readonly is: 'there'; readonly at: string; readonly createdAt: string; readonly ageMs: number }
  | { readonly is: 'gone' | 'notOurs' };

/** What became of a membership: another one than ours is left where it is. */
export type Removal = 'removed' | 'gone' | 'notOurs';

async function create({ request, bearer }: Call, messaging: ChimeClients['messaging']): Promise<Grant> {
  const command = new CreateChannelMembershipCommand({ ...target(request, bearer), Type: request.type });
  const since = new Date().toISOString();
  const answer = await messaging.send(command, { abortSignal: cancellationSignal() });
  const { channelArn, memberArn, subChannelId } = request;
  const { Member, SubChannelId } = readable(createdAnswer(channelArn, memberArn, subChannelId), answer);
  return {
    outcome: 'joined',
    member: { arn: Member.Arn, ...(Member.Name ? { name: Member.Name } : {}) },
    invitedBy: bearer,
    ...(SubChannelId === undefined ? {} : { subChannelId: SubChannelId }),
    // Enough to know it again, without another call.
    grant: { type: request.type, invitedBy: bearer, since, until: new Date().toISOString() },
  };
}

function target({ channelArn, memberArn, subChannelId }: JoinRequest, bearer: string) {
  return { ChannelArn: channelArn, MemberArn: memberArn, ChimeBearer: bearer, SubChannelId: subChannelId };
}

/** What earlier attempts learned: heartbeat details are the one memory that lasts from one attempt to the next. */
interface Memory {
  /** Attempts that Chime refused, so that they surely changed nothing. */
  readonly refused: number;
  /** Conflicts without a membership. */
  readonly conflicts: number;
}

function memory(): Memory {
  const { refused = 0, conflicts = 0 } = (activityInfo().heartbeatDetails ?? {}) as Partial<Memory>;
  return { refused, conflicts };
}

function remember(more: Partial<Memory>): void {
  const { refused, conflicts } = memory();
  heartbeat({ refused: refused + (more.refused ?? 0), conflicts: conflicts + (more.conflicts ?? 0) });
}

/** Whether an earlier attempt ended in a way that leaves open what it did: a lost answer, a time-out, a killed worker. */
function earlierMayBeApplied(): boolean {
  return activityInfo().attempt - 1 > memory().refused;
}

/** For the workflow, which asks the policies again. `earlierAttempt`: an attempt before this one may have been applied. */
function tooOld(): ApplicationFailure {
  const message = 'What the policies said is too old by now: they are asked again before the call is made.';
  return ApplicationFailure.nonRetryable(message, 'AdmissionTooOld', { earlierAttempt: earlierMayBeApplied() });
}

/** A Conflict, and yet no membership: somebody else's write is under way, so it is tried again, but not for ever. */
function unresolved(error: unknown): never {
  const { conflicts } = memory();
  if (conflicts < MAX_UNRESOLVED_CONFLICTS) {
    remember({ refused: 1, conflicts: 1 });
    throw chimeFailure(error);
  }
  const type = 'UnresolvedConflict';
  const { message } = signsOf(error);
  const hint = `Chime answered ${conflicts + 1} times as if the member were there, and yet knows no such membership: ask AWS support.`;
  throw ApplicationFailure.nonRetryable(message, type, { type, message, hint });
}
