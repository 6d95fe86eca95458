import { z } from 'zod';
import type * as domain from '../domain/requirement.ts';
import { Duration, schemaOf, UserArn } from './fields.ts';

export const RoleName = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9_]*(\.[a-z][a-zA-Z0-9]*)*$/, 'channel_moderator, app_instance_admin or the name of a fact');

export const Approvers = schemaOf<domain.Approvers>()(
  z
    .strictObject({
      users: z.array(UserArn).min(1).max(50).exactOptional(),
      roles: z
        .array(RoleName)
        .min(1)
        .max(20)
        .refine((roles) => new Set(roles).size === roles.length, 'each role once')
        .exactOptional(),
      expression: z.string().min(1).max(4096).exactOptional(),
      exclude: z.array(UserArn).min(1).max(50).exactOptional(),
    })
    .refine(({ users, roles, expression }) => Boolean(users ?? roles ?? expression), 'users, roles or an expression'),
);

const Count = z.number().int().min(1).max(100);

const Threshold = z.strictObject({ approve: Count, deny: Count.default(1), approvers: Approvers.exactOptional() });

const TimedAction = z.discriminatedUnion('do', [
  z.strictObject({ at: Duration, do: z.literal('remind') }),
  z.strictObject({ at: Duration, do: z.literal('escalate'), to: Approvers, instead: z.boolean().default(false) }),
  z.strictObject({ at: Duration, do: z.literal('deny') }),
  z.strictObject({ at: Duration, do: z.literal('approve') }),
  z.strictObject({ at: Duration, do: z.literal('extend'), by: Duration }),
]);

export const Stage = schemaOf<domain.Stage>()(
  z.strictObject({
    name: z
      .string()
      .regex(/^[\w .-]{1,64}$/)
      .default('review'),
    approvers: Approvers,
    anyOf: z.array(Threshold).min(1).max(10),
    fallback: Approvers.exactOptional(),
    outcomeIfNoApprovers: z.enum(['deny', 'approve']).default('deny'),
    dueIn: Duration.exactOptional(),
    timedActions: z.array(TimedAction).max(20).default([]),
    justification: z.enum(['required', 'optional']).default('optional'),
  }),
);

/** Names of bindings, as `Requirement.distinctFrom` has them. */
export const DistinctFrom = z
  .array(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'the name of a binding'))
  .min(1)
  .max(20)
  .refine((names) => new Set(names).size === names.length, 'each binding once');

const Staged = schemaOf<domain.Requirement>()(
  z.strictObject({ stages: z.array(Stage).min(1).max(10), distinctFrom: DistinctFrom.exactOptional() }),
);

/** The short form: `approve` approvals by these people, and one denial ends it. */
const Short = z.strictObject({ approvers: Approvers, approve: Count, distinctFrom: DistinctFrom.exactOptional() });

/** Stages, or the short form for one stage. */
export const Requirement = z.union([
  Staged,
  Short.transform(({ approvers, approve, ...distinct }): domain.Requirement => {
    return Staged.parse({ stages: [{ approvers, anyOf: [{ approve }] }], ...distinct });
  }),
]);
export type Requirement = domain.Requirement;
/** A requirement as a policy writes it. */
export type RequirementInput = z.input<typeof Requirement>;
