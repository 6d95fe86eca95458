import type { DecisionOrigin, FailurePolicy } from './admission.ts';

/** An external policy that has to be asked, in an activity of its own. All times in ms. */
export interface ExternalCall {
  readonly origin: DecisionOrigin;
  readonly failurePolicy: FailurePolicy;
  /** One attempt. */
  readonly timeoutMs: number;
  readonly retry: {
    readonly initialMs: number;
    readonly maximumMs: number;
    readonly maximumAttempts: number;
    /** From the first attempt to the last. */
    readonly forMs: number;
  };
  /** The facts that it is given. */
  readonly facts: readonly string[];
}

/** The type of the activity that asks the policy of a binding. */
export function externalActivity(binding: string): string {
  return `policy:${binding}`;
}
