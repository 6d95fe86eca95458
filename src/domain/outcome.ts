/** `incident`: an operator has to act. `active`: joined, and the term is running. */
export const STATES = ['evaluating', 'pending', 'granting', 'incident', 'active', 'closed'] as const;
export type State = (typeof STATES)[number];

export const OUTCOMES = ['joined', 'alreadyMember', 'denied', 'expired', 'withdrawn', 'failed', 'revoked'] as const;
export type Outcome = (typeof OUTCOMES)[number];
