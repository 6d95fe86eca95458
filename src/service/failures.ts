import { setTimeout as sleep } from 'node:timers/promises';
import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ANSWER_WITHIN_MS } from './connect.ts';
import { bad, type AdmissionError, type Result } from './result.ts';

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

/** gRPC's own numbers. */
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/**
 * Whether Temporal says that it did not hand a command to the request: ten others are under way, or the request was just
 * going on as a new run. Then the same command may be given again, and counts once.
 */
export function wasNotHandled(error: unknown): boolean {
  if (error instanceof WorkflowUpdateFailedError) {
    const { type } = error.cause instanceof ApplicationFailure ? error.cause : {};
    return type === 'UnprocessedUpdate' || type === 'Continuing' || type === 'Busy';
  }
  if (!(error instanceof ServiceError)) return false;
  const { code } = (error.cause ?? {}) as { code?: number };
  const isAborted = code === UNAVAILABLE && /update was aborted/i.test(String(error.cause));
  return code === RESOURCE_EXHAUSTED || isAborted;
}

/** How long a message is given again that was not handled, in ms: the caller hears no later. */
export const GIVE_FOR_MS = ANSWER_WITHIN_MS - 1_000;

/**
 * Waits for the first answer of a workflow. Whoever starts one waits there without a limit, since a timer would stand in each
 * history; so after 5 s `howFar` asks it how far it is.
 */
export async function answerOrHowFar<T>(answer: Promise<T>, howFar: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(FIRST_ANSWER_MS, TIMED_OUT, { signal: stop.signal }).catch(() => TIMED_OUT);
  try {
    const first = await Promise.race([answer, late]);
    if (first !== TIMED_OUT) return first as T;
  } finally {
    stop.abort();
  }
  // Without an answer to that, no worker is there, or it is about to answer the first.
  return Promise.race([answer, howFar().catch(() => answer)]);
}

const FIRST_ANSWER_MS = 5_000;

/** Gives a message until it is handled, or for as long as the caller waits. */
export async function untilHandled<T>(give: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + GIVE_FOR_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await give();
    } catch (error) {
      if (!wasNotHandled(error) || Date.now() > giveUpAt) throw error;
      await sleep(pauseBefore(attempt));
    }
  }
}

/**
 * Gives a message that asks for something, without proof, to a workflow that is open; `undefined`: there is none. A proof
 * that an open one needs no more would stay good for whoever sees it, until it expires.
 */
export async function askOpen<T>(handle: WorkflowHandle, update: string, input: object): Promise<T | undefined> {
  try {
    return await untilHandled(async () => handle.executeUpdate<T, [object]>(update, { args: [input] }));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Between two tries, in ms: everybody waits a different while, so that they do not come back together. */
export function pauseBefore(attempt: number): number {
  return Math.min(50 * 2 ** attempt, 1_000) * (0.5 + Math.random());
}
