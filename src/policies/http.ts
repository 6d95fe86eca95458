import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { boundsIssue } from '../domain/bounds.ts';
import { durationMs } from '../domain/duration.ts';
import { FIXED_URL, isFixedUrl } from '../domain/fixed-url.ts';
import { Duration } from '../schemas/fields.ts';
import type { VerdictInput } from '../schemas/verdict.ts';
import { readWebhookSecrets, WEBHOOK_SECRET, signedHeaders } from '../standard-webhooks.ts';
import { FactNames } from './params.ts';
import { definePolicy } from './policy.ts';

const Params = z.strictObject({
  url: z.string().refine(isFixedUrl, FIXED_URL),
  secretEnv: z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/, 'the name of an environment variable, such as ON_CALL_SECRET'),
  facts: FactNames.default([]),
  timeout: Duration.exactOptional(),
});

/** Asks a service of one's own, which answers with a verdict. The question is signed as Standard Webhooks says. */
export const http = definePolicy({
  id: 'http',
  version: '1.0.0',
  title: 'A service over HTTP',
  params: Params,
  facts: ({ facts }) => facts,
  kind: 'external',
  async evaluate(request, { params, facts, signal, now, purpose, askedBy, requestedAt, answers, questionId }) {
    const { url, secretEnv, timeout } = params;
    const read = readWebhookSecrets(process.env[secretEnv]);
    if (!read.ok) throw new FinalPolicyError(`${read.message} (accepted: ${WEBHOOK_SECRET})`);
    const own = timeout === undefined ? undefined : AbortSignal.timeout(durationMs(timeout));
    const question = {
      request,
      facts,
      now: now.toISOString(),
      purpose,
      askedBy,
      requestedAt: requestedAt.toISOString(),
      answers,
    };
    const call = { url, secrets: read.secrets, id: questionId ?? randomUUID(), question };
    try {
      // Whatever the service answers, the host takes only what is a verdict.
      return (await askService({ ...call, signal: own ? AbortSignal.any([signal, own]) : signal })) as VerdictInput;
    } catch (error) {
      throw own?.aborted ? new Error(`no answer within ${timeout}`, { cause: error }) : error;
    }
  },
});

const MAX_ANSWER = 64 * 1_024;
const ANSWER_BOUNDS = { characters: MAX_ANSWER, levels: 32, items: 5_000 };

/** Client errors that may be gone next time. */
const RETRYABLE = new Set([408, 425, 429]);

interface ServiceCall {
  readonly url: string;
  /** Of Standard Webhooks. */
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  /** Stays the same when a question is asked again. */
  readonly id: string;
  /** Sent as JSON, with `apiVersion` and the id. */
  readonly question: object;
}

/** Asks a service and gives back the JSON of its answer. Throws what is wrong, finally where asking again cannot help. */
async function askService({ url, secrets, signal, id, question }: ServiceCall): Promise<unknown> {
  const body = JSON.stringify({ apiVersion: 'admission/v1', id, ...question });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    // Signed at the real time, also where the question is about another one.
    ...signedHeaders(secrets, id, body),
  };
  try {
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal });
    return await answerOf(response);
  } catch (error) {
    signal.throwIfAborted();
    // `fetch failed` says nothing; its cause has the code, such as ECONNREFUSED.
    const cause = error instanceof TypeError ? (error.cause as { code?: unknown } | undefined) : undefined;
    if (cause === undefined) throw error;
    const code = typeof cause.code === 'string' ? cause.code : 'unknown reason';
    throw new Error(`the connection to the service failed: ${code}`, { cause: error });
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const { status } = response;
  if (!response.ok) {
    await response.body?.cancel();
    const message = `the service answered ${status}`;
    if (status >= 300 && status < 400) throw new FinalPolicyError(`${message}: redirects are not followed`);
    throw status < 500 && !RETRYABLE.has(status) ? new FinalPolicyError(message) : new Error(message);
  }
  const type = response.headers.get('content-type') ?? 'none';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    await response.body?.cancel();
    throw new Error(`the service answered with content-type ${type.slice(0, 100)} instead of application/json`);
  }
  const text = await readText(response, MAX_ANSWER);
  const answer = jsonOf(text);
  const issue = boundsIssue(answer, 'answer', ANSWER_BOUNDS);
  if (issue) throw new Error(`the answer of the service is not taken: ${issue.message}`);
  return answer;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error('the service answered with something that is not JSON', { cause: error });
  }
}

/** An error of a policy that asking again cannot mend, such as a missing secret. */
class FinalPolicyError extends Error {
  override readonly name = 'FinalPolicyError';
  /** Read by the host; a property, so that it also counts for an error of another copy of this package. */
  readonly nonRetryable = true;
}

/** The text of a body, which is given up as soon as it is longer than allowed. */
async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Counted after decompression: a small body may unpack to a large one. Leaving the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`the service answered with more than ${maxBytes / 1_024} KiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
