import { z } from 'zod';
import type { ExplainNode as Explained } from '../domain/explain.ts';
import { schemaLimit, type InputSchema as Limited } from '../domain/input-schema.ts';
import type * as domain from '../domain/verdict.ts';
import { Duration, schemaOf } from './fields.ts';
import { Requirement } from './requirement.ts';

/**
 * A JSON Schema (2020-12) of an object, small enough to be recorded. Whether all of it can be kept is found where it is
 * read, in a child process; answers are checked there, too.
 */
export const InputSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => schema['type'] === 'object', 'the schema of an object')
  .superRefine((schema, issues) => {
    const message = schemaLimit(schema);
    if (message !== undefined) issues.addIssue({ code: 'custom', message });
  });

export type InputSchema = Limited;

export const ExplainNode: z.ZodType<Explained> = z.lazy(() =>
  z.strictObject({
    text: z.string(),
    value: z.unknown().optional(),
    error: z.string().exactOptional(),
    children: z.array(ExplainNode).exactOptional(),
  }),
);

const TermLimit = schemaOf<domain.TermLimit>()(
  z.strictObject({ max: Duration, remind: z.array(Duration).max(10).default(['7d', '1d']) }),
);

const common = {
  warnings: z.array(z.string().max(1024)).max(20).exactOptional(),
  validFor: Duration.exactOptional(),
  explain: ExplainNode.exactOptional(),
  term: TermLimit.exactOptional(),
};

const Text = z.string().min(1).max(1024);

/** What a policy may answer: see `src/domain/verdict.ts`. */
export const Verdict = schemaOf<domain.Verdict>()(
  z.discriminatedUnion('verdict', [
    z.strictObject({ verdict: z.literal('allow'), ...common }),
    z.strictObject({
      verdict: z.literal('deny'),
      code: z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/),
      message: Text,
      field: z.string().exactOptional(),
      visibility: z.enum(['full', 'opaque']).default('full'),
      retryAfter: Duration.exactOptional(),
      ...common,
    }),
    z.strictObject({ verdict: z.literal('requireApproval'), requirement: Requirement, ...common }),
    z.strictObject({
      verdict: z.literal('requireInput'),
      schema: InputSchema,
      prompt: Text,
      expiresIn: Duration,
      ...common,
    }),
    z.strictObject({
      verdict: z.literal('defer'),
      until: z.iso.datetime(),
      giveUpAfter: Duration,
      because: Text,
      ...common,
    }),
    z.strictObject({ verdict: z.literal('notApplicable'), because: Text, ...common }),
  ]),
);
export type Verdict = domain.Verdict;
/** A verdict as a policy writes it, before defaults are filled in. */
export type VerdictInput = z.input<typeof Verdict>;
