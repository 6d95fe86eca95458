import type { MembershipType } from './request.ts';

/** What someone is on a channel. A HIDDEN member and a bot without office count as outsiders. */
export type Role = 'admin' | 'moderator' | 'member' | 'outsider';

/** Whose approval a requirement asks for. */
export type ApproverRole = 'channel_moderator' | 'app_instance_admin';

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
  /** How many users of each role could review this request; its own parties are not counted. */
  approvers: Record<ApproverRole | 'total', number>;
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
] as const satisfies readonly FactName[];

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
