import { ConflictException, ThrottledClientException } from '@aws-sdk/client-chime-sdk-messaging';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { isNotFound, signsOf } from '../../src/chime/error-signs.ts';
import { classify } from '../../src/domain/chime-errors.ts';

const withHeaders = (headers: Record<string, string>) => {
  const error = new ThrottledClientException({ message: 'slow', $metadata: { httpStatusCode: 429 } });
  // As the SDK does it: the response hangs on every error, but is not enumerable.
  Object.defineProperty(error, '$response', { value: { statusCode: 429, headers }, enumerable: false });
  return error;
};

test('an exception of the SDK shows its name, status, message and request id', () => {
  const $metadata = { httpStatusCode: 409, requestId: 'r-1', attempts: 1 };
  expect(signsOf(new ConflictException({ message: 'there already', $metadata }))).toEqual({
    name: 'ConflictException',
    message: 'there already',
    status: 409,
    requestId: 'r-1',
  });
});

test('a socket error shows its code and no status', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    $metadata: { attempts: 1 },
  });
  expect(signsOf(refused)).toEqual({ name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' });
});

test('where the metadata lack the status, the response tells it', () => {
  const error = Object.assign(new SyntaxError('Unexpected token <'), { $response: { statusCode: 502 } });
  expect(signsOf(error)).toMatchObject({ name: 'SyntaxError', status: 502 });
});

test('only Chime’s own NotFoundException means that there is no such thing', () => {
  expect(isNotFound({ name: 'NotFoundException', $metadata: { httpStatusCode: 404 } })).toBe(true);
  expect(isNotFound({ name: 'NotFound', $metadata: { httpStatusCode: 404 } })).toBe(true);
  const named = { name: 'NotFoundException', message: 'UnknownError', $fault: 'client' };
  expect(isNotFound({ ...named, $metadata: { httpStatusCode: 404 } })).toBe(false);
  expect(isNotFound({ name: 'SyntaxError', $metadata: { httpStatusCode: 404 } })).toBe(false);
  expect(isNotFound({ name: 'NotFoundException', $metadata: { httpStatusCode: 403 } })).toBe(false);
  expect(isNotFound(new Error('NotFoundException'))).toBe(false);
  expect(isNotFound(undefined)).toBe(false);
});

describe('Retry-After', () => {
  test.each([
    ['seconds', '3', 3_000],
    ['half seconds', '0.5', 500],
    ['a date', 'Mon, 23 Nov 2026 12:00:05 GMT', 5_000],
    ['a date that is over', 'Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['a negative number', '-3', 0],
  ])('%s', (_title, header, expected) => {
    vi.useFakeTimers({ now: Date.parse('2026-11-23T12:00:00Z') });
    try {
      expect(signsOf(withHeaders({ 'retry-after': header })).retryAfterMs).toBe(expected);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([[{}], [{ 'retry-after': 'soon' }], [{ 'retry-after': 'Infinity' }], [{ 'retry-after': '' }]])(
    '%j says nothing',
    (headers) => {
      expect(signsOf(withHeaders(headers as Record<string, string>))).not.toHaveProperty('retryAfterMs');
    },
  );
});

test('whatever is thrown can be classified', () => {
  const odd = fc.record(
    {
      name: fc.anything(),
      message: fc.anything(),
      code: fc.anything(),
      $metadata: fc.oneof(fc.constant(null), fc.record({ httpStatusCode: fc.integer({ min: 100, max: 599 }) })),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), odd), (thrown) => {
      const signs = signsOf(thrown);
      expect([typeof signs.name, typeof signs.message]).toEqual(['string', 'string']);
      expect(classify(signs).id).toBeTruthy();
    }),
  );
});
