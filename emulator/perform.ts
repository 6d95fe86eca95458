import { parseArn, wrongKind } from './arns.ts';
import type { BearerCall, Call, Handlers, ChannelCall, Output } from './call.ts';
import { absent, forbidden, isFailure, type Failure } from './failure.ts';
import { adminHandlers } from './handlers/admins.ts';
import { appInstanceHandlers } from './handlers/app-instances.ts';
import { banHandlers } from './handlers/bans.ts';
import { channelListHandlers, channelOfUserHandlers } from './handlers/channel-lists.ts';
import { channelHandlers } from './handlers/channels.ts';
import { createChannel } from './handlers/create-channel.ts';
import { membershipHandlers } from './handlers/memberships.ts';
import { messageHandlers } from './handlers/messages.ts';
import { moderatorHandlers } from './handlers/moderators.ts';
import { peopleHandlers } from './handlers/users-and-bots.ts';
import { preferenceHandlers } from './handlers/preferences.ts';
import { bearerOf, text } from './input.ts';
import { roleRefusal } from './permissions.ts';

const identity: Handlers<Call> = { ...appInstanceHandlers, ...peopleHandlers, ...adminHandlers };

const acrossChannels: Handlers<BearerCall> = { CreateChannel: createChannel, ...channelListHandlers };

const inChannel: Handlers<ChannelCall> = {
  ...channelHandlers,
  ...membershipHandlers,
  ...preferenceHandlers,
  ...moderatorHandlers,
  ...banHandlers,
  ...messageHandlers,
  ...channelOfUserHandlers,
};

function authenticate(call: Call): BearerCall | Failure {
  const bearer = bearerOf(call.input) ?? '';
  const instance = call.world.state.get(parseArn(bearer)?.instance ?? '');
  return instance?.people.has(bearer)
    ? { ...call, bearer, instance }
    : forbidden(`x-amz-chime-bearer '${bearer}' is not a user or bot of an existing app instance`);
}

function enterChannel(call: BearerCall): ChannelCall | Failure {
  const arn = text(call.input, 'ChannelArn');
  const kind = wrongKind('ChannelArn', arn, ['channel']);
  if (kind) return kind;
  if (parseArn(arn)?.instance !== call.instance.arn) {
    return forbidden(`${arn} belongs to another app instance than ${call.bearer}`);
  }
  const channel = call.instance.channels.get(arn);
  return channel ? { ...call, channel } : absent(call.operation, `${arn} does not exist`);
}

/** Runs a validated call against the state: who asks, about which channel, in what role, and then the change. */
export function perform(call: Call): Output | Failure {
  const { name } = call.operation;
  const plain = identity[name];
  if (plain) return plain(call);
  const across = acrossChannels[name];
  const within = inChannel[name];
  if (!across && !within) {
    return { exception: 'UnsupportedOperationException', message: `The emulator does not implement ${name}` };
  }
  const bearerCall = authenticate(call);
  if (isFailure(bearerCall)) return bearerCall;
  if (across) return across(bearerCall);
  const channelCall = enterChannel(bearerCall);
  if (isFailure(channelCall)) return channelCall;
  return roleRefusal(channelCall) ?? within?.(channelCall) ?? {};
}
