/**
 * What operators search requests by, in Temporal's own terms. They hold no reasons and no rosters, and HIDDEN requests
 * leave the member out.
 */
export const SEARCH_ATTRIBUTES = {
  AdmissionState: 'KEYWORD',
  AdmissionOutcome: 'KEYWORD',
  AdmissionChannel: 'KEYWORD',
  AdmissionMember: 'KEYWORD',
  /** Who is a party of a request, as hashes: see `ListedAs`. */
  AdmissionParties: 'KEYWORD_LIST',
  AdmissionType: 'KEYWORD',
  AdmissionPolicyDigest: 'KEYWORD',
  /** Why a request ended. */
  AdmissionCode: 'KEYWORD',
  /** What a request waits for: input, time or people. */
  AdmissionWaitsOn: 'KEYWORD',
  AdmissionDueAt: 'DATETIME',
} as const;

export type SearchAttribute = keyof typeof SEARCH_ATTRIBUTES;

/** What a workflow shows in lists; a time is ISO 8601. An attribute that is not named has no value. */
export type Attributes = { readonly [N in SearchAttribute]?: string | readonly string[] | null };

/** Temporal on PostgreSQL never lists a workflow with a longer Keyword. */
export const MAX_KEYWORD_LENGTH = 255;

/** What the search attributes say of people. Only activities know it: a workflow knows no key. */
export interface ListedAs {
  /** `AdmissionMember`: the ARN, or a keyed hash of it; `null` where the member is not to be found. */
  readonly member: string | null;
  /** `AdmissionParties`: `m:<hash>` of the member, `r:<hash>` of who asks, and `b:<hash>` of a bearer that was named. */
  readonly parties: readonly string[];
}
