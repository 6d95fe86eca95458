import { classify, type ErrorSigns } from '../domain/chime-errors.ts';

export interface SeenError extends ErrorSigns {
  /** AWS's id of the request, which its support asks for. */
  readonly requestId?: string;
  /** From the Retry-After header, in ms. */
  readonly retryAfterMs?: number;
}

/** What there is to see of an error that the AWS SDK threw (chime.md §2.1, §2.3). */
export function signsOf(error: unknown): SeenError {
  const seen = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Thrown;
  const { code, $metadata, $response } = seen;
  const name = typeof seen.name === 'string' ? seen.name : 'Error';
  const message = typeof seen.message === 'string' ? seen.message : '';
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const retryAfterMs = toMs($response?.headers?.['retry-after']);
  return {
    name,
    message,
    ...(status === undefined ? {} : { status }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(saysNothing(seen) ? { hasEmptyBody: true } : {}),
    ...($metadata?.requestId === undefined ? {} : { requestId: $metadata.requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Whether Chime says that there is no such thing: read as "no" by every Describe. A proxy's 404 says nothing of that. */
export function isNotFound(error: unknown): boolean {
  return classify(signsOf(error)).id === 'not-found';
}

/** A header may name a refusal whose body was lost: the SDK then makes up a message, and there is no `Code`. */
function saysNothing({ $fault, message, Code }: Thrown): boolean {
  return $fault !== undefined && message === MADE_UP && typeof Code !== 'string';
}

const MADE_UP = 'UnknownError';

interface Thrown {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  Code?: unknown;
  $fault?: unknown;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { statusCode?: number; headers?: Record<string, string> };
}

/** Retry-After is a number of seconds or a date. */
function toMs(header: string | undefined): number | undefined {
  if (!header?.trim()) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
