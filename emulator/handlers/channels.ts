import type { ChannelCall, Handlers, Output } from '../call.ts';
import { badRequest, type Failure } from '../failure.ts';
import { optionalText, structure } from '../input.ts';
import { subChannelSize, type Mode } from '../state.ts';
import { listing } from '../page.ts';
import { channelView } from '../views.ts';

function describe({ instance, channel }: ChannelCall): Output {
  return { Channel: channelView(instance, channel) };
}

function update({ channel, input }: ChannelCall): Output | Failure {
  const mode = optionalText(input, 'Mode') as Mode | undefined;
  if (channel.elastic && mode === 'UNRESTRICTED') return badRequest('An elastic channel cannot be UNRESTRICTED');
  channel.mode = mode ?? channel.mode;
  channel.name = optionalText(input, 'Name') ?? channel.name;
  channel.metadata = optionalText(input, 'Metadata') ?? channel.metadata;
  channel.updatedAt = Date.now();
  return { ChannelArn: channel.arn };
}

function remove({ instance, channel }: ChannelCall): Output {
  instance.channels.delete(channel.arn);
  return {};
}

function putExpiration({ channel, input }: ChannelCall): Output {
  channel.expiration = structure(input, 'ExpirationSettings');
  channel.updatedAt = Date.now();
  return { ChannelArn: channel.arn, ExpirationSettings: channel.expiration };
}

function listSubChannels(call: ChannelCall): Output | Failure {
  const { channel } = call;
  if (!channel.elastic) return badRequest('Only elastic channels have SubChannels');
  return listing(call, {
    key: 'SubChannels',
    items: channel.subChannels,
    view: (id) => ({ SubChannelId: id, MembershipCount: subChannelSize(channel, id) }),
    extra: { ChannelArn: channel.arn },
  });
}

export const channelHandlers: Handlers<ChannelCall> = {
  DescribeChannel: describe,
  UpdateChannel: update,
  DeleteChannel: remove,
  PutChannelExpirationSettings: putExpiration,
  ListSubChannels: listSubChannels,
};
