import { createHmac, timingSafeEqual } from 'node:crypto';

/** The headers of what is signed: questions of the policy `http`, and notifications of the channel `webhook`. */
export const TIMESTAMP_HEADER = 'x-admission-timestamp';
export const SIGNATURE_HEADER = 'x-admission-signature';
export const ID_HEADER = 'x-admission-id';
/** The same whenever a notification is sent again. It is not signed: the signed body says it too. */
export const DELIVERY_HEADER = 'x-admission-delivery';

const TOLERANCE_MS = 5 * 60_000;

/** `v1=` and the HMAC-SHA256, in hex, of the timestamp (seconds since 1970), a dot and the body as it was sent. */
export function signatureOf(secret: string, timestamp: string, body: string | Buffer): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}

export interface SignedMessage {
  readonly secret: string;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** The bytes as they came, before anything parses them. */
  readonly body: string | Buffer;
  readonly now?: Date;
}

/**
 * For the receiving service: whether a message comes from who knows the secret, and is at most 5 minutes old. Within
 * these, a service that acts on a message remembers the ids it has seen.
 */
export function verifySignature(message: SignedMessage): { ok: true } | { ok: false; message: string } {
  const { secret, timestamp = '', signature = '', body, now = new Date() } = message;
  if (secret === '') return { ok: false, message: 'there is no secret to check with' };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, message: `${TIMESTAMP_HEADER} is not a time in seconds` };
  if (Math.abs(now.getTime() - Number(timestamp) * 1_000) > TOLERANCE_MS) {
    return { ok: false, message: `${TIMESTAMP_HEADER} is more than 5 minutes away from now` };
  }
  const expected = Buffer.from(signatureOf(secret, timestamp, body));
  const given = Buffer.from(signature);
  const same = given.length === expected.length && timingSafeEqual(given, expected);
  return same ? { ok: true } : { ok: false, message: `${SIGNATURE_HEADER} does not fit` };
}
