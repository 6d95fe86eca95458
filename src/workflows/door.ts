import { setDefaultSignalHandler } from '@temporalio/workflow';
import type { Refusal } from '../domain/refusal.ts';

/**
 * Where messages come in. Temporal takes ten updates at once and two thousand in a run, whoever sends them: so each that
 * is taken counts towards a new run, also one that is refused afterwards, and few may wait inside.
 */
export interface Door {
  /** How many messages this run has taken, signals included. */
  taken(): number;
  /** One more that needs no answer. */
  count(): void;
  /** How many updates wait for their answer. */
  inside(): number;
  /** Handles an update. */
  enter<R>(work: () => Promise<R>): Promise<R>;
}

/** Of the ten places, those that ordinary updates take at most: the others are for what ends something. */
export const MOST_INSIDE = 7;

/** So many updates a run takes that only ask how it stands, while nothing lets it go on as a new one. */
export const MOST_TAKEN = 1_200;

export function createDoor(): Door {
  let [taken, inside] = [0, 0];
  const count = () => {
    taken += 1;
  };
  // The SDK would keep what nobody handles, for as long as the run lasts.
  setDefaultSignalHandler(count);
  return {
    taken: () => taken,
    count,
    inside: () => inside,
    async enter(work) {
      taken += 1;
      inside += 1;
      try {
        return await work();
      } finally {
        inside -= 1;
      }
    },
  };
}

/** Codes that the service takes for "give it again". */
export const BUSY: Refusal = {
  code: 'Busy',
  message: 'Too many messages about this wait for an answer just now: give it again.',
};

export const CONTINUING: Refusal = {
  code: 'Continuing',
  message: 'This goes on as a new run right now: give it again.',
};
