import { z } from 'zod';
import { arnShape, parseArn } from './arn.ts';
import { boundsIssue, fewIssues } from './bounds.ts';
import type { FieldIssue } from './bounds.ts';
import { Duration } from './duration.ts';

export type { FieldIssue };

const CHANNEL = arnShape('channel');
const MEMBER = arnShape('user|bot');

const channelArn = z.string().refine((text) => parseArn(text)?.kind === 'channel');
const memberArn = z.string().refine((text) => ['user', 'bot'].includes(parseArn(text)?.kind ?? ''));

export const JoinFields = z.strictObject({
  channelArn,
  memberArn,
  type: z.enum(['DEFAULT', 'HIDDEN']).default('DEFAULT'),
  subChannelId: z
    .string()
    .regex(/^[-_a-zA-Z0-9]{1,128}$/)
    .exactOptional(),
  chimeBearer: memberArn.exactOptional(),
  requestedBy: memberArn.exactOptional(),
  reason: z.string().min(1).max(1024).exactOptional(),
  term: Duration.exactOptional(),
});

/** What is accepted, a line for each field. */
const accepted: Record<string, string> = {
  channelArn: `a channel ARN, ${CHANNEL}`,
  memberArn: `the ARN of a user or bot, ${MEMBER}`,
  type: 'DEFAULT or HIDDEN',
  subChannelId: '1 to 128 characters of A-Z a-z 0-9 - _',
  chimeBearer: `the ARN of a user or bot, ${MEMBER}: the requester or a service bearer`,
  requestedBy: `the ARN of a user or bot, ${MEMBER}`,
  reason: 'a text of 1 to 1024 characters',
  term: 'how long the membership lasts, such as 8h or 90d',
};

/**
 * What is asked: let `memberArn` into `channelArn`. `requestedBy` asks (default: the member), and policies judge its role;
 * `chimeBearer` makes the call, when it is given; `term` is how long the membership lasts, from when it is there.
 */
export type JoinRequest = Omit<z.output<typeof JoinFields>, 'requestedBy'> & { requestedBy: string };
export type MembershipType = JoinRequest['type'];

export type Parsed<T> = { ok: true; value: T } | { ok: false; issues: FieldIssue[] };

/** Checks a request of unknown origin: a bad one gives every field that is wrong, and never throws. */
export function parseJoinRequest(input: unknown): Parsed<JoinRequest> {
  const tooBig = boundsIssue(input, 'request');
  if (tooBig) return { ok: false, issues: [tooBig] };
  const parsed = JoinFields.safeParse(input);
  if (!parsed.success) {
    return { ok: false, issues: fewIssues(parsed.error.issues.flatMap((issue) => toIssues(issue, input))) };
  }
  const request = { ...parsed.data, requestedBy: parsed.data.requestedBy ?? parsed.data.memberArn };
  const issues = foreignFields(parsed.data);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: request };
}

function foreignFields(request: z.output<typeof JoinFields>): FieldIssue[] {
  const home = parseArn(request.channelArn)?.appInstanceArn ?? '';
  return (['memberArn', 'requestedBy', 'chimeBearer'] as const)
    .filter((field) => request[field] !== undefined && parseArn(request[field])?.appInstanceArn !== home)
    .map((field) => ({
      field,
      message: `${field} belongs to another app instance than the channel`,
      accepted: `an ARN that begins with ${home}/`,
    }));
}

function toIssues(issue: z.core.$ZodIssue, input: unknown): FieldIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(accepted).join(', ');
    return issue.keys.map((field) => ({ field, message: `unknown field ${field}`, accepted: known }));
  }
  const field = issue.path.join('.');
  if (field === '') {
    return [{ field: 'request', message: 'a request is an object', accepted: Object.keys(accepted).join(', ') }];
  }
  return [{ field, message: `${field} ${describe(field, input)}`, accepted: accepted[field] ?? issue.message }];
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
