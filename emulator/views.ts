import type { Output } from './call.ts';
import type { AppInstance, Channel, Mark, Membership } from './state.ts';

/** The wire carries epoch seconds with a fraction. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

/** `{ Arn, Name }`; the name is missing when the person has been deleted since. */
export function identityView(instance: AppInstance, arn: string): Output {
  return { Arn: arn, Name: instance.people.get(arn)?.name };
}

export function channelSummary(channel: Channel): Output {
  return {
    Name: channel.name,
    ChannelArn: channel.arn,
    Mode: channel.mode,
    Privacy: channel.privacy,
    Metadata: channel.metadata,
  };
}

export function channelView(instance: AppInstance, channel: Channel): Output {
  return {
    ...channelSummary(channel),
    CreatedBy: channel.createdBy === undefined ? undefined : identityView(instance, channel.createdBy),
    CreatedTimestamp: seconds(channel.createdAt),
    LastUpdatedTimestamp: seconds(channel.updatedAt),
    ElasticChannelConfiguration: channel.elastic,
    ExpirationSettings: channel.expiration,
  };
}

export function membershipView(instance: AppInstance, channel: Channel, membership: Membership): Output {
  return {
    InvitedBy: identityView(instance, membership.invitedBy),
    Type: membership.type,
    Member: identityView(instance, membership.arn),
    ChannelArn: channel.arn,
    CreatedTimestamp: seconds(membership.createdAt),
    LastUpdatedTimestamp: seconds(membership.createdAt),
    SubChannelId: membership.subChannelId,
  };
}

/** What describes a moderator or a ban, under the operation's own key for the person. */
export function markView(instance: AppInstance, channel: Channel, key: string, arn: string, mark: Mark): Output {
  return {
    [key]: identityView(instance, arn),
    ChannelArn: channel.arn,
    CreatedTimestamp: seconds(mark.createdAt),
    CreatedBy: mark.createdBy === undefined ? undefined : identityView(instance, mark.createdBy),
  };
}
