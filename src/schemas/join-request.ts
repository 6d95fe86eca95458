import { z } from 'zod';
import { boundsIssue, fewIssues } from '../domain/bounds.ts';
import type { FieldIssue } from '../domain/bounds.ts';
import type { JoinCommand } from '../domain/commands.ts';
import { foreignFields, MEMBERSHIP_TYPES, requestIssue } from '../domain/request.ts';
import type { JoinRequest, Parsed } from '../domain/request.ts';
import { Actor, ChannelArn, Duration, schemaOf, UserOrBotArn } from './fields.ts';

/** A request as it may be written: who asks is the member, and the type DEFAULT, where nothing else is said. */
export const JoinFields = schemaOf<Omit<JoinRequest, 'requestedBy'> & { readonly requestedBy?: string }>()(
  z.strictObject({
    channelArn: ChannelArn,
    memberArn: UserOrBotArn,
    type: z.enum(MEMBERSHIP_TYPES).default('DEFAULT'),
    subChannelId: z
      .string()
      .regex(/^[-_a-zA-Z0-9]{1,128}$/)
      .exactOptional(),
    chimeBearer: UserOrBotArn.exactOptional(),
    requestedBy: UserOrBotArn.exactOptional(),
    reason: z.string().min(1).max(1024).exactOptional(),
    term: Duration.exactOptional(),
  }),
);

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

function toIssues(issue: z.core.$ZodIssue, input: unknown): FieldIssue[] {
  const fields = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];
  return fields.map((field) => requestIssue(field, input));
}

/** Checks what a request starts with: the fields of the request, and beside them `actor`. */
export function parseJoinCommand(input: unknown): Parsed<JoinCommand> {
  const tooBig = boundsIssue(input, 'request');
  if (tooBig) return { ok: false, issues: [tooBig] };
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  const { actor, ...fields } = (isObject ? input : {}) as { actor?: unknown };
  const request = parseJoinRequest(isObject ? fields : input);
  const parsedActor = actor === undefined ? undefined : Actor.safeParse(actor);
  const actorIssues =
    parsedActor?.success === false
      ? [{ field: 'actor', message: 'actor is not valid', accepted: '{ principal, assertion? }' }]
      : [];
  if (!request.ok) return { ok: false, issues: [...request.issues, ...actorIssues] };
  if (actorIssues.length > 0) return { ok: false, issues: actorIssues };
  if (parsedActor?.success && parsedActor.data.principal !== request.value.requestedBy) {
    const message = 'actor.principal is not who asks';
    return { ok: false, issues: [{ field: 'actor.principal', message, accepted: request.value.requestedBy }] };
  }
  return { ok: true, value: { request: request.value, ...(parsedActor?.success ? { actor: parsedActor.data } : {}) } };
}
