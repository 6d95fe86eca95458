import { z } from 'zod';
import { Duration } from './duration.ts';
import { ExplainNode } from './explain.ts';
import { InputSchema } from './input-schema.ts';
import { Requirement } from './requirement.ts';

/** How long a membership may last, and when its end is announced: so long before it. */
export const TermLimit = z.strictObject({
  max: Duration,
  remind: z.array(Duration).max(10).default(['7d', '1d']),
});
export type TermLimit = z.output<typeof TermLimit>;

const common = {
  /** Shown, and counted for nothing. */
  warnings: z.array(z.string().max(1024)).max(20).exactOptional(),
  /** For how long the verdict holds, before it has to be asked for again. */
  validFor: Duration.exactOptional(),
  /** Why, where a policy can say more than its code. */
  explain: ExplainNode.exactOptional(),
  /** Of several policies that limit the term, the shortest counts. */
  term: TermLimit.exactOptional(),
};

const Text = z.string().min(1).max(1024);

/** What a policy may answer. The union is closed: anything else is an error, and an error is never an allow. */
export const Verdict = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('allow'), ...common }),
  z.strictObject({
    verdict: z.literal('deny'),
    /** Stable UPPER_SNAKE code, for machines. */
    code: z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/),
    message: Text,
    /** The field of the request that is to blame, if one is. */
    field: z.string().exactOptional(),
    /** `opaque`: only moderators and admins are told; others read NOT_ADMITTED. */
    visibility: z.enum(['full', 'opaque']).default('full'),
    /** When asking again may make sense. */
    retryAfter: Duration.exactOptional(),
    ...common,
  }),
  z.strictObject({ verdict: z.literal('requireApproval'), requirement: Requirement, ...common }),
  /** The requester has to answer something first; then the policy is asked again, with the answers. */
  z.strictObject({
    verdict: z.literal('requireInput'),
    /** JSON Schema of an object. */
    schema: InputSchema,
    prompt: Text,
    /** After this nobody waits for the answers any more, and the request expires. */
    expiresIn: Duration,
    ...common,
  }),
  /** Not yet: ask again at `until`, but not for longer than `giveUpAfter` from when the request was made. */
  z.strictObject({
    verdict: z.literal('defer'),
    until: z.iso.datetime(),
    giveUpAfter: Duration,
    because: Text,
    ...common,
  }),
  z.strictObject({ verdict: z.literal('notApplicable'), because: Text, ...common }),
]);

export type Verdict = z.output<typeof Verdict>;
/** A verdict as a policy writes it, before defaults are filled in. */
export type VerdictInput = z.input<typeof Verdict>;
