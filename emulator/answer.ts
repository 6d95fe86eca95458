import { randomUUID } from 'node:crypto';
import type { Output } from './call.ts';
import { errorCode, isFailure, type Failure } from './failure.ts';
import { exceptionStatus, type Operation } from './model.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const otherStatuses: Readonly<Record<string, number>> = {
  UnknownOperationException: 404,
  UnsupportedOperationException: 400,
};

function commonHeaders(): Record<string, string> {
  // Whatever a browser makes of an answer, it is data of this site alone.
  return {
    'x-amzn-requestid': randomUUID(),
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

/** An error answer; the SDKs take the exception's name from the header, not from `Code`. */
export function errorAnswer({ exception, message }: Failure, status?: number): Answer {
  return {
    status: status ?? exceptionStatus(exception) ?? otherStatuses[exception] ?? 400,
    headers: { ...commonHeaders(), 'x-amzn-errortype': exception },
    body: JSON.stringify({ Code: errorCode(exception), Message: message }),
  };
}

/** Any other answer with a body of the caller's choosing. */
export function plainAnswer(status: number, body: string, contentType = 'application/json'): Answer {
  return { status, headers: { ...commonHeaders(), 'content-type': contentType }, body };
}

/** The HTTP answer to a performed call. */
export function answerOf(operation: Operation, result: Output | Failure): Answer {
  if (isFailure(result)) return errorAnswer(result);
  const { successStatus } = operation;
  return plainAnswer(successStatus, successStatus === 204 ? '' : JSON.stringify(result));
}
