import type { BearerCall, ChannelCall } from './call.ts';
import { forbidden, type Failure } from './failure.ts';
import { optionalText, text } from './input.ts';
import { isAdmin, isMember, isStaff } from './roles.ts';
import { membershipsOf, type MembershipType } from './state.ts';

type Rule<C> = (call: C) => boolean;

const staff: Rule<ChannelCall> = ({ instance, channel, bearer }) => isStaff(instance, channel, bearer);

// The role table grants DescribeChannel on private channels to admins alone, yet AWS's own demo calls it as a member.
const reader: Rule<ChannelCall> = (call) =>
  call.channel.privacy === 'PUBLIC' || isMember(call.channel, call.bearer) || staff(call);

const hiddenOnlyForStaff: Rule<ChannelCall> = (call) =>
  text(call.input, 'Type') === 'HIDDEN' ? staff(call) : reader(call);

const ownMembership: Rule<ChannelCall> = ({ channel, bearer, input }) =>
  text(input, 'MemberArn') === bearer && isMember(channel, bearer);

// Admins and moderators need a membership of their own to send; hidden members watch, and send nothing.
const visibleMember: Rule<ChannelCall> = ({ channel, bearer }) =>
  membershipsOf(channel, bearer).some(({ type }) => type === 'DEFAULT');

// "Leave the channel" is all the capability list gives to members, although the table states no limit.
const staffOrLeaving: Rule<ChannelCall> = (call) => staff(call) || ownMembership(call);

/** Whether the bearer may ask about the app instance user named in the call: itself, or anyone for an admin. */
export const aboutOneself: Rule<BearerCall> = ({ instance, bearer, input }) =>
  (optionalText(input, 'AppInstanceUserArn') ?? bearer) === bearer || isAdmin(instance, bearer);

const rules: Readonly<Record<string, Rule<ChannelCall>>> = {
  DescribeChannel: reader,
  UpdateChannel: staff,
  DeleteChannel: staff,
  PutChannelExpirationSettings: staff,
  CreateChannelMembership: (call) => mayAdd(call, text(call.input, 'MemberArn'), typeOf(call)),
  BatchCreateChannelMembership: () => true, // decided per item
  DescribeChannelMembership: reader,
  ListChannelMemberships: hiddenOnlyForStaff,
  DeleteChannelMembership: staffOrLeaving,
  PutChannelMembershipPreferences: ownMembership,
  GetChannelMembershipPreferences: ownMembership,
  CreateChannelModerator: staff,
  DescribeChannelModerator: staff,
  ListChannelModerators: staff,
  DeleteChannelModerator: staff,
  CreateChannelBan: staff,
  DescribeChannelBan: staff,
  ListChannelBans: staff,
  DeleteChannelBan: staff,
  DescribeChannelMembershipForAppInstanceUser: aboutOneself,
  DescribeChannelModeratedByAppInstanceUser: aboutOneself,
  ListSubChannels: staff,
  SendChannelMessage: visibleMember,
};

/** The membership type a call asks for. */
export function typeOf(call: ChannelCall): MembershipType {
  return optionalText(call.input, 'Type') === 'HIDDEN' ? 'HIDDEN' : 'DEFAULT';
}

/** Who may add whom: the decision matrix of CreateChannelMembership, before any look at the target's state. */
export function mayAdd(call: ChannelCall, target: string, type: MembershipType): boolean {
  const { channel, bearer, world } = call;
  if (staff(call)) return true;
  if (type === 'HIDDEN') return false;
  if (channel.mode === 'UNRESTRICTED' && isMember(channel, bearer)) return true;
  return channel.privacy === 'PUBLIC' && target === bearer && world.publicSelfJoin === 'allow';
}

/** Refuses a call on a channel that the bearer's role does not allow. */
export function roleRefusal(call: ChannelCall): Failure | undefined {
  const rule = rules[call.operation.name] ?? staff;
  return rule(call) ? undefined : roleFailure(call);
}

export function roleFailure(call: BearerCall): Failure {
  return forbidden(`${call.bearer} is not authorized to perform ${call.operation.name} here`);
}
