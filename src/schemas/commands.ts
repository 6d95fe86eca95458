import { z } from 'zod';
import { REVIEW_DECISIONS } from '../domain/approval/panel.ts';
import { boundsIssue, cut } from '../domain/bounds.ts';
import {
  ACCEPTED_IN_COMMAND,
  CHANGES,
  type Amendment as Amended,
  type CommandName,
  type CommandOf,
} from '../domain/commands.ts';
import type { Refusal } from '../domain/refusal.ts';
import { MEMBERSHIP_TYPES } from '../domain/request.ts';
import { Actor, Digest, Duration, GivenAnswers, ReviewId, schemaOf, Why } from './fields.ts';
import { Approvers } from './requirement.ts';

const Amendment = schemaOf<Amended>()(
  z
    .strictObject({
      type: z.enum(MEMBERSHIP_TYPES).exactOptional(),
      subChannelId: z.string().max(128).nullable().exactOptional(),
      chimeBearer: z.string().max(1600).nullable().exactOptional(),
      reason: z.string().max(1024).nullable().exactOptional(),
      term: z.string().max(32).nullable().exactOptional(),
    })
    .refine((changes) => Object.keys(changes).length > 0, 'at least one field'),
);

const common = { actor: Actor };
const Binding = z.string().min(1).max(256);
const Reasoned = z.strictObject({ ...common, reason: Why });

/** Every command about an open request. */
export const COMMANDS = {
  review: z
    .strictObject({
      ...common,
      decision: z.enum(REVIEW_DECISIONS),
      comment: Why.exactOptional(),
      reviewId: ReviewId.exactOptional(),
      requestDigest: Digest.exactOptional(),
    })
    .refine(({ decision, comment }) => decision !== 'comment' || comment !== undefined, {
      path: ['comment'],
      message: 'a comment needs a text',
    }),
  withdraw: z.strictObject(common),
  amend: z.strictObject({ ...common, changes: Amendment }),
  submitInput: z.strictObject({ ...common, binding: Binding, answers: GivenAnswers }),
  override: z.strictObject({
    ...common,
    reason: Why,
    ticket: z.string().min(1).max(128).regex(/\S/, 'it says nothing'),
  }),
  reassign: z.strictObject({ ...common, binding: Binding, to: Approvers, reason: Why }),
  retry: Reasoned,
  abandon: Reasoned,
  extend: z.strictObject({ ...common, by: Duration, reason: Why.exactOptional() }),
  revoke: Reasoned,
  reevaluate: z
    .strictObject({
      policyDigest: z.string().max(64).exactOptional(),
      changed: z.array(z.enum(CHANGES)).min(1).max(4).exactOptional(),
    })
    .refine(({ policyDigest, changed }) => Boolean(policyDigest ?? changed), 'policyDigest or changed'),
} as const satisfies { [N in CommandName]: z.ZodType<CommandOf<N>> };

/** Checks a command of unknown origin. */
export function parseCommand<N extends CommandName>(name: N, input: unknown): CommandOf<N> | Refusal {
  const code = name === 'review' ? 'InvalidReview' : 'InvalidCommand';
  const tooBig = boundsIssue(input, 'command');
  if (tooBig) return { code, ...tooBig };
  const parsed = COMMANDS[name].safeParse(input);
  if (parsed.success) return parsed.data as CommandOf<N>;
  return { code, ...firstIssue(parsed.error), accepted: ACCEPTED_IN_COMMAND[name] };
}

/** What is wrong with a command, in few words: they are recorded, and what came may have been long. */
export function firstIssue({ issues: [issue] }: z.ZodError): { field: string; message: string } {
  const field = cut(issue?.path.join('.') || 'command', 100);
  return { field, message: `${field}: ${cut(issue?.message ?? 'not valid', 300)}` };
}
