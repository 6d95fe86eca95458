import type { Operation } from './model.ts';

/** A refusal of the service; it travels as data and becomes an HTTP answer in one place. */
export interface Failure {
  readonly exception: string;
  readonly message: string;
}

export function isFailure(value: object): value is Failure {
  return 'exception' in value;
}

export function badRequest(message: string): Failure {
  return { exception: 'BadRequestException', message };
}

export function forbidden(message: string): Failure {
  return { exception: 'ForbiddenException', message };
}

export function conflict(message: string): Failure {
  return { exception: 'ConflictException', message };
}

export function limitExceeded(message: string): Failure {
  return { exception: 'ResourceLimitExceededException', message };
}

/** Many operations do not model NotFoundException; there a missing resource can only surface as Forbidden. */
export function absent(operation: Operation, message: string): Failure {
  const modelled = operation.errors.some(({ name }) => name === 'NotFoundException');
  return modelled ? { exception: 'NotFoundException', message } : forbidden(message);
}

const irregularCodes: Readonly<Record<string, string>> = {
  UnauthorizedClientException: 'Unauthorized',
  ThrottledClientException: 'Throttled',
};

/** The `Code` of an error body, for example Conflict for ConflictException. */
export function errorCode(exception: string): string {
  return irregularCodes[exception] ?? exception.replace(/Exception$/, '');
}
