import type { BearerCall, ChannelCall, Handlers, Output } from '../call.ts';
import { absent, badRequest, forbidden, type Failure } from '../failure.ts';
import { optionalText, structure, text } from '../input.ts';
import { listing } from '../page.ts';
import { aboutOneself, roleFailure } from '../permissions.ts';
import { isAdmin, isMember, isModerator } from '../roles.ts';
import { membershipsOf, type Channel } from '../state.ts';
import { channelSummary } from '../views.ts';

interface SearchField {
  readonly Values: readonly string[];
  readonly Operator: 'EQUALS' | 'INCLUDES';
}

function list(call: BearerCall): Output | Failure {
  const { input, instance, bearer } = call;
  if (text(input, 'AppInstanceArn') !== instance.arn) return forbidden(`${bearer} belongs to another app instance`);
  const privacy = optionalText(input, 'Privacy') ?? 'PUBLIC';
  if (privacy === 'PRIVATE' && !isAdmin(instance, bearer)) return roleFailure(call);
  const items = [...instance.channels.values()].filter((channel) => channel.privacy === privacy);
  return listing(call, { key: 'Channels', items, view: channelSummary });
}

function matches(channel: Channel, { Values, Operator }: SearchField): boolean {
  const members = new Set([...channel.memberships.values()].map(({ arn }) => arn));
  const included = Values.every((value) => members.has(value));
  return included && (Operator === 'INCLUDES' || members.size === new Set(Values).size);
}

function search(call: BearerCall): Output | Failure {
  const { input, instance, bearer } = call;
  const fields = (structure(input, 'Fields') ?? []) as unknown as readonly SearchField[];
  const items = [...instance.channels.values()]
    .filter((channel) => isAdmin(instance, bearer) || isMember(channel, bearer))
    .filter((channel) => fields.every((field) => matches(channel, field)));
  return listing(call, { key: 'Channels', items, view: channelSummary });
}

function subjectOf(call: BearerCall): string {
  return optionalText(call.input, 'AppInstanceUserArn') ?? call.bearer;
}

function membershipOf(channel: Channel, arn: string): Output | undefined {
  const [membership] = membershipsOf(channel, arn);
  if (!membership) return undefined;
  return {
    ChannelSummary: channelSummary(channel),
    AppInstanceUserMembershipSummary: { Type: membership.type, SubChannelId: membership.subChannelId },
  };
}

function listMemberships(call: BearerCall): Output | Failure {
  if (!aboutOneself(call)) return roleFailure(call);
  const items = [...call.instance.channels.values()].flatMap((channel) => membershipOf(channel, subjectOf(call)) ?? []);
  return listing(call, { key: 'ChannelMemberships', items, view: (item) => item });
}

function listModerated(call: BearerCall): Output | Failure {
  if (!aboutOneself(call)) return roleFailure(call);
  const items = [...call.instance.channels.values()].filter((channel) => isModerator(channel, subjectOf(call)));
  return listing(call, { key: 'Channels', items, view: (channel) => ({ ChannelSummary: channelSummary(channel) }) });
}

function describeMembership(call: ChannelCall): Output | Failure {
  const membership = membershipOf(call.channel, subjectOf(call));
  return membership
    ? { ChannelMembership: membership }
    : absent(call.operation, `${subjectOf(call)} is not a member of the channel`);
}

function describeModerated(call: ChannelCall): Output | Failure {
  if (call.channel.elastic) return badRequest(`${call.operation.name} is not supported by elastic channels`);
  return isModerator(call.channel, subjectOf(call))
    ? { Channel: { ChannelSummary: channelSummary(call.channel) } }
    : absent(call.operation, `${subjectOf(call)} is not a moderator of the channel`);
}

export const channelListHandlers: Handlers<BearerCall> = {
  ListChannels: list,
  SearchChannels: search,
  ListChannelMembershipsForAppInstanceUser: listMemberships,
  ListChannelsModeratedByAppInstanceUser: listModerated,
};

export const channelOfUserHandlers: Handlers<ChannelCall> = {
  DescribeChannelMembershipForAppInstanceUser: describeMembership,
  DescribeChannelModeratedByAppInstanceUser: describeModerated,
};
