import type { History } from './facts.ts';

/** A request as Temporal lists it. Times are ISO 8601. */
export interface Listed {
  readonly id: string;
  readonly runId: string;
  readonly state: string;
  readonly outcome: string | null;
  /** Why it was decided so. */
  readonly code: string | null;
  readonly requestedAt: string;
  readonly closedAt: string | null;
}

/** The request that asks about others. */
export type Own = Pick<Listed, 'id' | 'runId' | 'requestedAt'>;

/** What people, or their silence, decided about the member. What a policy denies to one asker says nothing of another's. */
const DECIDED = ['REVIEW_DENIED', 'DENIED_BY_TIME'];
/** Denials only for being asked again: counted, they would never end. */
const AGAIN = ['COOLING_OFF_AFTER_DENIAL', 'OTHER_REQUEST_OPEN'];
const UNDECIDED = ['evaluating', 'pending', 'granting', 'incident'];

/** So many are told one by one. */
const MAX_TOLD = 20;

export const NO_HISTORY: History = {
  open: 0,
  openBefore: 0,
  denied: 0,
  lastDeniedAt: null,
  lastOwnDeniedAt: null,
  isListed: true,
  requests: [],
};

/** In words, for reviewers. */
export function historyText({ open, denied, lastDeniedAt }: History): string | undefined {
  const last = lastDeniedAt === null ? '' : `, the last at ${lastDeniedAt}`;
  const parts = [...(open > 0 ? [`${open} open`] : []), ...(denied > 0 ? [`${denied} denied${last}`] : [])];
  return parts.length === 0 ? undefined : `other requests for this member here: ${parts.join('; ')}`;
}

/** What the requests for a member and channel come to, for one of them. */
export function historyOf(listed: readonly Listed[], own: Own): History {
  const others = listed.filter(({ runId }) => runId !== own.runId);
  // An id has one open run: an earlier one that is listed as open has just been closed.
  const open = others.filter(({ id, state }) => UNDECIDED.includes(state) && id !== own.id);
  const denied = others.filter(({ id, outcome, code }) => {
    const counts = id === own.id ? !AGAIN.includes(code ?? '') : DECIDED.includes(code ?? '');
    return outcome === 'denied' && counts;
  });
  return {
    open: open.length,
    openBefore: open.filter((one) => isBefore(one, own)).length,
    denied: denied.length,
    lastDeniedAt: latest(denied),
    lastOwnDeniedAt: latest(denied.filter(({ id }) => id === own.id)),
    isListed: others.length < listed.length,
    requests: others
      .toSorted((a, b) => b.requestedAt.localeCompare(a.requestedAt))
      .slice(0, MAX_TOLD)
      .map(({ requestedAt, closedAt, state, outcome }) => ({ requestedAt, closedAt, state, outcome })),
  };
}

function isBefore(one: Own, other: Own): boolean {
  const [a, b] = [Date.parse(one.requestedAt), Date.parse(other.requestedAt)];
  return a === b ? one.id < other.id : a < b;
}

function latest(denied: readonly Listed[]): string | null {
  return (
    denied
      .flatMap(({ closedAt }) => closedAt ?? [])
      .toSorted()
      .at(-1) ?? null
  );
}
