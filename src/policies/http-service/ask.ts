import { boundsIssue } from '../../domain/bounds.ts';
import { FinalPolicyError } from './final-error.ts';
import { readText } from './read-text.ts';
import { signedHeaders } from '../../standard-webhooks.ts';

const MAX_ANSWER = 64 * 1_024;
const ANSWER_BOUNDS = { characters: MAX_ANSWER, levels: 32, items: 5_000 };

/** Client errors that may be gone next time. */
const RETRYABLE = new Set([408, 425, 429]);

export interface ServiceCall {
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
export async function askService({ url, secrets, signal, id, question }: ServiceCall): Promise<unknown> {
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
