import { workflowInfo } from '@temporalio/workflow';
import type { Tried } from '../activities/settle.ts';
import type { Proof } from '../domain/actor.ts';
import type { Carried } from './carried.ts';
import { createUsedAssertions } from './used-assertions.ts';

/** What a request remembers of commands and calls, so that none counts twice; it travels from run to run. */
export interface Memory {
  /** Marks an assertion as used; whether it had been used before. */
  use(assertion: Proof['assertion']): boolean;
  knowsReview(reviewer: string, reviewId: string | undefined): boolean;
  addReview(reviewer: string, reviewId: string | undefined): void;
  /** The id of the next event that people are told of: the same in every replay. */
  nextEvent(): string;
  /** Calls that may have been applied, though nobody heard of it; a membership that they made is ours. */
  readonly tried: Tried | undefined;
  addTried(bearer: string, scheduledAt: number): void;
  carried(): Pick<Carried, 'usedAssertions' | 'reviewIds' | 'told' | 'tried'>;
}

/** More review ids than anybody gives in earnest; the oldest go first. */
const MAX_REVIEW_IDS = 2_000;

export function createMemory(before?: Carried): Memory {
  const { firstExecutionRunId, workflowId } = workflowInfo();
  const used = createUsedAssertions(before?.usedAssertions);
  let reviewIds = [...(before?.reviewIds ?? [])];
  let told = before?.told ?? 0;
  let tried = before?.tried;
  return {
    use: (assertion) => used.use(assertion),
    knowsReview: (reviewer, reviewId) => reviewId !== undefined && reviewIds.includes(keyOf(reviewer, reviewId)),
    addReview(reviewer, reviewId) {
      if (reviewId !== undefined) reviewIds = [...reviewIds, keyOf(reviewer, reviewId)].slice(-MAX_REVIEW_IDS);
    },
    nextEvent() {
      told += 1;
      return `${workflowId}/${firstExecutionRunId}/${told}`;
    },
    get tried() {
      return tried;
    },
    addTried(bearer, scheduledAt) {
      const { bearers = [], firstScheduledAt = scheduledAt } = tried ?? {};
      tried = { bearers: [...new Set([...bearers, bearer])], firstScheduledAt };
    },
    carried: () => ({ usedAssertions: used.carried(), reviewIds, told, ...(tried ? { tried } : {}) }),
  };
}

function keyOf(reviewer: string, reviewId: string): string {
  return `${reviewId} ${reviewer}`;
}
