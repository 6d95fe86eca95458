import { ApplicationFailure } from '@temporalio/common';
import { concludeFrom, MissingFactError, needsApprovers } from '../domain/conclusion.ts';
import type { Answered, Conclusion } from '../domain/conclusion.ts';
import type { Facts } from '../domain/facts.ts';

/** Composes the decisions and applies the host's own rules; who may approve is read only if somebody has to. */
export async function conclude(answered: Answered, readApprovers: () => Promise<Facts>): Promise<Conclusion> {
  try {
    const first = concludeFrom(answered);
    if (!needsApprovers(first)) return first;
    return concludeFrom({ ...answered, facts: { ...answered.facts, ...(await readApprovers()) } });
  } catch (error) {
    if (!(error instanceof MissingFactError)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'InternalError');
  }
}
