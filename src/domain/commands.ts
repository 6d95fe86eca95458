import { z } from 'zod';
import type { RequestView } from './view.ts';

/** Names of the messages that a request takes, and what they carry; both ends use these. */
export const UPDATES = {
  requestJoin: 'requestJoin',
  review: 'review',
  withdraw: 'withdraw',
  reevaluate: 'reevaluate',
} as const;
export const STATE_QUERY = 'state';
export const WORKFLOW_TYPE = 'joinChannel';

/** Who gives a command. Without a valid `assertion` it counts only where the worker trusts its callers. */
const Actor = z.strictObject({
  principal: z.string().min(1).max(1600),
  assertion: z.string().max(8192).exactOptional(),
});

const ReviewCommand = z.strictObject({
  actor: Actor,
  decision: z.enum(['approve', 'deny']),
  comment: z.string().min(1).max(1024).exactOptional(),
});

const WithdrawCommand = z.strictObject({ actor: Actor });

/** Ask the policies again, if another set than this one decided. It needs no actor: it gives nobody anything. */
const ReevaluateCommand = z.strictObject({ policyDigest: z.string().max(64) });

export type Actor = z.infer<typeof Actor>;
export type ReviewCommand = z.infer<typeof ReviewCommand>;
export type ReevaluateCommand = z.infer<typeof ReevaluateCommand>;
export type WithdrawCommand = z.infer<typeof WithdrawCommand>;

/** Where a request stands after a command. */
export type CommandResult = Pick<RequestView, 'id' | 'state' | 'outcome' | 'progress'>;

/** Why a command was refused. The codes are stable. */
export interface Refusal {
  readonly code:
    | 'InvalidRequest'
    | 'InvalidReview'
    | 'InvalidCommand'
    | 'OtherTypeOpen'
    | 'Unauthenticated'
    | 'NotAnApprover'
    | 'OwnRequest'
    | 'NotYours'
    | 'NotPending'
    | 'AlreadyResolved'
    | 'Unavailable';
  readonly message: string;
  readonly field?: string;
  readonly accepted?: string;
}

export function parseReview(input: unknown): ReviewCommand | Refusal {
  const parsed = ReviewCommand.safeParse(input);
  if (parsed.success) return parsed.data;
  return invalid(
    'InvalidReview',
    parsed.error,
    'actor: { principal, assertion? }, decision: approve or deny, comment?: 1 to 1024 characters',
  );
}

export function parseWithdraw(input: unknown): WithdrawCommand | Refusal {
  const parsed = WithdrawCommand.safeParse(input);
  return parsed.success ? parsed.data : invalid('InvalidCommand', parsed.error, 'actor: { principal, assertion? }');
}

export function parseReevaluate(input: unknown): ReevaluateCommand | Refusal {
  const parsed = ReevaluateCommand.safeParse(input);
  return parsed.success ? parsed.data : invalid('InvalidCommand', parsed.error, 'policyDigest: of the new policy set');
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value;
}

function invalid(code: Refusal['code'], error: z.ZodError, accepted: string): Refusal {
  const issue = error.issues[0];
  const field = issue?.path.join('.') || 'command';
  return { code, field, message: `${field}: ${issue?.message ?? 'not valid'}`, accepted };
}
