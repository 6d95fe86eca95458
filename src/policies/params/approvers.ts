import type { Approvers } from '../../domain/requirement.ts';
import type { CelRefusal } from '../cel/syntax.ts';
import { reviewerExpression } from '../roster.ts';
import type { Issues } from './fields.ts';

/** A description of people, and where in the params it stands. */
interface Place {
  readonly path: readonly PropertyKey[];
  readonly approvers: Approvers;
}

/** The fields of a requirement that describe people. */
const PEOPLE = ['approvers', 'fallback', 'to'];

/** Every description of people in params that were checked. */
export function approversIn(params: unknown, path: readonly PropertyKey[] = []): Place[] {
  if (typeof params !== 'object' || params === null) return [];
  const entries: [PropertyKey, unknown][] = Array.isArray(params) ? [...params.entries()] : Object.entries(params);
  return entries.flatMap(([key, value]) => {
    const at = [...path, key];
    return PEOPLE.includes(String(key)) ? [{ path: at, approvers: value as Approvers }] : approversIn(value, at);
  });
}

/** Refuses expressions about reviewers that would be wrong for every request. */
export function refuseBadExpressions(issues: Issues, params: unknown): void {
  for (const { path, approvers } of approversIn(params)) {
    const compiled = approvers.expression === undefined ? undefined : reviewerExpression(approvers.expression);
    if (compiled?.ok === false) refuseCel(issues, compiled, [...path, 'expression']);
  }
}

/** Says what is wrong with an expression, and where in its text. */
export function refuseCel(issues: Issues, refusal: CelRefusal, path: readonly PropertyKey[]): void {
  const { line = 1, column = 1, accepted } = refusal;
  const message = `${refusal.message} (line ${line}, column ${column}); accepted: ${accepted}`;
  issues.addIssue({ code: 'custom', path: [...path], message, params: { accepted, line, column } });
}
