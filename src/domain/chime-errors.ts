import { isOurs, type FoundMembership, type GrantRecord } from './ownership.ts';

/**
 * The retry table: the one place that knows what an answer of Chime means (design §4, chime.md §2). `docs/errors.md` is
 * generated from it.
 */

/** What can be seen of a failed call, however it failed. */
export interface ErrorSigns {
  /** HTTP status, if an answer came: the surest sign, so it is looked at first. */
  readonly status?: number;
  readonly name: string;
  /** The socket's code, such as ECONNRESET. */
  readonly code?: string;
  readonly message: string;
  /** Whatever names it, the body of the answer says nothing. */
  readonly hasEmptyBody?: boolean;
}

/**
 * `throttled` and `retryable` are tried again; after `retryable` nobody knows whether the change was applied.
 * `reconcile`: look whether the membership is there. `terminal`: trying again cannot help.
 */
export type ErrorClass = 'throttled' | 'retryable' | 'reconcile' | 'terminal';

export interface ErrorRow {
  readonly id: string;
  /** What Chime, the network or the SDK answers, for people. */
  readonly answer: string;
  readonly class: ErrorClass;
  readonly what: string;
  /** What an operator can do about it. */
  readonly hint: string;
  readonly matches: (signs: ErrorSigns) => boolean;
}

const THROTTLING_NAMES = [
  'ThrottledClientException',
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottledException',
  'SlowDown',
  'Throttled',
  'ThrottledException',
  'RequestThrottled',
];
const EXPIRED_NAMES = ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'RequestTimeTooSkewed'];
const CREDENTIAL_NAMES = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationTokenException',
];
/** What the SDK throws when it cannot read a body, and what it calls an answer that names nothing. */
const NO_EXCEPTIONS = [
  'Unknown',
  'UnknownError',
  'Error',
  'SyntaxError',
  'TypeError',
  'RangeError',
  'TimeoutError',
  'AbortError',
];
const SOCKET_CODES = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE|EHOST|ENET|HPE_|UND_ERR)/;

const BACKOFF = 'tried again with backoff';
const UNSURE = 'tried again with backoff; the change may have been applied, so the next attempt may meet a Conflict';
const FAILS = 'not tried again; the request fails with the name of the exception';
const DESCRIBE =
  'DescribeChannelMembership decides: ours is `joined`, somebody else’s of the same type is `alreadyMember`, of the other type fails, none is tried again (at most 5 times)';

/** Whether a service named its refusal so. */
function isExceptionName(name: string): boolean {
  return /^[A-Z][\w.]{2,}$/i.test(name) && !NO_EXCEPTIONS.includes(name);
}

/** Checked from the top; the first row that matches counts. */
export const CHIME_ERRORS: readonly ErrorRow[] = [
  {
    id: 'throttled',
    answer: 'ThrottledClientException, any 429, a throttling name at 400',
    class: 'throttled',
    what: 'tried again after Retry-After, else after a jittered backoff of at least 1 s',
    hint: 'Chime allows 10 calls/s for each bearer and 15 membership writes/s for each channel: wait, or ask AWS for more.',
    matches: ({ status, name }) => status === 429 || (status === 400 && THROTTLING_NAMES.includes(name)),
  },
  {
    id: 'conflict',
    answer: 'ConflictException 409',
    class: 'reconcile',
    what: DESCRIBE,
    hint: 'The member is there already, or another write to the same membership is under way.',
    matches: ({ status }) => status === 409,
  },
  {
    id: 'unreadable-success',
    answer: '2xx whose body cannot be read, or lacks what was asked for',
    class: 'reconcile',
    what: `of a new membership, ${DESCRIBE}; of anything else, tried again with backoff`,
    hint: 'The answer says success and not what was asked for: look at what stands between worker and Chime.',
    matches: ({ status }) => status !== undefined && status >= 200 && status < 300,
  },
  {
    id: 'service-unavailable',
    answer: 'ServiceUnavailableException 503',
    class: 'retryable',
    what: UNSURE,
    hint: 'Chime is unavailable: nothing to do but wait; see the AWS health page.',
    matches: ({ status }) => status === 503,
  },
  {
    id: 'service-failure',
    answer: 'ServiceFailureException 500, any other 5xx (also HTML pages of a load balancer)',
    class: 'retryable',
    what: UNSURE,
    hint: 'Chime failed: nothing to do but wait; see the AWS health page.',
    matches: ({ status }) => status !== undefined && status >= 500,
  },
  {
    id: 'request-timeout',
    answer: '408, RequestTimeout at 400',
    class: 'retryable',
    what: UNSURE,
    hint: 'The call took too long to arrive: look at the network between worker and Chime.',
    matches: ({ status, name }) => status === 408 || (status === 400 && /^RequestTimeout(Exception)?$/.test(name)),
  },
  {
    id: 'unreadable-refusal',
    answer: 'any other 4xx whose body does not say which refusal it is (cut, empty, HTML, other JSON)',
    class: 'retryable',
    what: UNSURE,
    hint: 'Something refused the call, and perhaps not Chime: look at what stands between worker and Chime.',
    matches: ({ status, name, hasEmptyBody = false }) =>
      status !== undefined && status >= 400 && (hasEmptyBody || !isExceptionName(name)),
  },
  {
    id: 'credentials-expired',
    answer: 'expired credentials or a skewed clock (ExpiredTokenException, RequestExpired, RequestTimeTooSkewed)',
    class: 'terminal',
    what: FAILS,
    hint: 'The AWS credentials of the worker have expired, or its clock is wrong: renew them, restart the worker, ask again.',
    matches: ({ status, name, message }) =>
      status !== undefined && (EXPIRED_NAMES.includes(name) || /signature expired/i.test(message)),
  },
  {
    id: 'credentials-unknown',
    answer: 'unknown credentials or a bad signature (UnrecognizedClientException, InvalidSignatureException, …)',
    class: 'terminal',
    what: FAILS,
    hint: 'AWS does not know the credentials of the worker: check AWS_ACCESS_KEY_ID, AWS_PROFILE or the role of the machine.',
    matches: ({ status, name }) => status !== undefined && CREDENTIAL_NAMES.includes(name),
  },
  {
    id: 'access-denied',
    answer: 'AccessDeniedException',
    class: 'terminal',
    what: FAILS,
    hint: 'The IAM policy of the worker lacks chime:CreateChannelMembership on the bearer or on the channel: both are needed.',
    matches: ({ status, name }) => status !== undefined && name.startsWith('AccessDenied'),
  },
  {
    id: 'unauthorized',
    answer: 'UnauthorizedClientException 401',
    class: 'terminal',
    what: FAILS,
    hint: 'Chime does not take the credentials of the worker now: it is configuration, not the request.',
    matches: ({ status, name }) => status === 401 && /^Unauthorized(Client)?(Exception)?$/.test(name),
  },
  {
    id: 'forbidden',
    answer: 'ForbiddenException 403',
    class: 'terminal',
    what: FAILS,
    hint: 'The bearer may not do this on this channel, the member is banned, the channel does not exist, or IAM forbids it.',
    matches: ({ status, name }) => status === 403 && /^Forbidden(Exception)?$/.test(name),
  },
  {
    id: 'not-found',
    answer: 'NotFoundException 404',
    class: 'terminal',
    what: FAILS,
    hint: 'The channel, the member or the bearer does not exist.',
    matches: ({ status, name }) => status === 404 && /^NotFound(Exception)?$/.test(name),
  },
  {
    id: 'resource-limit',
    answer: 'ResourceLimitExceededException 400',
    class: 'terminal',
    what: FAILS,
    hint: 'A quota is used up (10,000 members in a channel, 20,000 channels of a user): make room, or ask AWS for more.',
    matches: ({ status, name }) => status === 400 && /^ResourceLimitExceeded(Exception)?$/.test(name),
  },
  {
    id: 'bad-request',
    answer: 'BadRequestException 400',
    class: 'terminal',
    what: FAILS,
    hint: 'Chime refuses the request as it is: the message says what.',
    matches: ({ status, name }) => status === 400 && /^BadRequest(Exception)?$/.test(name),
  },
  {
    id: 'no-credentials',
    answer: 'no credentials, region or endpoint found by the SDK',
    class: 'terminal',
    what: FAILS,
    hint: 'Set AWS_REGION and credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE or a role) where the worker runs, and restart it.',
    matches: ({ status, name, message }) =>
      status === undefined &&
      (/^(CredentialsProviderError|TokenProviderError|EndpointError)$/.test(name) ||
        message.startsWith('Region is missing')),
  },
  {
    id: 'connection',
    answer: 'connection errors and timeouts (ECONNREFUSED, ECONNRESET, ENOTFOUND, TimeoutError, AbortError, …)',
    class: 'retryable',
    what: UNSURE,
    hint: 'The worker cannot reach Chime: check network, DNS and AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING.',
    matches: ({ status, name, code }) =>
      status === undefined && (/^(TimeoutError|AbortError)$/.test(name) || SOCKET_CODES.test(code ?? '')),
  },
  {
    id: 'unknown-client-error',
    answer: 'any other 4xx that names its exception',
    class: 'terminal',
    what: `${FAILS}; counted, so that it gets a row here`,
    hint: 'Channel Admission does not know this answer: please report it.',
    matches: ({ status }) => status !== undefined && status >= 400,
  },
  {
    id: 'unknown',
    answer: 'anything else',
    class: 'retryable',
    what: `${BACKOFF}; counted, so that it gets a row here`,
    hint: 'Channel Admission does not know this failure: please report it.',
    matches: () => true,
  },
];

/** The row of a failure. The last row matches everything. */
export function classify(signs: ErrorSigns): ErrorRow {
  const row = CHIME_ERRORS.find(({ matches }) => matches(signs));
  if (!row) throw new Error('the last row of CHIME_ERRORS must match everything');
  return row;
}

/** At most so often is a Conflict without a membership tried again. */
export const MAX_UNRESOLVED_CONFLICTS = 5;

export type Reconciled = 'joined' | 'alreadyMember' | 'otherType' | 'absent';

/**
 * What a membership that stands after a Conflict (or an answer that nobody could read) means for our call. It is our own
 * if an earlier attempt could have made it (`earlierAttempt`), our bearer did, and not before we first tried.
 */
export function reconcile(
  found: FoundMembership | null,
  ours: { type: GrantRecord['type']; bearer: string; firstScheduledAt: number; earlierAttempt: boolean },
): Reconciled {
  if (found === null) return 'absent';
  if (found.type !== ours.type) return 'otherType';
  const { type, bearer: invitedBy } = ours;
  const since = new Date(ours.firstScheduledAt).toISOString();
  return ours.earlierAttempt && isOurs(found, { type, invitedBy, since }) ? 'joined' : 'alreadyMember';
}
