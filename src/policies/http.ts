import { z } from 'zod';
import type { VerdictInput } from '../domain/verdict.ts';
import { Duration, durationMs } from '../domain/duration.ts';
import { askService } from './http-service/ask.ts';
import { FinalPolicyError } from './http-service/final-error.ts';
import { FactNames } from './params/fields.ts';
import { definePolicy } from './policy.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The URL is fixed in the file: nothing of a request ever gets into it. */
function isFixedUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || /[{}\s]/.test(text) || url.username || url.password || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}

const Params = z.strictObject({
  url: z
    .string()
    .refine(isFixedUrl, 'an https URL (http only for loopback) without placeholders, credentials or fragment'),
  secretEnv: z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/, 'the name of an environment variable, such as ON_CALL_SECRET'),
  facts: FactNames.default([]),
  timeout: Duration.exactOptional(),
});

/** Asks a service of one's own, which answers with a verdict. The question is signed with a shared secret. */
export const http = definePolicy({
  id: 'http',
  version: '1.0.0',
  title: 'A service over HTTP',
  params: Params,
  facts: ({ facts }) => facts,
  kind: 'external',
  async evaluate(request, { params, facts, signal, now }) {
    const { url, secretEnv, timeout } = params;
    const secret = process.env[secretEnv];
    if (!secret) throw new FinalPolicyError(`the environment variable ${secretEnv} has no secret`);
    const own = timeout === undefined ? undefined : AbortSignal.timeout(durationMs(timeout));
    const call = { url, secret, question: { request, facts, now: now.toISOString() } };
    try {
      // Whatever the service answers, the host takes only what is a verdict.
      return (await askService({ ...call, signal: own ? AbortSignal.any([signal, own]) : signal })) as VerdictInput;
    } catch (error) {
      throw own?.aborted ? new Error(`no answer within ${timeout}`, { cause: error }) : error;
    }
  },
});
