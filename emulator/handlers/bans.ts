import type { ChannelCall, Handlers, Output } from '../call.ts';
import { absent, conflict, forbidden, type Failure } from '../failure.ts';
import { text } from '../input.ts';
import { listing } from '../page.ts';
import { strangerRefusal } from '../people.ts';
import { isStaff } from '../roles.ts';
import { removeMemberships } from '../state.ts';
import { identityView, markView } from '../views.ts';

function create(call: ChannelCall): Output | Failure {
  const { channel, instance, bearer, input } = call;
  const target = text(input, 'MemberArn');
  const stranger = strangerRefusal(call, 'MemberArn', target);
  if (stranger) return stranger;
  if (isStaff(instance, channel, target)) return forbidden(`${target} is an admin or a moderator and cannot be banned`);
  if (channel.bans.has(target)) return conflict(`${target} is already banned from the channel`);
  channel.bans.set(target, { createdAt: Date.now(), createdBy: bearer });
  removeMemberships(channel, target);
  return { ChannelArn: channel.arn, Member: identityView(instance, target) };
}

function describe(call: ChannelCall): Output | Failure {
  const { channel, instance } = call;
  const target = text(call.input, 'MemberArn');
  const mark = channel.bans.get(target);
  if (!mark) return absent(call.operation, `${target} is not banned from the channel`);
  return { ChannelBan: markView(instance, channel, 'Member', target, mark) };
}

function list(call: ChannelCall): Output | Failure {
  return listing(call, {
    key: 'ChannelBans',
    items: call.channel.bans.keys(),
    view: (arn) => ({ Member: identityView(call.instance, arn) }),
    extra: { ChannelArn: call.channel.arn },
  });
}

function remove({ channel, input }: ChannelCall): Output {
  channel.bans.delete(text(input, 'MemberArn'));
  return {};
}

export const banHandlers: Handlers<ChannelCall> = {
  CreateChannelBan: create,
  DescribeChannelBan: describe,
  ListChannelBans: list,
  DeleteChannelBan: remove,
};
