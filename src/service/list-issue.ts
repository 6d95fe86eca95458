import { arnShape, parseArn } from '../domain/arn.ts';
import type { AdmissionError } from './result.ts';

/** What is wrong with the people whom a list is about, by the field that names them, or with how long it may be. */
export function listIssue(
  people: Readonly<Record<string, string | undefined>>,
  limit: number,
): AdmissionError | undefined {
  const code = 'InvalidFilter';
  for (const [field, arn] of Object.entries(people)) {
    if (arn === undefined || ['user', 'bot'].includes(parseArn(arn)?.kind ?? '')) continue;
    return { code, field, message: 'this is no ARN of a user or bot', accepted: arnShape('user|bot') };
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    return { code, field: 'limit', message: `${limit} is no limit`, accepted: 'a whole number from 1 to 1000' };
  }
  return undefined;
}
