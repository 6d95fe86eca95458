import type { Reason } from '../domain/admission.ts';
import type { DenialCode } from '../domain/approval/panel.ts';
import type { CommandResult, Refusal } from '../domain/commands.ts';
import type { Concluded } from './concluded.ts';

/** What the waiting of a request came to. */
export type End =
  /** `completedBy`: whose review, or override, was the last that was needed. */
  | { readonly result: 'approved'; readonly completedBy?: string }
  | { readonly result: 'denied'; readonly code: DenialCode; readonly binding: string; readonly by?: string }
  | { readonly result: 'expired'; readonly message: string }
  | { readonly result: 'withdrawn' }
  /** The policies were asked again: what they say now counts. */
  | { readonly result: 'evaluated'; readonly admission: Concluded };

/** What a command came to: the answer to who gave it, and whether the waiting is over. */
export interface Handled {
  readonly answer: CommandResult | Refusal;
  readonly end?: End;
}

/** Why a request ends that people, or time, denied. */
export function reasonOf({ code, binding }: End & { result: 'denied' }): Reason {
  const messages = {
    REVIEW_DENIED: 'Who was asked to review this request denied it.',
    DENIED_BY_TIME: 'Nobody approved in time, and then it is denied.',
    NO_ELIGIBLE_APPROVER: 'Too few people are left who could approve.',
  } as const;
  return { code, message: messages[code], binding, visibility: 'full' };
}
