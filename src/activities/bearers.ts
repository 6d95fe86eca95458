import { ApplicationFailure } from '@temporalio/common';
import { bearerIssue, serviceBearerFor } from '../domain/bearers.ts';
import type { JoinRequest } from '../domain/request.ts';

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
