import { ApplicationFailure } from '@temporalio/common';
import { MissingFactError } from '../domain/conclusion.ts';
import type { Answered, Conclusion } from '../domain/conclusion.ts';
import type { Facts } from '../domain/facts.ts';
import { conclude } from '../policies/conclude.ts';

/** What all decisions came to. A fact that is missing is a mistake of ours, and asking again cannot help. */
export async function concluded(answered: Answered, readApprovers: () => Promise<Facts>): Promise<Conclusion> {
  try {
    return await conclude(answered, readApprovers);
  } catch (error) {
    if (!(error instanceof MissingFactError)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'InternalError');
  }
}
