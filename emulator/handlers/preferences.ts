import type { ChannelCall, Handlers, Output } from '../call.ts';
import { absent, badRequest, isFailure, type Failure } from '../failure.ts';
import { structure, text } from '../input.ts';
import { membershipsOf, type Membership } from '../state.ts';
import { identityView } from '../views.ts';

function ownMembership(call: ChannelCall): Membership | Failure {
  if (call.channel.elastic) return badRequest('Elastic channels do not support membership preferences');
  const target = text(call.input, 'MemberArn');
  return membershipsOf(call.channel, target)[0] ?? absent(call.operation, `${target} is not a member of the channel`);
}

function view({ channel, instance }: ChannelCall, membership: Membership): Output {
  return {
    ChannelArn: channel.arn,
    Member: identityView(instance, membership.arn),
    Preferences: membership.preferences,
  };
}

function put(call: ChannelCall): Output | Failure {
  const membership = ownMembership(call);
  if (isFailure(membership)) return membership;
  membership.preferences = structure(call.input, 'Preferences');
  return view(call, membership);
}

function get(call: ChannelCall): Output | Failure {
  const membership = ownMembership(call);
  return isFailure(membership) ? membership : view(call, membership);
}

export const preferenceHandlers: Handlers<ChannelCall> = {
  PutChannelMembershipPreferences: put,
  GetChannelMembershipPreferences: get,
};
