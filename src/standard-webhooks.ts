import { Webhook } from 'standardwebhooks';

/** The headers of Standard Webhooks, on questions of the policy `http` and notifications of the channel `webhook`. */
export interface WebhookHeaders {
  readonly 'webhook-id': string;
  /** Seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** `v1,` and the base64 of an HMAC-SHA256; one for each secret, with blanks between them. */
  readonly 'webhook-signature': string;
}

export const WEBHOOK_SECRET =
  '`whsec_` and the base64 of 24 to 64 random bytes, such as `echo "whsec_$(openssl rand -base64 32)"` prints; while it is replaced, the new one and the old one with a blank between them';

export type WebhookSecrets =
  { readonly ok: true; readonly secrets: readonly string[] } | { readonly ok: false; readonly message: string };

/** Reads the secrets that the value of an environment variable holds. A message never quotes one. */
export function readWebhookSecrets(value: string | undefined): WebhookSecrets {
  const secrets = (value ?? '').split(/\s+/).filter(Boolean);
  const variable = 'the environment variable that `secretEnv` names';
  if (secrets.length === 0) return { ok: false, message: `${variable} has no secret` };
  if (secrets.every(isSecret)) return { ok: true, secrets };
  return { ok: false, message: `${variable} holds something else than webhook secrets` };
}

/** Stricter than the library, which takes any base64: libraries of other languages would read a sloppy one as another key. */
function isSecret(text: string): boolean {
  const base64 = /^whsec_(.+)$/.exec(text)?.[1] ?? '';
  const key = Buffer.from(base64, 'base64');
  return key.toString('base64') === base64 && key.length >= 24 && key.length <= 64;
}

/** Signs the body as it will be sent, at the time of this attempt; a receiver accepts any one of the signatures. */
export function signedHeaders(secrets: readonly string[], id: string, body: string, at = new Date()): WebhookHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
