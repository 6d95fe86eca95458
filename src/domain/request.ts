import { arnShape, parseArn } from './arn.ts';
import { boundsIssue, fewIssues, type FieldIssue } from './bounds.ts';
import { arnOf, faultsIn, is, isRecord, oneOf, optional, someText, text, type Fields } from './checks.ts';
import { isDuration } from './duration.ts';

export type { FieldIssue };

const CHANNEL = arnShape('channel');
const MEMBER = arnShape('user|bot');

/** What is accepted, a line for each field. */
const ACCEPTED: Readonly<Record<string, string>> = {
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

/** As it may be written: who asks is the member, and the type DEFAULT, where nothing else is said. */
type Written = Omit<JoinRequest, 'type' | 'requestedBy'> & Partial<JoinRequest>;

export type Parsed<T> = { ok: true; value: T } | { ok: false; issues: FieldIssue[] };

const WHO = arnOf('user', 'bot');

export const REQUEST_FIELDS: Fields<JoinRequest> = {
  channelArn: arnOf('channel'),
  memberArn: WHO,
  type: optional(oneOf(MEMBERSHIP_TYPES)),
  subChannelId: optional(text(128, /^[-_a-zA-Z0-9]+$/)),
  chimeBearer: optional(WHO),
  requestedBy: optional(WHO),
  reason: optional(someText(1_024)),
  term: optional(is((value) => typeof value === 'string' && isDuration(value))),
};

/** Checks a request of unknown origin: a bad one gives every field that is wrong, and never throws. */
export function parseJoinRequest(input: unknown): Parsed<JoinRequest> {
  const tooBig = boundsIssue(input, 'request');
  if (tooBig) return { ok: false, issues: [tooBig] };
  const given = isRecord(input) ? input : {};
  const wrong = isRecord(input) ? faultsIn(given, REQUEST_FIELDS) : [''];
  if (wrong.length > 0) return { ok: false, issues: fewIssues(wrong.map((field) => issueIn(field, given))) };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const fields = Object.fromEntries(said) as unknown as Omit<JoinRequest, 'type' | 'requestedBy'> &
    Partial<JoinRequest>;
  const request = { ...fields, type: fields.type ?? 'DEFAULT', requestedBy: fields.requestedBy ?? fields.memberArn };
  const issues = foreignFields(fields);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: request };
}

function foreignFields(request: Written): FieldIssue[] {
  const home = parseArn(request.channelArn)?.appInstanceArn ?? '';
  return (['memberArn', 'requestedBy', 'chimeBearer'] as const)
    .filter((field) => request[field] !== undefined && parseArn(request[field])?.appInstanceArn !== home)
    .map((field) => ({
      field,
      message: `${field} belongs to another app instance than the channel`,
      accepted: `an ARN that begins with ${home}/`,
    }));
}

function issueIn(field: string, given: Readonly<Record<string, unknown>>): FieldIssue {
  const all = Object.keys(ACCEPTED).join(', ');
  if (field === '') return { field: 'request', message: 'a request is an object', accepted: all };
  const accepted = Object.hasOwn(ACCEPTED, field) ? ACCEPTED[field] : undefined;
  if (accepted === undefined) return { field, message: `unknown field ${field}`, accepted: all };
  return { field, message: `${field} ${describe(field, given[field])}`, accepted };
}

function describe(field: string, value: unknown): string {
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
