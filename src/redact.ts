import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

/** Secrets end up in messages by mistake: typed into the wrong field, as a part of a URL, or quoted by a library. */

/** What stands between the scheme and the host; where an `@` comes later, it may belong to a password that was not encoded. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s"'`<>\\]*@/gi;
const QUERY = /([a-z][a-z0-9+.-]*:\/\/[^\s"'`<>\\?#]*)\?[^\s"'`<>\\#]*/gi;
/** Up to its end, or to that of the text; one with a passphrase has lines before the key. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----[^]*?(-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|$)/g;
/** Of `Authorization`, which libraries quote as a whole; the bearers of Chime are words, and ARNs. */
const CREDENTIALS = /\b(Bearer|Basic) (?=\S*\d)[A-Za-z0-9._~+/-]{12,}=*/g;
/** The private part of a JWK, also as JSON in JSON. */
const PRIVATE_JWK = /(\\*"(?:d|k)\\*"\s*:\s*\\*")[A-Za-z0-9_-]{16,}/g;

/** A secret of Standard Webhooks, in whatever variable it stands: the name of that one is the operator's choice. */
const WEBHOOK_SECRET = /\bwhsec_[A-Za-z0-9+/_-]{8,}=*/g;

const SECRET_NAME = /(secret|password|passphrase|token|credential|authorization|api_?key|private|(^|_)key(_?data)?$)/i;
const SECRET_FIELD = /(secret|password|passphrase|token|credential|authorization|api_?key|private|Env$)/i;
/** A shorter one would be found in other words. */
const LEAST_SECRET = 8;

/** A text for people or logs, without user info and queries of URLs, private keys, webhook secrets and the secrets of the environment. */
export function redacted(text: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  const clean = text
    .replace(USER_INFO, '$1***@')
    .replace(QUERY, '$1?***')
    .replace(PRIVATE_KEY, '***')
    .replace(CREDENTIALS, '$1 ***')
    .replace(PRIVATE_JWK, '$1***')
    .replace(WEBHOOK_SECRET, 'whsec_***');
  return secretsOf(env).reduce((all, secret) => all.replaceAll(secret, '***'), clean);
}

/** Every text in something, redacted; the rest stays. */
export function redactedAll<T>(value: T, env: Readonly<Record<string, string | undefined>> = process.env): T {
  if (typeof value === 'string') return redacted(value, env) as T;
  if (Array.isArray(value)) return value.map((one) => redactedAll(one, env) as unknown) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactedAll(one, env)])) as T;
}

/** Whether what a field of a file says may be a secret, or was meant to be the name of one. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** An address, host:port or URL, without what may stand before its `@`. */
export function shownAddress(address: string): string {
  return redacted(address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@'));
}

/** A secret in its kind and length; never the text. */
export function inKind(text: string): string {
  if (/^\s*\{/.test(text)) return 'is the content of a file and not its path';
  if (text.includes('PRIVATE KEY')) return 'is a key and not the path of its file';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return `is ${JSON.stringify(shownAddress(text))}`;
  return `is a text of ${text.length} characters`;
}

function secretsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env)
    .flatMap(([name, value = '']) => (SECRET_NAME.test(name) && value.length >= LEAST_SECRET ? [value] : []))
    .filter((value) => !isPath(value))
    .toSorted((a, b) => b.length - a.length);
}

/** Whether a text is written as the path of a file: what is quoted then tells where it was looked for. */
export function isPath(text: string): boolean {
  return /^[\w./~@+ -]{1,255}\.[a-z]{2,6}$/i.test(text) || /^(\.{0,2}|~)\/[\w./@+-]{0,100}$/.test(text);
}

/**
 * What an activity throws stands in the history and in pending activities: the errors of libraries and of policies and channels of
 * one's own lose secrets there, once for all.
 */
export const redacting: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      throw withoutSecrets(error);
    }
  },
};

/** Changes the error itself, where there is something to change: others tell by its class what it is. */
function withoutSecrets(error: unknown): unknown {
  for (let one = error, left = 10; one instanceof Error && left > 0; one = one.cause, left -= 1) {
    replace(one, 'message');
    replace(one, 'stack');
  }
  return error;
}

/** Some errors, such as a DOMException, have no text of their own that could be assigned. */
function replace(error: Error, field: 'message' | 'stack'): void {
  const text = error[field];
  const value = text === undefined ? undefined : redacted(text);
  if (value !== text) Reflect.defineProperty(error, field, { value, configurable: true, writable: true });
}
