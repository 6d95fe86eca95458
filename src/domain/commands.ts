import { z } from 'zod';
import { Actor } from './actor.ts';
import { REVIEW_DECISIONS } from './approval/panel.ts';
import { boundsIssue, cut } from './bounds.ts';
import { Duration } from './duration.ts';
import { isRefusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { parseJoinRequest } from './request.ts';
import type { JoinRequest, Parsed } from './request.ts';
import { Approvers } from './requirement.ts';
import type { RequestView } from './view.ts';

export { isRefusal };
export type { Actor, Refusal };

/** Names of the messages that a request takes; both ends use these. */
/** The type of the workflow that marks an assertion of who asks as used. */
export const USED_ASSERTION = 'usedAssertion';

export const REQUEST_JOIN = 'requestJoin';
export const STATE_QUERY = 'state';
export const PLAN_QUERY = 'plan';
export const WORKFLOW_TYPE = 'joinChannel';

const Why = z.string().min(1).max(1024).regex(/\S/, 'it says nothing');
const Id = z.string().regex(/^[\w.:-]{1,64}$/);
const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What may be changed of an open request; `null` takes a field away. Channel, member and requester are what it is about. */
const Amendment = z
  .strictObject({
    type: z.enum(['DEFAULT', 'HIDDEN']),
    subChannelId: z.string().max(128).nullable(),
    chimeBearer: z.string().max(1600).nullable(),
    reason: z.string().max(1024).nullable(),
    term: z.string().max(32).nullable(),
  })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'at least one field');

const common = { actor: Actor };

/** Every command about an open request: its schema, and what is accepted, for people. */
export const COMMANDS = {
  review: {
    schema: z
      .strictObject({
        ...common,
        decision: z.enum(REVIEW_DECISIONS),
        comment: Why.exactOptional(),
        reviewId: Id.exactOptional(),
        /** `reviewDigest` of the view, as the reviewer saw it; without it the review is about what is under review now. */
        requestDigest: Digest.exactOptional(),
      })
      .refine(({ decision, comment }) => decision !== 'comment' || comment !== undefined, {
        path: ['comment'],
        message: 'a comment needs a text',
      }),
    accepted:
      'actor: { principal, assertion? }, decision: approve, deny, abstain, comment or requestChanges, comment?: 1 to 1024 characters, reviewId?, requestDigest?',
  },
  withdraw: { schema: z.strictObject(common), accepted: 'actor: { principal, assertion? }' },
  amend: {
    schema: z.strictObject({ ...common, changes: Amendment }),
    accepted: 'actor, changes: type?, subChannelId?, chimeBearer?, reason?, term? (null takes one away)',
  },
  submitInput: {
    schema: z.strictObject({
      ...common,
      binding: z.string().min(1).max(256),
      answers: z.record(z.string(), z.unknown()),
    }),
    accepted: 'actor, binding: who asked, answers: an object that fits its schema',
  },
  override: {
    schema: z.strictObject({
      ...common,
      reason: Why,
      ticket: z.string().min(1).max(128).regex(/\S/, 'it says nothing'),
    }),
    accepted: 'actor: an app instance admin, reason: 1 to 1024 characters, ticket: 1 to 128 characters',
  },
  reassign: {
    schema: z.strictObject({ ...common, binding: z.string().min(1).max(256), to: Approvers, reason: Why }),
    accepted:
      'actor: an app instance admin, binding: who asks for approval, to: { users?, roles?, expression? }, reason',
  },
  retry: { schema: z.strictObject({ ...common, reason: Why }), accepted: 'actor: an app instance admin, reason' },
  abandon: { schema: z.strictObject({ ...common, reason: Why }), accepted: 'actor: an app instance admin, reason' },
  extend: {
    schema: z.strictObject({ ...common, by: Duration, reason: Why.exactOptional() }),
    accepted: 'actor, by: a duration such as 30d, reason?',
  },
  revoke: { schema: z.strictObject({ ...common, reason: Why }), accepted: 'actor, reason: 1 to 1024 characters' },
  /** Needs no actor: it gives nobody anything, and facts are read from Chime. */
  reevaluate: {
    schema: z
      .strictObject({
        /** Ask again if another policy set than this one decided. */
        policyDigest: z.string().max(64).exactOptional(),
        /** Ask again since one of these changed. */
        changed: z
          .array(z.enum(['channel', 'ban', 'roster', 'facts']))
          .min(1)
          .max(4)
          .exactOptional(),
      })
      .refine(({ policyDigest, changed }) => Boolean(policyDigest ?? changed), 'policyDigest or changed'),
    accepted: 'policyDigest: of the new policy set, or changed: [channel, ban, roster, facts]',
  },
} as const satisfies Record<string, { schema: z.ZodType; accepted: string }>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];
export type CommandOf<N extends CommandName> = z.output<(typeof COMMANDS)[N]['schema']>;
/** Commands that somebody has to answer for. */
export type ActorCommandName = Exclude<CommandName, 'reevaluate'>;

/** Where a request stands after a command. */
export type CommandResult = Pick<RequestView, 'id' | 'state' | 'outcome' | 'progress' | 'revocation'>;

/** Checks a command of unknown origin. */
export function parseCommand<N extends CommandName>(name: N, input: unknown): CommandOf<N> | Refusal {
  const { schema, accepted } = COMMANDS[name];
  const code = name === 'review' ? 'InvalidReview' : 'InvalidCommand';
  const tooBig = boundsIssue(input, 'command');
  if (tooBig) return { code, ...tooBig };
  const parsed = schema.safeParse(input);
  return parsed.success ? (parsed.data as CommandOf<N>) : { code, ...firstIssue(parsed.error), accepted };
}

/** What is wrong with a command, in few words: they are recorded, and what came may have been long. */
export function firstIssue({ issues: [issue] }: z.ZodError): { field: string; message: string } {
  const field = cut(issue?.path.join('.') || 'command', 100);
  return { field, message: `${field}: ${cut(issue?.message ?? 'not valid', 300)}` };
}

/** A request as it is asked: with the proof of who asks, if there is one. */
export interface JoinCommand {
  readonly request: JoinRequest;
  readonly actor?: Actor;
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
