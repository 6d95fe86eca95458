import { randomUUID } from 'node:crypto';
import type { ChannelCall } from './call.ts';
import { absent, badRequest, conflict, forbidden, isFailure, limitExceeded, type Failure } from './failure.ts';
import { limits } from './limits.ts';
import { strangerRefusal } from './people.ts';
import { isMember, isModerator } from './roles.ts';
import {
  membershipKey,
  membershipsOf,
  subChannelSize,
  type Channel,
  type ElasticConfiguration,
  type Membership,
  type MembershipType,
} from './state.ts';

interface Join {
  readonly target: string;
  readonly type: MembershipType;
  readonly subChannelId: string | undefined;
}

/** What the shape of the channel forbids, whoever asks. */
export function shapeRefusal({ channel }: ChannelCall, { target, type, subChannelId }: Join): Failure | undefined {
  if (!channel.elastic) {
    return subChannelId === undefined ? undefined : badRequest('SubChannelId is only accepted on elastic channels');
  }
  if (type === 'HIDDEN') return badRequest('Type HIDDEN is not supported by elastic channels');
  if (isModerator(channel, target)) {
    return subChannelId === undefined
      ? badRequest('SubChannelId is required for the membership of a moderator in an elastic channel')
      : undefined;
  }
  return subChannelId === undefined
    ? undefined
    : badRequest('SubChannelId is only accepted for moderators; the service places regular members');
}

function chosenSubChannel(call: ChannelCall, elastic: ElasticConfiguration, id: string): { id: string } | Failure {
  if (!call.channel.subChannels.includes(id)) return absent(call.operation, `SubChannel ${id} does not exist`);
  const full = subChannelSize(call.channel, id) >= elastic.TargetMembershipsPerSubChannel;
  return full ? limitExceeded(`SubChannel ${id} is full`) : { id };
}

/** The sub-channel for the next regular member, opened when all others have reached their target. */
export function assignSubChannel({ elastic, subChannels, ...channel }: Channel): string | undefined {
  if (!elastic) return undefined;
  const free = subChannels.find((id) => subChannelSize(channel, id) < elastic.TargetMembershipsPerSubChannel);
  if (free !== undefined || subChannels.length >= elastic.MaximumSubChannels) return free;
  const id = randomUUID();
  subChannels.push(id);
  return id;
}

function assignedSubChannel(call: ChannelCall): { id: string } | Failure {
  const id = assignSubChannel(call.channel);
  return id === undefined ? limitExceeded('Every SubChannel of the elastic channel is full') : { id };
}

function place(call: ChannelCall, wanted: string | undefined): { id: string | undefined } | Failure {
  const { elastic, memberships } = call.channel;
  if (elastic) return wanted === undefined ? assignedSubChannel(call) : chosenSubChannel(call, elastic, wanted);
  return memberships.size >= limits.membershipsPerChannel
    ? limitExceeded(`A channel holds at most ${limits.membershipsPerChannel} memberships`)
    : { id: undefined };
}

function alreadyThere({ channel }: ChannelCall, { target, subChannelId }: Join): boolean {
  return subChannelId === undefined
    ? isMember(channel, target)
    : membershipsOf(channel, target).some((each) => each.subChannelId === subChannelId);
}

/** Adds a member once the bearer's role has been found sufficient: state checks, then the change. */
export function join(call: ChannelCall, wish: Join): Membership | Failure {
  const { channel, bearer } = call;
  const stranger = strangerRefusal(call, 'MemberArn', wish.target);
  if (stranger) return stranger;
  if (channel.bans.has(wish.target)) return forbidden(`${wish.target} is banned from the channel`);
  if (alreadyThere(call, wish)) return conflict(`${wish.target} is already a member of the channel`);
  const spot = place(call, wish.subChannelId);
  if (isFailure(spot)) return spot;
  const membership: Membership = {
    arn: wish.target,
    type: wish.type,
    invitedBy: bearer,
    createdAt: Date.now(),
    subChannelId: spot.id,
    preferences: undefined,
  };
  channel.memberships.set(membershipKey(wish.target, spot.id), membership);
  return membership;
}
