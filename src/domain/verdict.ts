import { z } from 'zod';
import { Duration } from './duration.ts';
import { ExplainNode } from './explain.ts';

/** Whose approvals are asked for, and how many. One deny by any of them ends the request. */
const Requirement = z.strictObject({
  approvers: z.strictObject({ roles: z.array(z.enum(['channel_moderator', 'app_instance_admin'])).min(1) }),
  approve: z.number().int().min(1).max(100),
});

const common = {
  /** Shown, and counted for nothing. */
  warnings: z.array(z.string().max(1024)).max(20).exactOptional(),
  /** For how long the verdict holds, before it has to be asked for again. */
  validFor: Duration.exactOptional(),
  /** Why, where a policy can say more than its code. */
  explain: ExplainNode.exactOptional(),
};

/** What a policy may answer. The union is closed: anything else is an error, and an error is never an allow. */
export const Verdict = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('allow'), ...common }),
  z.strictObject({
    verdict: z.literal('deny'),
    /** Stable UPPER_SNAKE code, for machines. */
    code: z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/),
    message: z.string().min(1).max(1024),
    /** The field of the request that is to blame, if one is. */
    field: z.string().exactOptional(),
    /** `opaque`: only moderators and admins are told; others read NOT_ADMITTED. */
    visibility: z.enum(['full', 'opaque']).default('full'),
    /** When asking again may make sense. */
    retryAfter: Duration.exactOptional(),
    ...common,
  }),
  z.strictObject({ verdict: z.literal('requireApproval'), requirement: Requirement, ...common }),
  z.strictObject({ verdict: z.literal('notApplicable'), because: z.string().min(1).max(1024), ...common }),
]);

export type Requirement = z.infer<typeof Requirement>;
export type Verdict = z.infer<typeof Verdict>;
/** A verdict as a policy writes it, before defaults are filled in. */
export type VerdictInput = z.input<typeof Verdict>;
