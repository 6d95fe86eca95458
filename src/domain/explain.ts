import { z } from 'zod';

/** Why something came out as it did: a piece of an expression with its value (or error), and the pieces it is made of. */
export interface ExplainNode {
  readonly text: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly children?: readonly ExplainNode[];
}

export const ExplainNode: z.ZodType<ExplainNode> = z.lazy(() =>
  z.strictObject({
    text: z.string(),
    value: z.unknown().optional(),
    error: z.string().exactOptional(),
    children: z.array(ExplainNode).exactOptional(),
  }),
);
