import type { ListedAs } from '../domain/search-attributes.ts';
import type { Tried } from '../activities/settle.ts';
import type { Settings } from '../domain/settings.ts';
import type { RequestView } from '../domain/view.ts';

/** What the last admission said that is needed later. */
export interface Kept {
  readonly settings: Settings;
  readonly serviceBearer: string;
  readonly listedAs: ListedAs;
  readonly executor: string | null;
  /** When the policies had answered, in ms since 1970, by the clock of the workflow. */
  readonly admittedAt: number;
  readonly validForMs: number;
  readonly term?: { readonly limitMs: number; readonly remindMs: readonly number[] };
}

/** Whether what the last admission found may still be acted on. */
export function isFresh({ admittedAt, validForMs }: Kept): boolean {
  return Date.now() - admittedAt <= validForMs;
}

/** Until when the call may be made. What was said within the last second counts as said now, or nothing would ever be. */
export function validUntil({ admittedAt, validForMs }: Kept): number {
  return admittedAt + Math.max(validForMs, LEAST_VALID_MS);
}

const LEAST_VALID_MS = 1_000;

/** Where a run goes on: the loops in which a request waits. */
export type Phase = 'waiting' | 'incident' | 'active';

/** Everything that the next run of a request needs. Only a run that continues another one takes it. */
export interface Carried {
  readonly phase: Phase;
  readonly view: RequestView;
  readonly kept: Kept;
  readonly usedAssertions: readonly { readonly id: string; readonly expiresAt: number }[];
  readonly reviewIds: readonly string[];
  /** How many events people were told of. */
  readonly told: number;
  /** Calls that may have been applied, though nobody heard of it. */
  readonly tried?: Tried;
}
