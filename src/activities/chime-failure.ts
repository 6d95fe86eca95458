import { activityInfo, log, metricMeter } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { signsOf } from '../chime/error-signs.ts';
import { classify } from '../domain/chime-errors.ts';
import type { ErrorRow } from '../domain/chime-errors.ts';
import type { RequestError } from '../domain/view.ts';

/** What the retry table says about an error of the SDK. An answer it does not know is counted and logged. */
export function rowOf(error: unknown): ErrorRow {
  const signs = signsOf(error);
  const row = classify(signs);
  if (row.id.startsWith('unknown')) {
    metricMeter.createCounter(UNKNOWN_ANSWERS, 'answers', 'Answers of Chime that the retry table lacks').add(1);
    log.warn('the retry table does not know this answer of Chime', { ...signs });
  }
  return row;
}

/**
 * The failure that Temporal sees: its `type` is the exception's name, it is retried as the table says, and its details
 * carry what operators need.
 */
export function chimeFailure(error: unknown, row: ErrorRow = rowOf(error)): ApplicationFailure {
  const { name, message, requestId, retryAfterMs } = signsOf(error);
  const detail: RequestError = {
    type: name,
    message,
    hint: row.hint,
    ...(requestId === undefined ? {} : { requestId }),
  };
  return ApplicationFailure.create({
    type: name,
    message: message || row.answer,
    nonRetryable: row.class === 'terminal',
    details: [{ ...detail, attempt: activityInfo().attempt }],
    ...(row.class === 'throttled' ? { nextRetryDelay: retryAfterMs || jitteredBackoff() } : {}),
  });
}

const UNKNOWN_ANSWERS = 'admission_unknown_chime_answers';

/** Every throttled caller waits a different while, so that they do not come back together: 1–2 s, 2–4 s, … 32–64 s. */
function jitteredBackoff(): number {
  const base = 1_000 * 2 ** Math.min(activityInfo().attempt - 1, 5);
  return Math.round(base * (1 + Math.random()));
}
