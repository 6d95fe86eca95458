import type { ChannelCall, Handlers, Output } from '../call.ts';
import { absent, conflict, forbidden, limitExceeded, type Failure } from '../failure.ts';
import { text } from '../input.ts';
import { limits } from '../limits.ts';
import { listing } from '../page.ts';
import { strangerRefusal } from '../people.ts';
import { isModerator } from '../roles.ts';
import { removeMemberships } from '../state.ts';
import { identityView, markView } from '../views.ts';

const member = 'ChannelModeratorArn';

// In an elastic channel a change of role drops the memberships, because members and moderators sit in
// sub-channels under different rules. Elsewhere a moderator neither gains nor loses a membership.
function create(call: ChannelCall): Output | Failure {
  const { channel, instance, bearer, input } = call;
  const target = text(input, member);
  const stranger = strangerRefusal(call, member, target);
  if (stranger) return stranger;
  if (channel.bans.has(target)) return forbidden(`${target} is banned from the channel`);
  if (isModerator(channel, target)) return conflict(`${target} is already a moderator of the channel`);
  if (channel.moderators.size >= limits.moderatorsPerChannel) {
    return limitExceeded(`A channel has at most ${limits.moderatorsPerChannel} moderators`);
  }
  if (channel.elastic) removeMemberships(channel, target);
  channel.moderators.set(target, { createdAt: Date.now(), createdBy: bearer });
  return { ChannelArn: channel.arn, ChannelModerator: identityView(instance, target) };
}

function describe(call: ChannelCall): Output | Failure {
  const { channel, instance } = call;
  const target = text(call.input, member);
  const mark = channel.moderators.get(target);
  if (!mark) return absent(call.operation, `${target} is not a moderator of the channel`);
  return { ChannelModerator: markView(instance, channel, 'Moderator', target, mark) };
}

function list(call: ChannelCall): Output | Failure {
  return listing(call, {
    key: 'ChannelModerators',
    items: call.channel.moderators.keys(),
    view: (arn) => ({ Moderator: identityView(call.instance, arn) }),
    extra: { ChannelArn: call.channel.arn },
  });
}

function remove({ channel, input }: ChannelCall): Output {
  const target = text(input, member);
  if (channel.moderators.delete(target) && channel.elastic) removeMemberships(channel, target);
  return {};
}

export const moderatorHandlers: Handlers<ChannelCall> = {
  CreateChannelModerator: create,
  DescribeChannelModerator: describe,
  ListChannelModerators: list,
  DeleteChannelModerator: remove,
};
