import { z } from 'zod';
import { Duration } from '../../schemas/fields.ts';

/** A stable code of a denial, for machines. */
export const Code = z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'a code of A-Z, 0-9 and _, such as NOT_ON_CALL');

/** What a denial says to people. */
export const Message = z.string().regex(/^[^\r\n]{1,1024}$/, 'one line of 1 to 1024 characters');

export const Visibility = z.enum(['full', 'opaque']);

/** How many people have to approve. */
export const Approve = z.number().int().min(1).max(100);

/** A time that passes. */
export const PositiveDuration = Duration.refine((written) => !/^0+\D/.test(written), 'no time at all');

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
