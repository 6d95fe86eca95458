/**
 * What operators search requests by, in Temporal's own terms. They hold no reasons and no rosters, and HIDDEN requests
 * leave the member out.
 */
export const SEARCH_ATTRIBUTES = {
  AdmissionState: 'KEYWORD',
  AdmissionOutcome: 'KEYWORD',
  AdmissionChannel: 'KEYWORD',
  AdmissionMember: 'KEYWORD',
  AdmissionType: 'KEYWORD',
  AdmissionPolicyDigest: 'KEYWORD',
  AdmissionDueAt: 'DATETIME',
} as const;

export type SearchAttribute = keyof typeof SEARCH_ATTRIBUTES;

/** Temporal on PostgreSQL never lists a workflow with a longer Keyword. */
export const MAX_KEYWORD_LENGTH = 255;
