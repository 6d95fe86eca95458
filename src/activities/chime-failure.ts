import { activityInfo, log, metricMeter } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { signsOf } from '../chime/error-signs.ts';
import { bearerIssue, serviceBearerFor } from '../domain/bearers.ts';
import { classify, type ErrorRow } from '../domain/chime-errors.ts';
import type { JoinRequest } from '../domain/request.ts';
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

/** The service bearer of a request whose bearers are right; an InvalidRequest failure otherwise. */
export function checkedBearer(request: JoinRequest, bearers: readonly string[]): string {
  const issue = bearerIssue(request, bearers);
  if (issue) throw ApplicationFailure.nonRetryable(issue.message, 'InvalidRequest', issue);
  return requiredBearer(request.channelArn, bearers);
}

export function requiredBearer(channelArn: string, bearers: readonly string[]): string {
  const bearer = serviceBearerFor(channelArn, bearers);
  if (bearer) return bearer;
  throw ApplicationFailure.nonRetryable(`there is no service bearer for ${channelArn}`, 'NoServiceBearer');
}
