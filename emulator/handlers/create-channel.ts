import { randomUUID } from 'node:crypto';
import { childArn } from '../arns.ts';
import type { BearerCall, Output } from '../call.ts';
import { badRequest, conflict, forbidden, limitExceeded, type Failure } from '../failure.ts';
import { optionalText, structure, text, texts, type Input } from '../input.ts';
import { limits } from '../limits.ts';
import { strangerRefusal } from '../people.ts';
import { membershipKey, type Channel, type ElasticConfiguration, type Mode, type Privacy } from '../state.ts';

function elasticOf(input: Input): ElasticConfiguration | undefined {
  return structure(input, 'ElasticChannelConfiguration') as ElasticConfiguration | undefined;
}

function elasticRefusal({ input }: BearerCall, elastic: ElasticConfiguration): Failure | undefined {
  if (optionalText(input, 'Mode') === 'UNRESTRICTED') return badRequest('An elastic channel cannot be UNRESTRICTED');
  if (texts(input, 'MemberArns').length > 0) return badRequest('MemberArns is not accepted for elastic channels');
  const fits =
    elastic.MaximumSubChannels <= limits.subChannelsPerChannel &&
    elastic.TargetMembershipsPerSubChannel <= limits.membershipsPerSubChannel;
  return fits
    ? undefined
    : limitExceeded(
        `An elastic channel has at most ${limits.subChannelsPerChannel} SubChannels of ${limits.membershipsPerSubChannel} memberships`,
      );
}

function peopleRefusal(call: BearerCall): Failure | undefined {
  for (const member of ['MemberArns', 'ModeratorArns']) {
    for (const arn of texts(call.input, member)) {
      const refusal = strangerRefusal(call, member, arn);
      if (refusal) return refusal;
    }
  }
  return undefined;
}

// Mode and Privacy defaults are undocumented; the guide calls a channel created without Privacy public.
function newChannel(call: BearerCall, arn: string): Channel {
  const { input, bearer } = call;
  const now = Date.now();
  const elastic = elasticOf(input);
  const mark = { createdAt: now, createdBy: bearer };
  const members = elastic ? [] : new Set([bearer, ...texts(input, 'MemberArns')]);
  const membership = { type: 'DEFAULT', invitedBy: bearer, createdAt: now } as const;
  return {
    arn,
    name: text(input, 'Name'),
    mode: (optionalText(input, 'Mode') ?? 'RESTRICTED') as Mode,
    privacy: (optionalText(input, 'Privacy') ?? 'PUBLIC') as Privacy,
    metadata: optionalText(input, 'Metadata'),
    expiration: structure(input, 'ExpirationSettings'),
    token: text(input, 'ClientRequestToken'),
    elastic,
    createdBy: bearer,
    createdAt: now,
    updatedAt: now,
    bans: new Map(),
    moderators: new Map([bearer, ...texts(input, 'ModeratorArns')].map((each) => [each, mark])),
    memberships: new Map(
      [...members].map((each) => [
        membershipKey(each, undefined),
        { ...membership, arn: each, subChannelId: undefined, preferences: undefined },
      ]),
    ),
    subChannels: elastic ? [randomUUID()] : [],
    messages: [],
  };
}

/** Creates a channel; a repeat with the same ClientRequestToken by the same bearer returns the first one. */
export function createChannel(call: BearerCall): Output | Failure {
  const { input, instance, bearer } = call;
  if (text(input, 'AppInstanceArn') !== instance.arn) return forbidden(`${bearer} belongs to another app instance`);
  const elastic = elasticOf(input);
  const refusal = (elastic && elasticRefusal(call, elastic)) ?? peopleRefusal(call);
  if (refusal) return refusal;
  const token = text(input, 'ClientRequestToken');
  const earlier = [...instance.channels.values()].find((each) => each.token === token && each.createdBy === bearer);
  if (earlier) return { ChannelArn: earlier.arn };
  const arn = childArn(instance.arn, 'channel', optionalText(input, 'ChannelId') ?? randomUUID());
  if (instance.channels.has(arn)) return conflict(`${arn} already exists`);
  instance.channels.set(arn, newChannel(call, arn));
  return { ChannelArn: arn };
}
