import { z } from 'zod';

/** The signal by which a join tells the onboarding that asked for it how far it is. */
export const CHILD_PROGRESS = 'childProgress';

/**
 * A signal can come from anybody who reaches Temporal, so it is only a reason to look: what it says of state, outcome
 * and grant is never taken over.
 */
export const ChildProgress = z.object({
  /** The workflow id of the join. */
  id: z.string().min(1).max(255),
  state: z.string().max(64),
  outcome: z.string().max(64).nullable(),
  /** The membership that it made. */
  grant: z
    .object({
      type: z.enum(['DEFAULT', 'HIDDEN']),
      invitedBy: z.string().exactOptional(),
      createdAt: z.string().exactOptional(),
      since: z.string().exactOptional(),
      until: z.string().exactOptional(),
    })
    .exactOptional(),
});
export type ChildProgress = z.output<typeof ChildProgress>;
