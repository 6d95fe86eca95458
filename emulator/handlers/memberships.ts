import type { ChannelCall, Handlers, Output } from '../call.ts';
import { absent, badRequest, errorCode, isFailure, type Failure } from '../failure.ts';
import { optionalText, text, texts } from '../input.ts';
import { join, shapeRefusal } from '../joining.ts';
import { listing } from '../page.ts';
import { mayAdd, roleFailure, typeOf } from '../permissions.ts';
import { isModerator } from '../roles.ts';
import { membershipKey, membershipsOf, removeMemberships, type Membership } from '../state.ts';
import { identityView, membershipView } from '../views.ts';

function create(call: ChannelCall): Output | Failure {
  const target = text(call.input, 'MemberArn');
  const wish = { target, type: typeOf(call), subChannelId: optionalText(call.input, 'SubChannelId') };
  const added = shapeRefusal(call, wish) ?? join(call, wish);
  if (isFailure(added)) return added;
  return {
    ChannelArn: call.channel.arn,
    Member: identityView(call.instance, target),
    SubChannelId: added.subChannelId,
  };
}

function addItem(call: ChannelCall, target: string): Membership | Failure {
  const wish = { target, type: typeOf(call), subChannelId: optionalText(call.input, 'SubChannelId') };
  if (!mayAdd(call, target, wish.type)) return roleFailure(call);
  return shapeRefusal(call, wish) ?? join(call, wish);
}

// Conflict is not modelled for the whole call, so everything that concerns one member is reported per item;
// only a bearer that may add nobody of the list is refused as a whole.
function batchCreate(call: ChannelCall): Output | Failure {
  const { input, instance, channel, bearer } = call;
  const targets = texts(input, 'MemberArns');
  if (!targets.some((target) => mayAdd(call, target, typeOf(call)))) return roleFailure(call);
  const results = targets.map((target) => ({ target, result: addItem(call, target) }));
  return {
    BatchChannelMemberships: {
      InvitedBy: identityView(instance, bearer),
      Type: typeOf(call),
      Members: results.flatMap(({ target, result }) => (isFailure(result) ? [] : [identityView(instance, target)])),
      ChannelArn: channel.arn,
      SubChannelId: optionalText(input, 'SubChannelId'),
    },
    Errors: results.flatMap(({ target, result }) =>
      isFailure(result)
        ? [{ MemberArn: target, ErrorCode: errorCode(result.exception), ErrorMessage: result.message }]
        : [],
    ),
  };
}

function subChannelRefusal(call: ChannelCall): Failure | undefined {
  const id = optionalText(call.input, 'SubChannelId');
  if (id === undefined) return undefined;
  if (!call.channel.elastic) return badRequest('SubChannelId is only accepted on elastic channels');
  return call.channel.subChannels.includes(id) ? undefined : absent(call.operation, `SubChannel ${id} does not exist`);
}

function describe(call: ChannelCall): Output | Failure {
  const { channel, input, instance } = call;
  const refusal = subChannelRefusal(call);
  if (refusal) return refusal;
  const target = text(input, 'MemberArn');
  const wanted = optionalText(input, 'SubChannelId');
  const membership = membershipsOf(channel, target).find(
    (each) => wanted === undefined || each.subChannelId === wanted,
  );
  if (!membership) return absent(call.operation, `${target} is not a member of the channel`);
  return { ChannelMembership: membershipView(instance, channel, membership) };
}

function list(call: ChannelCall): Output | Failure {
  const { channel, input, instance } = call;
  const refusal = subChannelRefusal(call);
  if (refusal) return refusal;
  const type = typeOf(call);
  if (channel.elastic && type === 'HIDDEN') return badRequest('Type HIDDEN is not supported by elastic channels');
  const wanted = optionalText(input, 'SubChannelId');
  return listing(call, {
    key: 'ChannelMemberships',
    items: [...channel.memberships.values()].filter(
      (each) => each.type === type && (wanted === undefined || each.subChannelId === wanted),
    ),
    view: ({ arn }) => ({ Member: identityView(instance, arn) }),
    extra: { ChannelArn: channel.arn },
  });
}

function remove(call: ChannelCall): Output | Failure {
  const { channel, input } = call;
  const refusal = subChannelRefusal(call);
  if (refusal) return refusal;
  const target = text(input, 'MemberArn');
  const wanted = optionalText(input, 'SubChannelId');
  if (wanted === undefined) {
    removeMemberships(channel, target);
  } else if (isModerator(channel, target)) {
    channel.memberships.delete(membershipKey(target, wanted));
  } else {
    return badRequest('SubChannelId is only accepted for the membership of a moderator');
  }
  return {};
}

export const membershipHandlers: Handlers<ChannelCall> = {
  CreateChannelMembership: create,
  BatchCreateChannelMembership: batchCreate,
  DescribeChannelMembership: describe,
  ListChannelMemberships: list,
  DeleteChannelMembership: remove,
};
