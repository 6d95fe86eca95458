import { ActivityFailure, ApplicationFailure, TemporalFailure, TimeoutFailure } from '@temporalio/common';
import { CancellationScope } from '@temporalio/workflow';
import { cut } from '../domain/bounds.ts';
import type { Refusal } from '../domain/commands.ts';
import type { RequestError } from '../domain/view.ts';

export function refuse(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.message, refusal.code, refusal);
}

/**
 * Every handler goes through this: a plain error would freeze the whole request, and a cancelled one could give no answer.
 */
export function guarded<A extends unknown[], R>(handler: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) =>
    CancellationScope.nonCancellable(async () => {
      try {
        return await handler(...args);
      } catch (error) {
        if (error instanceof TemporalFailure) throw error;
        throw ApplicationFailure.nonRetryable(`internal error: ${cut(String(error), 300)}`, 'InternalError');
      }
    });
}

/** What failed at the bottom: a local activity throws it bare, an ordinary one wraps it. */
export function rootCause(error: unknown): unknown {
  return error instanceof ActivityFailure ? (error.cause ?? error) : error;
}

/** Whether trying again cannot help. */
export function isTerminal(error: unknown): boolean {
  const cause = rootCause(error);
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

/** A failed activity as operators read it. */
export function toRequestError(error: unknown): RequestError {
  const cause = rootCause(error);
  if (cause instanceof ApplicationFailure) {
    const detail = cause.details?.[0] as Partial<RequestError> | undefined;
    const { requestId, hint, field, accepted } = detail ?? {};
    return {
      type: cause.type ?? 'Error',
      message: cut(cause.message, LONGEST_MESSAGE),
      ...(requestId === undefined ? {} : { requestId }),
      ...(hint === undefined ? {} : { hint }),
      ...(field === undefined ? {} : { field }),
      ...(accepted === undefined ? {} : { accepted }),
    };
  }
  if (cause instanceof TimeoutFailure) {
    // Temporal keeps no last failure when the time ends in the middle of an attempt.
    return { type: 'TimedOut', message: `Chime gave no answer in time (${cause.message}).`, hint: TIMED_OUT_HINT };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { type: cause instanceof Error ? cause.name : 'Error', message: cut(message, LONGEST_MESSAGE) };
}

/** It is recorded, shown and told: whatever somebody answers with, it stays small. */
const LONGEST_MESSAGE = 2_000;

const TIMED_OUT_HINT =
  'The failures of the attempts stand in the history. When Chime answers again, ask again; ADMISSION_RETRY_FOR says how long a call is tried.';
