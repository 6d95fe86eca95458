import { arnShape, parseArn } from './arn.ts';
import type { FieldIssue } from './bounds.ts';

export type { FieldIssue };

const CHANNEL = arnShape('channel');
const MEMBER = arnShape('user|bot');

/** What is accepted, a line for each field. */
export const ACCEPTED_IN_REQUEST: Readonly<Record<string, string>> = {
  channelArn: `a channel ARN, ${CHANNEL}`,
  memberArn: `the ARN of a user or bot, ${MEMBER}`,
  type: 'DEFAULT or HIDDEN',
  subChannelId: '1 to 128 characters of A-Z a-z 0-9 - _',
  chimeBearer: `the ARN of a user or bot, ${MEMBER}: the requester or a service bearer`,
  requestedBy: `the ARN of a user or bot, ${MEMBER}`,
  reason: 'a text of 1 to 1024 characters',
  term: 'how long the membership lasts, such as 8h or 90d',
};

export const MEMBERSHIP_TYPES = ['DEFAULT', 'HIDDEN'] as const;
export type MembershipType = (typeof MEMBERSHIP_TYPES)[number];

/**
 * What is asked: let `memberArn` into `channelArn`. `requestedBy` asks (default: the member), and policies judge its role;
 * `chimeBearer` makes the call, when it is given; `term` is how long the membership lasts, from when it is there.
 */
export interface JoinRequest {
  readonly channelArn: string;
  readonly memberArn: string;
  readonly type: MembershipType;
  readonly subChannelId?: string;
  readonly chimeBearer?: string;
  readonly requestedBy: string;
  readonly reason?: string;
  readonly term?: string;
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; issues: FieldIssue[] };

/** Those who are not of the channel's app instance. */
export function foreignFields(
  request: Pick<JoinRequest, 'channelArn' | 'memberArn' | 'chimeBearer'> & Partial<JoinRequest>,
): FieldIssue[] {
  const home = parseArn(request.channelArn)?.appInstanceArn ?? '';
  return (['memberArn', 'requestedBy', 'chimeBearer'] as const)
    .filter((field) => request[field] !== undefined && parseArn(request[field])?.appInstanceArn !== home)
    .map((field) => ({
      field,
      message: `${field} belongs to another app instance than the channel`,
      accepted: `an ARN that begins with ${home}/`,
    }));
}

/** What is wrong with one field of a request, or with all of it (`field` is empty). */
export function requestIssue(field: string, input: unknown): FieldIssue {
  const all = Object.keys(ACCEPTED_IN_REQUEST).join(', ');
  if (field === '') return { field: 'request', message: 'a request is an object', accepted: all };
  const accepted = ACCEPTED_IN_REQUEST[field];
  if (accepted === undefined) return { field, message: `unknown field ${field}`, accepted: all };
  return { field, message: `${field} ${describe(field, input)}`, accepted };
}

function describe(field: string, input: unknown): string {
  const value = (input as Record<string, unknown>)[field];
  if (value === undefined) return 'is missing';
  if (typeof value !== 'string') return `is not a text but ${value === null ? 'null' : typeof value}`;
  const kind = parseArn(value)?.kind;
  if (kind && field.endsWith('Arn')) return `is the ARN of a ${kind}`;
  return `is not valid: ${JSON.stringify(value.slice(0, 200))}`;
}

/** Everyone who may never review this request: who asks, who joins and who makes the call; and who asks for a longer term. */
export function parties(request: JoinRequest, askedBy: string = request.requestedBy): string[] {
  const { requestedBy, chimeBearer = requestedBy } = request;
  return [...new Set([requestedBy, request.memberArn, chimeBearer, askedBy])];
}
