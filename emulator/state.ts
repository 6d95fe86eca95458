import type { ArnKind } from './arns.ts';
import type { Json } from './validate.ts';

export type Mode = 'RESTRICTED' | 'UNRESTRICTED';
export type Privacy = 'PUBLIC' | 'PRIVATE';
export type MembershipType = 'DEFAULT' | 'HIDDEN';

/** A user or a bot. */
export interface Person {
  readonly arn: string;
  readonly kind: Exclude<ArnKind, 'channel'>;
  name: string;
  metadata: string | undefined;
  configuration: Json | undefined;
  readonly token: string | undefined;
  readonly createdAt: number;
  updatedAt: number;
}

/** When and by whom a moderator or a ban was made. */
export interface Mark {
  readonly createdAt: number;
  readonly createdBy: string | undefined;
}

export interface Membership {
  readonly arn: string;
  readonly type: MembershipType;
  readonly invitedBy: string;
  readonly createdAt: number;
  readonly subChannelId: string | undefined;
  preferences: Json | undefined;
}

/** What was sent to a channel. It is no part of the seed format: a restart begins without messages. */
interface Message {
  readonly id: string;
  readonly sender: string;
  readonly content: string;
  readonly type: string;
  readonly persistence: string;
  readonly token: string;
  readonly createdAt: number;
}

export interface ElasticConfiguration {
  readonly MaximumSubChannels: number;
  readonly TargetMembershipsPerSubChannel: number;
  readonly MinimumMembershipPercentage: number;
}

export interface Channel {
  readonly arn: string;
  readonly privacy: Privacy;
  readonly elastic: ElasticConfiguration | undefined;
  readonly createdBy: string | undefined;
  readonly createdAt: number;
  readonly token: string | undefined;
  readonly moderators: Map<string, Mark>;
  readonly bans: Map<string, Mark>;
  readonly memberships: Map<string, Membership>;
  readonly subChannels: string[];
  readonly messages: Message[];
  name: string;
  mode: Mode;
  metadata: string | undefined;
  expiration: Json | undefined;
  updatedAt: number;
}

export interface AppInstance {
  readonly arn: string;
  readonly token: string | undefined;
  readonly createdAt: number;
  readonly people: Map<string, Person>;
  readonly admins: Map<string, number>;
  readonly channels: Map<string, Channel>;
  name: string;
  metadata: string | undefined;
  updatedAt: number;
}

/** Everything the emulator knows: app instances by ARN. */
export type State = Map<string, AppInstance>;

/** The key of a membership in its channel; only elastic channels have sub-channels. */
export function membershipKey(arn: string, subChannelId: string | undefined): string {
  return `${subChannelId ?? ''}/${arn}`;
}

/** All memberships of one person in a channel; more than one only for moderators of elastic channels. */
export function membershipsOf(channel: Channel, arn: string): Membership[] {
  const places = channel.elastic ? channel.subChannels : [undefined];
  return places.flatMap((place) => channel.memberships.get(membershipKey(arn, place)) ?? []);
}

export function removeMemberships(channel: Channel, arn: string): void {
  for (const { subChannelId } of membershipsOf(channel, arn)) {
    channel.memberships.delete(membershipKey(arn, subChannelId));
  }
}

/** How many members a sub-channel has. */
export function subChannelSize(channel: Pick<Channel, 'memberships'>, id: string): number {
  return [...channel.memberships.values()].filter(({ subChannelId }) => subChannelId === id).length;
}
