/** `incident`: an operator has to act. `active`: joined, and the term is running. */
export const STATES = ['evaluating', 'pending', 'granting', 'incident', 'active', 'closed'] as const;
export type State = (typeof STATES)[number];

export const OUTCOMES = ['joined', 'alreadyMember', 'denied', 'expired', 'withdrawn', 'failed', 'revoked'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const ENDED: Record<Outcome | 'completed' | 'stopped' | 'cancelled', string> = {
  joined: 'Joined',
  alreadyMember: 'Already a member',
  denied: 'Denied',
  expired: 'Expired',
  withdrawn: 'Withdrawn',
  failed: 'Failed',
  revoked: 'Revoked',
  completed: 'Completed',
  stopped: 'Stopped',
  cancelled: 'Cancelled',
};

/** How a request or an onboarding ended, and when: Temporal says “Completed” of them all. */
export function endedText(outcome: keyof typeof ENDED | null, closedAt: string | undefined): string {
  const how = ENDED[outcome ?? 'failed'];
  return closedAt === undefined ? how : `${how} at ${closedAt}`;
}
