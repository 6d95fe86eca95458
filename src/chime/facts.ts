import { LRUCache } from 'lru-cache';
import { isUser, parseArn } from '../domain/arn.ts';
import {
  eligibleOf,
  type Channel,
  type ChimeFactName,
  type Eligible,
  type Fact,
  type Facts,
  type FactValues,
  type Role,
} from '../domain/facts.ts';
import { parties, type JoinRequest } from '../domain/request.ts';
import type { ChimeRole } from '../domain/requirement.ts';
import type { ChimeReads, ReadScope } from './reads.ts';

/** Of what Chime can tell, that of which facts are made. */
export type FactReads = Omit<ChimeReads, 'madeMembership' | 'members' | 'nameOf'>;

export interface FactReader {
  /** Reads the named facts side by side, each once, with the service bearer. Throws the SDK's errors. */
  read(request: JoinRequest, names: readonly ChimeFactName[], scope: ReadScope): Promise<Facts>;
  /** The same in steps: whatever is asked for, and however often, each call to Chime is made once. */
  open(request: JoinRequest, scope: ReadScope, how?: ReadHow): (names: readonly ChimeFactName[]) => Promise<Facts>;
  /** The offices that someone holds on the channel at this moment, never from a cache. */
  offices(arn: string, scope: ReadScope): Promise<ChimeRole[]>;
  /** Whether someone is an admin of their app instance at this moment, never from a cache. */
  isAdmin(arn: string, signal?: AbortSignal): Promise<boolean>;
}

export interface ReadHow {
  /** Who asks, where that is not the requester: then it is their role and ban that count. */
  readonly askedBy?: string | undefined;
  /** Nothing that is remembered is used. */
  readonly fresh?: boolean | undefined;
}

/** Reads facts from Chime. `ttlMs`: how long a channel's settings and the rosters may be remembered; 0 turns it off. */
export function createFactReader(reads: FactReads, ttlMs: number): FactReader {
  const remembered = rememberFor(reads, ttlMs);
  const open: FactReader['open'] = (request, scope, { askedBy = request.requestedBy, fresh = false } = {}) => {
    const sources = providers(request, askedBy, scope, onceEach(fresh ? reads : remembered));
    return async (names) => {
      const entries = names.map(async (name) => [name, await toFact<unknown>(sources[name])] as const);
      return Object.fromEntries(await Promise.all(entries)) as Facts;
    };
  };
  return {
    open,
    read: (request, names, scope) => open(request, scope)(names),
    async isAdmin(arn, signal) {
      return (await reads.admins(parseArn(arn)?.appInstanceArn ?? arn, signal)).includes(arn);
    },
    async offices(arn, scope) {
      const [moderator, admins] = await Promise.all([
        reads.isModerator(scope, arn),
        reads.admins(appInstanceOf(scope), scope.signal),
      ]);
      return [
        ...(moderator ? ['channel_moderator' as const] : []),
        ...(admins.includes(arn) ? ['app_instance_admin' as const] : []),
      ];
    },
  };
}

/** When a remembered value was read: a record that says "now" would be wrong by up to the time it was remembered. */
const READ_AT = new WeakMap<object, string>();

interface Provider<T> {
  readonly source: string;
  readonly read: () => Promise<T>;
}

const ROLE_SOURCE = 'ListAppInstanceAdmins, DescribeChannelModerator, DescribeChannelMembership';

/** Where each fact comes from. A new fact is a line in FactValues and an entry here. */
function providers(request: JoinRequest, askedBy: string, scope: ReadScope, chime: FactReads) {
  const { memberArn, chimeBearer } = request;
  const table: { [N in ChimeFactName]: Provider<FactValues[N]> } = {
    channel: { source: 'DescribeChannel', read: () => chime.channel(scope) },
    'requester.role': { source: ROLE_SOURCE, read: () => roleOf(askedBy, scope, chime) },
    'requester.ban': { source: 'DescribeChannelBan', read: () => chime.isBanned(scope, askedBy) },
    'bearer.role': {
      source: chimeBearer ? ROLE_SOURCE : 'no chimeBearer in the request',
      read: async () => (chimeBearer ? roleOf(chimeBearer, scope, chime) : null),
    },
    'member.membership': {
      source: 'DescribeChannelMembership',
      read: async () => chime.membership(scope, memberArn, await addressed(request, scope, chime)),
    },
    'member.moderator': { source: 'DescribeChannelModerator', read: () => chime.isModerator(scope, memberArn) },
    'member.ban': { source: 'DescribeChannelBan', read: () => chime.isBanned(scope, memberArn) },
    moderators: { source: 'ListChannelModerators', read: () => chime.moderators(scope) },
    admins: { source: 'ListAppInstanceAdmins', read: () => chime.admins(appInstanceOf(scope), scope.signal) },
    approvers: {
      source: 'ListChannelModerators, ListAppInstanceAdmins',
      read: () => eligible(parties(request, askedBy), scope, chime),
    },
  };
  return table;
}

async function toFact<T>({ source, read }: Provider<T>): Promise<Fact<T>> {
  const value = await read();
  const readAt = (typeof value === 'object' && value && READ_AT.get(value)) || new Date().toISOString();
  return { value, source, readAt };
}

async function roleOf(arn: string, scope: ReadScope, chime: FactReads): Promise<Role> {
  if ((await chime.admins(appInstanceOf(scope), scope.signal)).includes(arn)) return 'admin';
  if (await chime.isModerator(scope, arn)) return 'moderator';
  if (!isUser(arn)) return 'outsider';
  const membership = await chime.membership(scope, arn);
  return membership?.type === 'DEFAULT' ? 'member' : 'outsider';
}

/** Chime refuses a sub-channel where none belongs; whether one does is for a policy to say, not for a failing read. */
async function addressed({ memberArn, subChannelId }: JoinRequest, scope: ReadScope, chime: FactReads) {
  if (subChannelId === undefined || !(await chime.channel(scope)).elastic) return undefined;
  return (await chime.isModerator(scope, memberArn)) ? subChannelId : undefined;
}

async function eligible(excluded: readonly string[], scope: ReadScope, chime: FactReads): Promise<Eligible> {
  const may = (arn: string) => isUser(arn) && !excluded.includes(arn);
  const [moderators, admins] = await Promise.all([
    chime.moderators(scope),
    chime.admins(appInstanceOf(scope), scope.signal),
  ]);
  return eligibleOf(moderators.filter(may), admins.filter(may));
}

function appInstanceOf({ channelArn }: ReadScope): string {
  return parseArn(channelArn)?.appInstanceArn ?? channelArn;
}

/** Channel settings and rosters change rarely and are asked for by every request: they are remembered for a while. */
function rememberFor(reads: FactReads, ttlMs: number): FactReads {
  if (ttlMs === 0) return reads;
  const channels = new LRUCache<string, Channel>({ max: 10_000, ttl: ttlMs });
  const rosters = new LRUCache<string, string[]>({ max: 10_000, ttl: ttlMs });
  return {
    ...reads,
    channel: (scope) => through(channels, scope.channelArn, () => reads.channel(scope)),
    moderators: (scope) => through(rosters, scope.channelArn, () => reads.moderators(scope)),
    admins: (arn, signal) => through(rosters, arn, () => reads.admins(arn, signal)),
  };
}

async function through<T extends object>(cache: LRUCache<string, T>, key: string, read: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const value = await read();
  READ_AT.set(value, new Date().toISOString());
  cache.set(key, value);
  return value;
}

/** Calls are what is scarce: within one evaluation, each is made once. */
function onceEach(reads: FactReads): FactReads {
  const made = new Map<string, Promise<unknown>>();
  const once = <A extends [ReadScope | string, ...unknown[]], R>(name: string, read: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => {
      const key = JSON.stringify([name, ...args.slice(1).filter((arg) => arg !== undefined)]);
      const answer = made.get(key) ?? read(...args);
      made.set(key, answer);
      return answer as Promise<R>;
    };
  };
  return {
    channel: once('channel', reads.channel),
    membership: once('membership', reads.membership),
    isModerator: once('isModerator', reads.isModerator),
    isBanned: once('isBanned', reads.isBanned),
    moderators: once('moderators', reads.moderators),
    admins: once('admins', reads.admins),
  };
}
