/** An error of a policy that asking again cannot mend, such as a missing secret. */
export class FinalPolicyError extends Error {
  override readonly name = 'FinalPolicyError';
  /** Read by the host; a property, so that it also counts for an error of another copy of this package. */
  readonly nonRetryable = true;
}
