import { ListAppInstanceAdminsCommand } from '@aws-sdk/client-chime-sdk-identity';
import {
  DescribeChannelBanCommand,
  DescribeChannelCommand,
  DescribeChannelMembershipCommand,
  DescribeChannelModeratorCommand,
  ListChannelModeratorsCommand,
} from '@aws-sdk/client-chime-sdk-messaging';
import type { Channel, Membership } from '../domain/facts.ts';
import type { ChimeClients } from './client.ts';
import { isNotFound } from './error-signs.ts';

/** Who reads, on which channel, and until when. */
export interface ReadScope {
  readonly channelArn: string;
  readonly bearer: string;
  readonly signal?: AbortSignal;
}

/** The calls that read what Chime knows. All throw the SDK's errors; a Describe that finds nothing answers no. */
export interface ChimeReads {
  readonly channel: (scope: ReadScope) => Promise<Channel>;
  readonly membership: (scope: ReadScope, memberArn: string, subChannelId?: string) => Promise<Membership | null>;
  readonly isModerator: (scope: ReadScope, arn: string) => Promise<boolean>;
  readonly isBanned: (scope: ReadScope, arn: string) => Promise<boolean>;
  readonly moderators: (scope: ReadScope) => Promise<string[]>;
  readonly admins: (appInstanceArn: string, signal?: AbortSignal) => Promise<string[]>;
}

export function createChimeReads({ messaging, identity }: Pick<ChimeClients, 'messaging' | 'identity'>): ChimeReads {
  return {
    async channel(scope) {
      const { Channel: channel } = await messaging.send(new DescribeChannelCommand(on(scope)), abortBy(scope.signal));
      return {
        privacy: channel?.Privacy ?? 'PRIVATE',
        mode: channel?.Mode ?? 'RESTRICTED',
        elastic: channel?.ElasticChannelConfiguration !== undefined,
      };
    },
    async membership(scope, memberArn, subChannelId) {
      const command = new DescribeChannelMembershipCommand({
        ...on(scope),
        MemberArn: memberArn,
        SubChannelId: subChannelId,
      });
      const found = await orNull(messaging.send(command, abortBy(scope.signal)));
      const membership = found?.ChannelMembership;
      if (!membership) return null;
      return {
        type: membership.Type ?? 'DEFAULT',
        ...(membership.Member?.Name ? { name: membership.Member.Name } : {}),
        ...(membership.InvitedBy?.Arn ? { invitedBy: membership.InvitedBy.Arn } : {}),
        ...(membership.CreatedTimestamp ? { createdAt: membership.CreatedTimestamp.toISOString() } : {}),
        ...(membership.SubChannelId ? { subChannelId: membership.SubChannelId } : {}),
      };
    },
    async isModerator(scope, arn) {
      const command = new DescribeChannelModeratorCommand({ ...on(scope), ChannelModeratorArn: arn });
      return (await orNull(messaging.send(command, abortBy(scope.signal)))) !== null;
    },
    async isBanned(scope, arn) {
      const command = new DescribeChannelBanCommand({ ...on(scope), MemberArn: arn });
      return (await orNull(messaging.send(command, abortBy(scope.signal)))) !== null;
    },
    async moderators(scope) {
      return everyPage(async (NextToken) => {
        const command = new ListChannelModeratorsCommand({ ...on(scope), NextToken, MaxResults: 50 });
        const page = await messaging.send(command, abortBy(scope.signal));
        return { arns: page.ChannelModerators?.map((one) => one.Moderator?.Arn), next: page.NextToken };
      });
    },
    async admins(appInstanceArn, signal) {
      return everyPage(async (NextToken) => {
        const command = new ListAppInstanceAdminsCommand({ AppInstanceArn: appInstanceArn, NextToken, MaxResults: 50 });
        const page = await identity.send(command, abortBy(signal));
        return { arns: page.AppInstanceAdmins?.map((one) => one.Admin?.Arn), next: page.NextToken };
      });
    },
  };
}

function on({ channelArn, bearer }: ReadScope) {
  return { ChannelArn: channelArn, ChimeBearer: bearer };
}

function abortBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

interface Page {
  arns: (string | undefined)[] | undefined;
  next: string | undefined;
}

async function everyPage(read: (token: string | undefined) => Promise<Page>): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const { arns, next } = await read(token);
    found.push(...(arns ?? []).filter((arn) => arn !== undefined));
    // A service that keeps sending the same token must not hold us for ever.
    token = next === token ? undefined : next;
  } while (token);
  return found;
}
