import type { MembershipType } from './request.ts';
import type { Candidate, ChimeRole } from './requirement.ts';

/** What someone is on a channel. A HIDDEN member and a bot without office count as outsiders. */
export type Role = 'admin' | 'moderator' | 'member' | 'outsider';

export interface Channel {
  readonly privacy: 'PUBLIC' | 'PRIVATE';
  readonly mode: 'RESTRICTED' | 'UNRESTRICTED';
  readonly elastic: boolean;
}

export interface Membership {
  readonly type: MembershipType;
  /** The member's name, where Chime knows one. */
  readonly name?: string;
  readonly invitedBy?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly subChannelId?: string;
}

/** How many users of each role could review a request, and who they are. */
export type Eligible = Readonly<Record<ChimeRole | 'total', number>> & { readonly people?: readonly Candidate[] };

/** Another request for the same member and channel: no people, and no reasons. All times are ISO 8601. */
export interface OtherRequest {
  readonly requestedAt: string;
  readonly closedAt: string | null;
  readonly state: string;
  readonly outcome: string | null;
}

/**
 * Other requests for the same member and channel, whoever asks, as Temporal's visibility has them by now: it is eventually
 * consistent. Denials are those by people or time, and all of this very asker but those for being asked again.
 */
export interface History {
  /** Evaluating, pending, granting or in an incident now. */
  readonly open: number;
  /** Of those, how many were asked for before this one: by time, then by id. */
  readonly openBefore: number;
  readonly denied: number;
  readonly lastDeniedAt: string | null;
  /** The same of what this very asker asked for. */
  readonly lastOwnDeniedAt: string | null;
  /** Whether this request itself could be seen there: if so, those before it can, too. */
  readonly isListed: boolean;
  /** The newest. */
  readonly requests: readonly OtherRequest[];
}

/** Every fact a policy may ask for, by name. */
export interface FactValues {
  channel: Channel;
  'requester.role': Role;
  'requester.ban': boolean;
  /** Role of the explicit `chimeBearer`; `null` when the request names none. */
  'bearer.role': Role | null;
  'member.membership': Membership | null;
  'member.moderator': boolean;
  'member.ban': boolean;
  /** ARNs of the channel's moderators. */
  moderators: readonly string[];
  /** ARNs of the app instance's admins. */
  admins: readonly string[];
  /** Who could review this request, by number and, where it was read, by name; its own parties are left out. */
  approvers: Eligible;
  history: History;
}

/** More people than these are not told by name: a list of CEL may not be longer. */
const MAX_PEOPLE = 1_000;

/** Who could review, from the rosters without the parties of the request. */
export function eligibleOf(moderators: readonly string[], admins: readonly string[]): Eligible {
  const arns = [...new Set([...moderators, ...admins])];
  const people = arns.slice(0, MAX_PEOPLE).map((arn): Candidate => {
    const roles = [
      ...(moderators.includes(arn) ? ['channel_moderator'] : []),
      ...(admins.includes(arn) ? ['app_instance_admin'] : []),
    ];
    return { arn, roles, matched: [] };
  });
  return { channel_moderator: moderators.length, app_instance_admin: admins.length, total: arns.length, people };
}

/** The facts that the host itself can read. Policies may bring others of their own. */
export type FactName = keyof FactValues;

/** Their names; a test compares them with where they are read. */
export const FACT_NAMES = [
  'channel',
  'requester.role',
  'requester.ban',
  'bearer.role',
  'member.membership',
  'member.moderator',
  'member.ban',
  'moderators',
  'admins',
  'approvers',
  'history',
] as const satisfies readonly FactName[];

/** Those that Chime tells. */
export type ChimeFactName = Exclude<FactName, 'history'>;

export function isChimeFact(name: string): name is ChimeFactName {
  return isHostFact(name) && name !== 'history';
}

export function isHostFact(name: string): name is FactName {
  return (FACT_NAMES as readonly string[]).includes(name);
}

/** A fact with where it came from and when it was read (ISO 8601), as it stands in the history. */
export interface Fact<T> {
  readonly value: T;
  readonly source: string;
  readonly readAt: string;
  /** Why it could not be read; then `value` means nothing. Only facts of a policy's own can fail alone. */
  readonly error?: string;
}

export type Facts = { readonly [N in FactName]?: Fact<FactValues[N]> } & {
  readonly [own: string]: Fact<unknown> | undefined;
};

/** Facts as they are recorded where a panel keeps its own list of who could review. */
export function withoutPeople({ approvers, ...facts }: Facts): Facts {
  if (!approvers) return facts;
  const { people: _, ...value } = approvers.value;
  return { ...facts, approvers: { ...approvers, value } };
}

/**
 * Whether Chime lets `role` make the call itself (chime.md §3.3). A public self-join counts as allowed: the service's
 * pages contradict each other there.
 */
export function mayCreateMembership(role: Role, self: boolean, type: MembershipType, channel: Channel): boolean {
  if (inOffice(role)) return true;
  if (type === 'HIDDEN') return false;
  if (role === 'member') return self || isUnrestricted(channel);
  return self && channel.privacy === 'PUBLIC';
}

/** Moderators of the channel and admins of the app instance. */
export function inOffice(role: Role | null | undefined): boolean {
  return role === 'admin' || role === 'moderator';
}

/** Elastic channels cannot be UNRESTRICTED, whatever the field says. */
export function isUnrestricted(channel: Channel): boolean {
  return channel.mode === 'UNRESTRICTED' && !channel.elastic;
}
