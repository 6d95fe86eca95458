import type { RequestView } from './view.ts';

/** The membership that this system made, so that it can be told from any other. All times are ISO 8601. */
export interface GrantRecord {
  readonly type: 'DEFAULT' | 'HIDDEN';
  readonly invitedBy?: string;
  /** When Chime made it, where Chime was asked. */
  readonly createdAt?: string;
  /** Else from when to when our call can have made it; without an end, at any time since. */
  readonly since?: string;
  readonly until?: string;
}

export interface FoundMembership {
  readonly type: string;
  readonly invitedBy?: string;
  readonly createdAt?: string;
}

/** A clock of ours and one of Chime may differ by so much, in ms. */
export const CLOCK_TOLERANCE_MS = 5_000;

/**
 * Whether a membership is the one of a grant: the same type, made by the same bearer, at the same moment. Somebody may have
 * removed ours and added the member again. Without a moment to go by, nothing is ours.
 */
export function isOurs(found: FoundMembership, { type, invitedBy, createdAt, since, until }: GrantRecord): boolean {
  if (found.type !== type || (invitedBy !== undefined && found.invitedBy !== invitedBy)) return false;
  if (createdAt !== undefined) return found.createdAt === createdAt;
  if (since === undefined) return false;
  const at = Date.parse(found.createdAt ?? '');
  const last = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  return at >= Date.parse(since) - CLOCK_TOLERANCE_MS && at <= last + CLOCK_TOLERANCE_MS;
}

/**
 * What tells the membership of a request from any other, also where a call was under way when nobody could record its
 * answer; `undefined`: it made none that is left. `endedAt`: when its last run was ended from outside, if it was.
 */
export function grantOf(view: RequestView, endedAt?: Date): GrantRecord | undefined {
  const { grant, calledSince, bearer, outcome, request } = view;
  // What it made has been ended, or was there before.
  if (outcome === 'revoked' || outcome === 'alreadyMember') return undefined;
  if (grant) return grant;
  if (calledSince === undefined || bearer === undefined) return undefined;
  const closedAt = endedAt ?? (view.closedAt === undefined ? undefined : new Date(view.closedAt));
  const until = closedAt && new Date(closedAt.getTime() + LAST_ATTEMPT_MS).toISOString();
  return { type: request.type, invitedBy: bearer, since: calledSince, ...(until === undefined ? {} : { until }) };
}

/** An attempt that is under way when a run ends still happens; it takes no longer than this, in ms. */
const LAST_ATTEMPT_MS = 30_000;
