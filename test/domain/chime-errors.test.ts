import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHIME_ERRORS, classify, reconcile } from '../../src/domain/chime-errors.ts';
import type { ErrorClass, ErrorSigns } from '../../src/domain/chime-errors.ts';

/** What the AWS SDK shows of each failure, as measured (reference/chime.md §2.1 to §2.3). */
type Row = readonly [what: string, signs: Partial<ErrorSigns>, id: string, ErrorClass];

const modelled: readonly Row[] = [
  ['BadRequest', { name: 'BadRequestException', status: 400 }, 'bad-request', 'terminal'],
  ['Unauthorized', { name: 'UnauthorizedClientException', status: 401 }, 'unauthorized', 'terminal'],
  ['Forbidden', { name: 'ForbiddenException', status: 403 }, 'forbidden', 'terminal'],
  ['NotFound', { name: 'NotFoundException', status: 404 }, 'not-found', 'terminal'],
  ['Conflict', { name: 'ConflictException', status: 409 }, 'conflict', 'reconcile'],
  ['ResourceLimit', { name: 'ResourceLimitExceededException', status: 400 }, 'resource-limit', 'terminal'],
  ['Throttled', { name: 'ThrottledClientException', status: 429 }, 'throttled', 'throttled'],
  ['ServiceFailure', { name: 'ServiceFailureException', status: 500 }, 'service-failure', 'retryable'],
  ['ServiceUnavailable', { name: 'ServiceUnavailableException', status: 503 }, 'service-unavailable', 'retryable'],
];

/** Without the header x-amzn-errortype the body's `Code` is the name. */
const byCode: readonly Row[] = [
  ['Code BadRequest', { name: 'BadRequest', status: 400 }, 'bad-request', 'terminal'],
  ['Code NotFound', { name: 'NotFound', status: 404 }, 'not-found', 'terminal'],
  ['Code Forbidden', { name: 'Forbidden', status: 403 }, 'forbidden', 'terminal'],
  ['Code Unauthorized', { name: 'Unauthorized', status: 401 }, 'unauthorized', 'terminal'],
  ['Code Conflict', { name: 'Conflict', status: 409 }, 'conflict', 'reconcile'],
  ['Code ResourceLimitExceeded', { name: 'ResourceLimitExceeded', status: 400 }, 'resource-limit', 'terminal'],
];

const answered: readonly Row[] = [
  [
    'a cut 201',
    { name: 'Error', code: 'ECONNRESET', message: 'aborted', status: 201 },
    'unreadable-success',
    'reconcile',
  ],
  ['HTML in a 201', { name: 'SyntaxError', status: 201 }, 'unreadable-success', 'reconcile'],
  ['a body that stalls after 200', { name: 'TimeoutError', status: 200 }, 'unreadable-success', 'reconcile'],
  ['502 without a body', { name: 'Unknown', status: 502 }, 'service-failure', 'retryable'],
  ['a load balancer’s 503 in HTML', { name: 'SyntaxError', status: 503 }, 'service-unavailable', 'retryable'],
  ['504', { name: 'Unknown', status: 504 }, 'service-failure', 'retryable'],
  ['501', { name: 'Unknown', status: 501 }, 'service-failure', 'retryable'],
  ['429 in HTML', { name: 'SyntaxError', status: 429 }, 'throttled', 'throttled'],
  ['429 without a body', { name: 'Unknown', status: 429 }, 'throttled', 'throttled'],
  ...[
    'ThrottlingException',
    'TooManyRequestsException',
    'RequestLimitExceeded',
    'SlowDown',
    'ThrottledClientException',
  ].map((name): Row => [`${name} at 400`, { name, status: 400 }, 'throttled', 'throttled']),
  ['408', { name: 'Unknown', status: 408 }, 'request-timeout', 'retryable'],
  ['304', { name: 'Unknown', status: 304 }, 'unknown', 'retryable'],
  ['418 with a name', { name: 'TeapotException', status: 418 }, 'unknown-client-error', 'terminal'],
  ['404 of another name', { name: 'UnknownOperationException', status: 404 }, 'unknown-client-error', 'terminal'],
  ['403 of another name', { name: 'Teapot', status: 403 }, 'unknown-client-error', 'terminal'],
  ...[400, 401, 403, 404, 407, 418, 422].flatMap((status): Row[] => [
    [`${status} without a body`, { name: 'Unknown', status }, 'unreadable-refusal', 'retryable'],
    [`${status} in HTML`, { name: 'SyntaxError', status }, 'unreadable-refusal', 'retryable'],
    [`a cut ${status}`, { name: 'Error', code: 'ECONNRESET', status }, 'unreadable-refusal', 'retryable'],
    [`${status} with a number for a name`, { name: '5', status }, 'unreadable-refusal', 'retryable'],
    [
      `${status} that only a header names`,
      { name: 'NotFoundException', status, hasEmptyBody: true },
      'unreadable-refusal',
      'retryable',
    ],
  ]),
  ['409 without a body', { name: 'Unknown', status: 409 }, 'conflict', 'reconcile'],
  [
    'throttling at 400 that only a header names',
    { name: 'SlowDown', status: 400, hasEmptyBody: true },
    'throttled',
    'throttled',
  ],
  ['expired token', { name: 'ExpiredTokenException', status: 403 }, 'credentials-expired', 'terminal'],
  ['unknown key', { name: 'UnrecognizedClientException', status: 403 }, 'credentials-unknown', 'terminal'],
  ['unknown token', { name: 'InvalidClientTokenId', status: 403 }, 'credentials-unknown', 'terminal'],
  ['bad signature', { name: 'InvalidSignatureException', status: 403 }, 'credentials-unknown', 'terminal'],
  [
    'old signature',
    { name: 'InvalidSignatureException', message: 'Signature expired: 2026…', status: 403 },
    'credentials-expired',
    'terminal',
  ],
  ['skewed clock', { name: 'RequestTimeTooSkewed', status: 403 }, 'credentials-expired', 'terminal'],
  ['expired request at 400', { name: 'RequestExpired', status: 400 }, 'credentials-expired', 'terminal'],
  ['IAM', { name: 'AccessDeniedException', status: 403 }, 'access-denied', 'terminal'],
  ['IAM at 400', { name: 'AccessDeniedException', status: 400 }, 'access-denied', 'terminal'],
];

const unanswered: readonly Row[] = [
  ['connection refused', { name: 'Error', code: 'ECONNREFUSED' }, 'connection', 'retryable'],
  ['no such host', { name: 'Error', code: 'ENOTFOUND' }, 'connection', 'retryable'],
  ['DNS down', { name: 'Error', code: 'EAI_AGAIN' }, 'connection', 'retryable'],
  ['reset', { name: 'TimeoutError', code: 'ECONNRESET', message: 'socket hang up' }, 'connection', 'retryable'],
  ['connect or socket time-out', { name: 'TimeoutError' }, 'connection', 'retryable'],
  ['request time-out', { name: 'TimeoutError', code: 'ETIMEDOUT' }, 'connection', 'retryable'],
  ['no HTTP', { name: 'Error', code: 'HPE_INVALID_CONSTANT' }, 'connection', 'retryable'],
  ['aborted by us', { name: 'AbortError' }, 'connection', 'retryable'],
  ['no credentials', { name: 'CredentialsProviderError' }, 'no-credentials', 'terminal'],
  ['no region', { name: 'Error', message: 'Region is missing' }, 'no-credentials', 'terminal'],
  ['no endpoint', { name: 'EndpointError' }, 'no-credentials', 'terminal'],
  ['a bug', { name: 'TypeError', message: 'x is not a function' }, 'unknown', 'retryable'],
];

const rows = [...modelled, ...byCode, ...answered, ...unanswered];

test.each(rows)('%s', (_what, signs, id, expected) => {
  const row = classify({ name: 'Error', message: '', ...signs });
  expect({ id: row.id, class: row.class }).toEqual({ id, class: expected });
});

test('every row of the table has an example here, and ids are unique', () => {
  const ids = CHIME_ERRORS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(rows.map(([, , id]) => id))).toEqual(new Set(ids));
});

describe('whatever the rest says, the status is looked at first', () => {
  const names = [...rows.map(([, { name }]) => name ?? ''), 'toString'];
  const rest = fc.record(
    {
      name: fc.oneof(fc.constantFrom(...names), fc.string()),
      message: fc.string(),
      code: fc.constantFrom('ECONNRESET', 'X'),
    },
    { requiredKeys: ['name', 'message'] },
  );

  test.each<[string, min: number, max: number, ErrorClass]>([
    ['success', 200, 299, 'reconcile'],
    ['too slow', 408, 408, 'retryable'],
    ['conflict', 409, 409, 'reconcile'],
    ['throttled', 429, 429, 'throttled'],
    ['outages', 500, 599, 'retryable'],
  ])('%s, %d to %d, is %s', (_what, min, max, expected) => {
    fc.assert(
      fc.property(rest, fc.integer({ min, max }), (signs, status) => {
        expect(classify({ ...signs, status }).class).toBe(expected);
      }),
    );
  });

  test('any other 4xx is final where its body names it, and else tried again', () => {
    const refusals = fc.integer({ min: 401, max: 499 }).filter((status) => ![408, 409, 429].includes(status));
    const named = fc.stringMatching(/^[A-Z][A-Za-z]{1,20}Exception$/);
    const unnamed = fc.constantFrom('Unknown', 'SyntaxError', 'TypeError', 'Error', 'TimeoutError', '', '5', '<html>');
    fc.assert(
      fc.property(rest, refusals, named, unnamed, (signs, status, name, noName) => {
        expect(classify({ ...signs, status, name }).class).toBe('terminal');
        expect(classify({ ...signs, status, name, hasEmptyBody: true }).class).toBe('retryable');
        expect(classify({ ...signs, status, name: noName }).class).toBe('retryable');
      }),
    );
  });

  test('everything has a row, a hint and a word about what happens', () => {
    fc.assert(
      fc.property(rest, fc.oneof(fc.integer({ min: 0, max: 999 }), fc.double()), (signs, status) => {
        const row = classify({ ...signs, status });
        expect(row.hint && row.what && row.answer).toBeTruthy();
      }),
    );
  });
});

describe('reconcile', () => {
  const at = Date.parse('2026-11-23T12:00:00.000Z');
  const ours = { type: 'DEFAULT' as const, bearer: 'us', firstScheduledAt: at, earlierAttempt: true };
  const found = { type: 'DEFAULT', invitedBy: 'us', createdAt: new Date(at).toISOString() };
  const createdAt = (ms: number) => ({ ...found, createdAt: new Date(at + ms).toISOString() });

  test.each([
    ['ours, made by an earlier attempt', found, ours, 'joined'],
    ['ours, made later', createdAt(60_000), ours, 'joined'],
    ['5 s before we first tried, by a clock that differs', createdAt(-5_000), ours, 'joined'],
    ['before that', createdAt(-5_001), ours, 'alreadyMember'],
    ['our first attempt cannot have made it', found, { ...ours, earlierAttempt: false }, 'alreadyMember'],
    ['somebody else made it', { ...found, invitedBy: 'them' }, ours, 'alreadyMember'],
    ['nobody says who made it', { type: 'DEFAULT', createdAt: found.createdAt }, ours, 'alreadyMember'],
    ['nobody says when', { type: 'DEFAULT', invitedBy: 'us' }, ours, 'alreadyMember'],
    ['no date at all', { ...found, createdAt: 'yesterday' }, ours, 'alreadyMember'],
    ['the other type', { ...found, type: 'HIDDEN' }, ours, 'otherType'],
    ['HIDDEN, as asked', { ...found, type: 'HIDDEN' }, { ...ours, type: 'HIDDEN' as const }, 'joined'],
    ['nothing there', null, ours, 'absent'],
  ])('%s', (_title, membership, call, expected) => {
    expect(reconcile(membership, call)).toBe(expected);
  });
});
