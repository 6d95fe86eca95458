import type { GrantRecord } from '../ownership.ts';

/** The signal by which a join tells the onboarding that asked for it how far it is. */
export const CHILD_PROGRESS = 'childProgress';

/**
 * A signal can come from anybody who reaches Temporal, so it is only a reason to look: what it says of state, outcome
 * and grant is never taken over.
 */
export interface ChildProgress {
  /** The workflow id of the join. */
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  /** The membership that it made. */
  readonly grant?: GrantRecord;
}

/** Which child says that it moved on, and how far; nothing where it is no such signal. */
export function hintIn(input: unknown): Pick<ChildProgress, 'id' | 'state'> | undefined {
  const { id, state } = Object(input) as Partial<Record<keyof ChildProgress, unknown>>;
  if (typeof id !== 'string' || typeof state !== 'string') return undefined;
  return id !== '' && id.length <= 255 && state.length <= 64 ? { id, state } : undefined;
}
