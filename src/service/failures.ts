import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ANSWER_WITHIN_MS } from './connect.ts';
import { bad } from './result.ts';
import type { AdmissionError, Result } from './result.ts';

const TIMED_OUT = Symbol('no answer in time');

/**
 * Waits for an answer that only a worker can give. Deadlines and abort signals overrun while the client retries, so this
 * is a plain race. `none`: what it means when nobody answers in time.
 */
export async function answered<T>(answer: Promise<Result<T>>, none: AdmissionError): Promise<Result<T>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, TIMED_OUT);
  });
  try {
    const first = await Promise.race([answer, timeout]);
    return first === TIMED_OUT ? bad(none) : first;
  } finally {
    clearTimeout(timer);
    // Whatever it still becomes, nobody waits for it.
    answer.catch(() => undefined);
  }
}

export function noWorker(taskQueue: string, id: string): AdmissionError {
  return {
    code: 'NoWorker',
    message: `No worker answers on the task queue ${taskQueue}: the request ${id} is kept, and goes on when a worker comes.`,
    accepted: 'a running `admit worker` on that queue',
    id,
  };
}

/** What an error of Temporal's client means to the caller. Whatever is not known here is thrown on. */
export function toAdmissionError(error: unknown, id: string): AdmissionError {
  if (error instanceof WorkflowUpdateFailedError) return refusal(error.cause, id);
  if (error instanceof WorkflowNotFoundError) return unknownRequest(id);
  if (error instanceof ServiceError) {
    const message = error.cause instanceof Error ? error.cause.message : error.message;
    return { code: 'NoServer', message: `The Temporal server does not answer: ${message}`, id };
  }
  throw error;
}

export function unknownRequest(id: string): AdmissionError {
  return {
    code: 'UnknownRequest',
    message: `There is no request ${id}.`,
    field: 'id',
    accepted: 'an id that `admit join` or `admit list` printed',
    id,
  };
}

function refusal(cause: unknown, id: string): AdmissionError {
  if (!(cause instanceof ApplicationFailure)) {
    return { code: 'Refused', message: cause instanceof Error ? cause.message : String(cause), id };
  }
  const { field, accepted } = (cause.details?.[0] ?? {}) as Partial<AdmissionError>;
  return {
    code: cause.type ?? 'Refused',
    message: cause.message,
    ...(field === undefined ? {} : { field }),
    ...(accepted === undefined ? {} : { accepted }),
    id,
  };
}
