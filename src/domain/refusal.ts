/** Why a command was refused, and nothing was changed. The codes are stable. */
export interface Refusal {
  readonly code:
    | 'InvalidRequest'
    | 'InvalidReview'
    | 'InvalidCommand'
    | 'InvalidInput'
    | 'OtherTypeOpen'
    | 'Unauthenticated'
    | 'NotAnApprover'
    | 'NotAnAdmin'
    | 'OwnRequest'
    | 'NotYours'
    | 'NotPending'
    | 'NotActive'
    | 'NoIncident'
    | 'NoInputAsked'
    | 'NothingChanges'
    | 'JustificationRequired'
    | 'RequestChanged'
    | 'UnknownRequirement'
    | 'ReviewIdUsed'
    | 'ExtensionOpen'
    | 'UnknownStep'
    | 'UnknownRequest'
    | 'OtherOnboardingOpen'
    | 'UnknownFlow'
    | 'FlowNotAllowed'
    | 'AlreadyResolved'
    /** A policy says no to an extension. */
    | 'Denied'
    | 'Unavailable'
    /** Others wait for their answers, or asked too often: the same may be given again. */
    | 'Busy'
    /** The request goes on as a new run at this very moment: the same command can be given again at once. */
    | 'Continuing';
  readonly message: string;
  readonly field?: string;
  readonly accepted?: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'message' in value;
}

/** What has to be known before a command counts could not be read, for now. */
export function unavailable({ type, message }: { readonly type: string; readonly message: string }): Refusal {
  return {
    code: 'Unavailable',
    message: `What is needed to check this command could not be read (${type}: ${message}). Nothing was changed: try again.`,
  };
}
