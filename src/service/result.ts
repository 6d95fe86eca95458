/** An error as data: what was wrong, where, what is accepted. `code` is stable. */
export interface AdmissionError {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly accepted?: string;
  /** Where more is to be said than a line: one each. */
  readonly details?: readonly string[];
  /** The request that it is about, when there is one. */
  readonly id?: string;
}

export type Result<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Ids of what a list leaves out, since it cannot be read. */
      readonly unread?: readonly string[];
    }
  | { readonly ok: false; readonly error: AdmissionError };

export function good<T>(value: T, unread: readonly string[] = []): Result<T> {
  return { ok: true, value, ...(unread.length > 0 ? { unread } : {}) };
}

export function bad<T>(error: AdmissionError): Result<T> {
  return { ok: false, error };
}

/** The same, with more that cannot be read. */
export function andUnread<T>(result: Result<T>, more: readonly string[]): Result<T> {
  return result.ok ? good(result.value, [...(result.unread ?? []), ...more]) : result;
}
