import { childArn, instanceArn } from './arns.ts';
import { assignSubChannel } from './joining.ts';
import { instanceFromSeed } from './seed-people.ts';
import { parseSeed, type SeedChannel, type SeedMark, type SeedMember } from './seed-schema.ts';
import { membershipKey, type AppInstance, type Channel, type ElasticConfiguration, type Mark } from './state.ts';
import type { State } from './state.ts';
import { asEntry, resolver, timeOf, type Resolve } from './seed-references.ts';

type Report = (problem: string) => void;

const defaultElastic: ElasticConfiguration = {
  MaximumSubChannels: 10,
  TargetMembershipsPerSubChannel: 100,
  MinimumMembershipPercentage: 40,
};

function marks(list: SeedChannel['moderators'], creator: string | undefined, resolve: Resolve): Map<string, Mark> {
  const pairs = (list ?? []).map((value, index): [string, Mark] => {
    const { id, createdAt, createdBy } = asEntry<SeedMark>(value);
    const by = createdBy === undefined ? creator : resolve(createdBy, `[${index}].createdBy`);
    return [resolve(id, `[${index}]`), { createdAt: timeOf(createdAt), createdBy: by }];
  });
  return new Map(pairs);
}

function emptyChannel(arn: string, seed: SeedChannel, createdBy: string | undefined): Channel {
  const elastic = seed.elastic === true ? defaultElastic : seed.elastic || undefined;
  const createdAt = timeOf(seed.createdAt);
  return {
    arn,
    name: seed.name ?? seed.id,
    mode: seed.mode ?? 'RESTRICTED',
    privacy: seed.privacy ?? 'PUBLIC',
    metadata: seed.metadata,
    expiration: seed.expirationSettings,
    token: seed.clientRequestToken,
    elastic,
    createdBy,
    createdAt,
    updatedAt: seed.updatedAt === undefined ? createdAt : timeOf(seed.updatedAt),
    moderators: new Map(),
    bans: new Map(),
    memberships: new Map(),
    subChannels: elastic ? [...(seed.subChannels ?? [`${seed.id}-1`])] : [],
    messages: [],
  };
}

function fits({ elastic, subChannels }: Channel, place: string | undefined): boolean {
  return elastic ? place !== undefined && subChannels.includes(place) : place === undefined;
}

function addMembers(channel: Channel, members: SeedChannel['members'], resolve: Resolve, report: Report): void {
  for (const [index, value] of (members ?? []).entries()) {
    const { id, type, invitedBy, createdAt, subChannelId, preferences } = asEntry<SeedMember>(value);
    const arn = resolve(id, `[${index}]`);
    const place = subChannelId ?? assignSubChannel(channel);
    if (!fits(channel, place)) report(`.members[${index}].subChannelId: no such SubChannel, or no room in any`);
    channel.memberships.set(membershipKey(arn, place), {
      arn,
      type: type ?? 'DEFAULT',
      invitedBy: invitedBy === undefined ? (channel.createdBy ?? arn) : resolve(invitedBy, `[${index}].invitedBy`),
      createdAt: timeOf(createdAt),
      subChannelId: place,
      preferences,
    });
  }
}

function channelFromSeed(instance: AppInstance, seed: SeedChannel, path: string, problems: string[]): Channel {
  const resolve = (list: string) => resolver(instance, `${path}${list}`, problems);
  const arn = childArn(instance.arn, 'channel', seed.id);
  const creator = seed.createdBy === undefined ? undefined : resolve('')(seed.createdBy, '.createdBy');
  const channel = emptyChannel(arn, seed, creator);
  for (const [key, mark] of marks(seed.moderators, creator, resolve('.moderators'))) channel.moderators.set(key, mark);
  for (const [key, mark] of marks(seed.bans, creator, resolve('.bans'))) channel.bans.set(key, mark);
  addMembers(channel, seed.members, resolve('.members'), (problem) => problems.push(`${path}${problem}`));
  return channel;
}

/** Builds the state a seed describes, or says everything that is wrong with it. */
export function loadSeed(value: unknown): { state: State } | { problems: string[] } {
  const parsed = parseSeed(value);
  if ('problems' in parsed) return parsed;
  const problems: string[] = [];
  const state: State = new Map();
  for (const [index, seed] of parsed.seed.appInstances.entries()) {
    const path = `appInstances[${index}]`;
    if (state.has(instanceArn(seed.id))) problems.push(`${path}.id: "${seed.id}" is used twice`);
    state.set(instanceArn(seed.id), instanceFromSeed(seed, path, problems));
  }
  for (const [index, seed] of (parsed.seed.channels ?? []).entries()) {
    const path = `channels[${index}]`;
    const instance = state.get(instanceArn(seed.appInstance));
    if (!instance) {
      problems.push(`${path}.appInstance: no app instance "${seed.appInstance}" among appInstances`);
      continue;
    }
    const channel = channelFromSeed(instance, seed, path, problems);
    if (instance.channels.has(channel.arn)) problems.push(`${path}.id: "${seed.id}" is used twice`);
    instance.channels.set(channel.arn, channel);
  }
  return problems.length > 0 ? { problems } : { state };
}
