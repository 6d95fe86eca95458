import type { Door } from './door.ts';
import type { Inbox } from './inbox.ts';
import type { Record } from './record.ts';
import type { Rounds } from './rounds.ts';

/** One request at work: what is known of it, and what comes in about it. */
export interface Run {
  readonly record: Record;
  readonly inbox: Inbox;
  readonly rounds: Rounds;
  readonly door: Door;
}
