import { z } from 'zod';
import { shortName } from '../../domain/arn.ts';
import { durationMs } from '../../domain/duration.ts';
import { Duration } from '../../schemas/fields.ts';
import { FIXED_URL, isFixedUrl } from '../../domain/fixed-url.ts';
import { readWebhookSecrets, signedHeaders, WEBHOOK_SECRET } from '../../standard-webhooks.ts';
import { defineChannel, FinalDeliveryError, type Message } from '../channel.ts';

/** Client errors that may be gone next time; a wrong secret or clock is for an operator to mend meanwhile. */
const RETRYABLE = new Set([401, 408, 425, 429]);
const MAX_REASON = 4 * 1_024;

const Params = z.strictObject({
  url: z.string().refine(isFixedUrl, FIXED_URL),
  secretEnv: z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/, 'the name of an environment variable, such as CHAT_SECRET'),
  timeout: Duration.default('10s').refine((text) => durationMs(text) > 0 && durationMs(text) <= 20_000, 'at most 20s'),
});

/** Posts each message as JSON, signed as Standard Webhooks says; libraries of many languages verify it at the other end. */
export const webhook = defineChannel({
  id: 'webhook',
  params: Params,
  check({ params: { secretEnv }, secret }) {
    const read = readWebhookSecrets(secret(secretEnv));
    return read.ok ? [] : [{ path: ['secretEnv'], message: read.message, accepted: WEBHOOK_SECRET }];
  },
  async deliver(message, { params: { url, secretEnv, timeout }, secret, signal }) {
    const read = readWebhookSecrets(secret(secretEnv));
    if (!read.ok) throw new Error(read.message);
    const late = AbortSignal.timeout(durationMs(timeout));
    try {
      await post({ url, secrets: read.secrets, message, signal: AbortSignal.any([signal, late]) });
    } catch (error) {
      throw late.aborted && !(error instanceof FinalDeliveryError)
        ? new Error(`no answer within ${timeout}`, { cause: error })
        : error;
    }
  },
});

interface Post {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly message: Message;
  readonly signal: AbortSignal;
}

async function post({ url, secrets, message, signal }: Post): Promise<void> {
  const body = JSON.stringify(bodyOf(message));
  // The time is that of this attempt; the id stays the same.
  const headers = { 'content-type': 'application/json', ...signedHeaders(secrets, message.id, body) };
  const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal }).catch(explained);
  if (response.ok) return response.body?.cancel();
  const { status } = response;
  const reason = await beginningOf(response);
  const text = `the receiver answered ${status}${reason ? `: ${JSON.stringify(reason)}` : ''}`;
  if (status >= 300 && status < 400) throw new FinalDeliveryError(`${text}; redirects are not followed`);
  throw status < 500 && !RETRYABLE.has(status) ? new FinalDeliveryError(text) : new Error(text);
}

/** What is posted. */
export interface WebhookBody extends Omit<Message, 'to' | 'text'> {
  readonly apiVersion: 'admission/v1';
  readonly to: { readonly arn: string; readonly name: string };
  readonly text: string;
}

function bodyOf({ to, text, ...message }: Message): WebhookBody {
  return { apiVersion: 'admission/v1', ...message, to: { arn: to, name: shortName(to) }, text: text.join('\n') };
}

/** `fetch failed` says nothing; its cause has the code, such as ECONNREFUSED. */
function explained(error: unknown): never {
  const cause = error instanceof TypeError ? (error.cause as { code?: unknown } | undefined) : undefined;
  if (cause === undefined) throw error;
  const code = typeof cause.code === 'string' ? cause.code : 'unknown reason';
  throw new Error(`the connection to the receiver failed: ${code}`, { cause: error });
}

/** What a receiver says about a refusal, for operators; whatever comes after 4 KiB, or breaks off, is not read. */
async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Leaving the loop cancels the rest.
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= MAX_REASON) break;
    }
  } catch {
    // The status is what counts.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, 200);
}
