import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { VerdictInput } from '../schemas/verdict.ts';
import { durationMs } from '../domain/duration.ts';
import { Duration } from '../schemas/fields.ts';
import { FIXED_URL, isFixedUrl } from '../domain/fixed-url.ts';
import { askService } from './http-service/ask.ts';
import { FinalPolicyError } from './http-service/final-error.ts';
import { FactNames } from './params.ts';
import { definePolicy } from './policy.ts';
import { readWebhookSecrets, WEBHOOK_SECRET } from '../standard-webhooks.ts';

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
