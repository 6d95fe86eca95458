import { idOf, parseArn } from './arns.ts';
import type { Seed, SeedChannel, SeedInstance, SeedMark } from './seed-schema.ts';
import type { AppInstance, Channel, Mark, Membership, Person, State } from './state.ts';

type Verbatim = NonNullable<SeedChannel['expirationSettings']>;

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function reference(arn: string): string {
  return parseArn(arn)?.kind === 'bot' ? `bot/${idOf(arn)}` : idOf(arn);
}

// Who made something may have been deleted since; a seed cannot name people it does not hold.
function survivor(instance: AppInstance, arn: string | undefined): string | undefined {
  return arn !== undefined && instance.people.has(arn) ? reference(arn) : undefined;
}

interface Common {
  readonly arn: string;
  readonly name: string;
  readonly metadata: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly token: string | undefined;
}

function common({ arn, name, metadata, createdAt, updatedAt, token }: Common) {
  return {
    id: idOf(arn),
    name,
    metadata,
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
    clientRequestToken: token,
  };
}

function savedInstance(instance: AppInstance): SeedInstance {
  const of = (kind: Person['kind']) => [...instance.people.values()].filter((person) => person.kind === kind);
  return {
    ...common(instance),
    users: of('user').map(common),
    bots: of('bot').map((bot) => ({ ...common(bot), configuration: bot.configuration as Verbatim | undefined })),
    admins: [...instance.admins].map(([arn, createdAt]) => ({ id: reference(arn), createdAt: iso(createdAt) })),
  };
}

function savedMarks(instance: AppInstance, marks: Map<string, Mark>): SeedMark[] {
  return [...marks].map(([arn, { createdAt, createdBy }]) => ({
    id: reference(arn),
    createdAt: iso(createdAt),
    createdBy: survivor(instance, createdBy),
  }));
}

function savedMembership(instance: AppInstance, membership: Membership) {
  return {
    id: reference(membership.arn),
    type: membership.type,
    invitedBy: survivor(instance, membership.invitedBy),
    createdAt: iso(membership.createdAt),
    subChannelId: membership.subChannelId,
    preferences: membership.preferences as Verbatim | undefined,
  };
}

function savedChannel(instance: AppInstance, channel: Channel): SeedChannel {
  return {
    appInstance: idOf(instance.arn),
    ...common(channel),
    privacy: channel.privacy,
    mode: channel.mode,
    elastic: channel.elastic && { ...channel.elastic },
    subChannels: channel.elastic && [...channel.subChannels],
    expirationSettings: channel.expiration as Verbatim | undefined,
    createdBy: survivor(instance, channel.createdBy),
    moderators: savedMarks(instance, channel.moderators),
    members: [...channel.memberships.values()].map((each) => savedMembership(instance, each)),
    bans: savedMarks(instance, channel.bans),
  };
}

/** The whole state in the seed format. */
export function saveSeed(state: State): Seed {
  const instances = [...state.values()];
  return {
    appInstances: instances.map(savedInstance),
    channels: instances.flatMap((instance) =>
      [...instance.channels.values()].map((channel) => savedChannel(instance, channel)),
    ),
  };
}
