import { z } from 'zod';
import type { Approvers } from '../domain/requirement.ts';
import type { CelRefusal } from './cel/program.ts';
import { reviewerExpression } from './roster.ts';

/** A stable code of a denial, for machines. */
export const Code = z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'a code of A-Z, 0-9 and _, such as NOT_ON_CALL');

/** What a denial says to people. */
export const Message = z.string().regex(/^[^\r\n]{1,1024}$/, 'one line of 1 to 1024 characters');

export const Visibility = z.enum(['full', 'opaque']);

/** How many people have to approve. */
export const Approve = z.number().int().min(1).max(100);

/** Names of facts, also of those that policies of one's own provide. Whether they exist, the loader knows. */
export const FactNames = z
  .array(z.string().regex(/^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*$/, 'the name of a fact, such as requester.role'))
  .max(50);

export type Issues = Pick<z.core.$RefinementCtx, 'addIssue'>;

/** Refuses a field that would do nothing because what it belongs to is not there. */
export function refuseIdle(
  issues: Issues,
  params: Readonly<Record<string, unknown>>,
  field: string,
  without: string,
): void {
  if (params[field] === undefined) return;
  issues.addIssue({ code: 'custom', path: [field], message: `${field} does nothing without ${without}` });
}

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
