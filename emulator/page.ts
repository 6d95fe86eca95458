import type { Call, Output } from './call.ts';
import { badRequest, type Failure } from './failure.ts';
import { optionalNumber, optionalText } from './input.ts';

const defaultPageSize = 50;

interface Listing<T> {
  readonly key: string;
  readonly items: Iterable<T>;
  readonly view: (item: T) => unknown;
  readonly extra?: Output;
}

function startOf(call: Call): number | undefined {
  const token = optionalText(call.input, 'NextToken');
  if (token === undefined || token === '') return 0;
  const [operation, offset] = Buffer.from(token, 'base64url').toString().split(' ');
  return operation === call.operation.name && /^\d+$/.test(offset ?? '') ? Number(offset) : undefined;
}

/** One page of a list in insertion order; NextToken only while more remains. */
export function listing<T>(call: Call, { key, items, view, extra }: Listing<T>): Output | Failure {
  const start = startOf(call);
  if (start === undefined) return badRequest("Value at 'NextToken' is not a token of this operation");
  const all = [...items];
  const end = start + (optionalNumber(call.input, 'MaxResults') ?? defaultPageSize);
  const token = Buffer.from(`${call.operation.name} ${end}`).toString('base64url');
  return { ...extra, [key]: all.slice(start, end).map(view), ...(end < all.length ? { NextToken: token } : {}) };
}
