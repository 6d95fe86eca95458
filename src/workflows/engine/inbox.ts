import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, condition, setDefaultSignalHandler } from '@temporalio/workflow';
import type { CommandId } from '../../domain/engine.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import { same } from '../../domain/same.ts';
import type { Named } from './host.ts';

/** A command on its way to the loop, which takes them one at a time and gives each one answer. */
export interface Delivery<C> {
  readonly id: CommandId;
  readonly command: C;
}

export interface Inbox<C, A> {
  /** Hands a command to the loop and waits for its answer; a refusal is thrown. */
  submit(command: C): Promise<A>;
  /** The same for a command of ours: it stands once for all who want it by then. `undefined`: it got no answer in time. */
  share(command: C, withinMs: number, summary: string): Promise<A | Refusal | undefined>;
  /** Takes the next command by its rank, and of those by its turn; `urgent`: only one that ends something. */
  take(only?: 'urgent'): Delivery<C> | undefined;
  has(only?: 'urgent'): boolean;
  /** No command waits, and each that was taken has its answer. */
  isEmpty(): boolean;
  /** The first answer counts. */
  answer(id: CommandId, answer: A | Refusal): void;
  /** Answers whatever has no answer yet, also what was taken and could not be handled. */
  refuseRest(refusal: Refusal): void;
  /** Somebody cancelled the workflow in Temporal, and the loop has not heard of it. */
  isCancelledAnew(): boolean;
  hearCancelled(): void;
  /** From here on every command is to be given to the next run. */
  close(): void;
  /** It goes on in this run after all. */
  open(): void;
  isClosed(): boolean;
}

interface Pending<C, A> extends Delivery<C> {
  readonly isShared: boolean;
  answer?: A | Refusal;
}

/** `rank`: as the machine says in the present state. */
export function createInbox<C extends Named, A extends object>(rank: (command: C) => number | undefined): Inbox<C, A> {
  const waiting: Pending<C, A>[] = [];
  const unanswered = new Map<CommandId, Pending<C, A>>();
  let [count, closed, heard] = [0, false, false];
  // Known at once, also where it came together with what the loop wakes up for: a promise would tell it too late.
  const scope = CancellationScope.current();
  const put = (command: C, isShared: boolean): Pending<C, A> => {
    count += 1;
    const pending = { id: String(count), command, isShared };
    waiting.push(pending);
    unanswered.set(pending.id, pending);
    return pending;
  };
  const answer = (pending: Pending<C, A>, given: A | Refusal) => {
    pending.answer ??= given;
    unanswered.delete(pending.id);
  };
  const first = (only?: 'urgent') => firstOf(waiting, rank, only);
  return {
    async submit(command) {
      const pending = put(command, false);
      await condition(() => pending.answer !== undefined);
      if (!pending.answer || isRefusal(pending.answer)) throw refuse(pending.answer ?? LOST);
      return pending.answer;
    },
    async share(command, withinMs, summary) {
      const pending = waiting.find((one) => one.isShared && same(one.command, command)) ?? put(command, true);
      await condition(() => pending.answer !== undefined, withinMs, { summary });
      return pending.answer;
    },
    take(only) {
      const taken = first(only);
      if (taken) waiting.splice(waiting.indexOf(taken), 1);
      return taken;
    },
    has: (only) => first(only) !== undefined,
    isEmpty: () => waiting.length === 0 && unanswered.size === 0,
    answer(id, given) {
      const pending = unanswered.get(id);
      if (pending) answer(pending, given);
    },
    refuseRest(refusal) {
      waiting.length = 0;
      for (const pending of unanswered.values()) answer(pending, refusal);
    },
    isCancelledAnew: () => scope.consideredCancelled && !heard,
    hearCancelled() {
      heard = true;
    },
    close() {
      closed = true;
    },
    open() {
      closed = false;
    },
    isClosed: () => closed,
  };
}

/**
 * Until all that came in this task is known. A command is there at once, while the result of an activity takes some steps to get to
 * whoever waits for it: without this a command would come before a result that the same task brings. The SDK asks conditions anew
 * once nothing else is left to run, and that needs no event.
 */
export async function allHeard(): Promise<void> {
  let isAskedAgain = false;
  await condition(() => {
    const known = isAskedAgain;
    isAskedAgain = true;
    return known;
  });
}

/** The first of the lowest rank; a command without one stays. */
function firstOf<D extends Delivery<C>, C>(
  waiting: readonly D[],
  rank: (command: C) => number | undefined,
  only?: 'urgent',
): D | undefined {
  let best: { readonly delivery: D; readonly rank: number } | undefined;
  for (const delivery of waiting) {
    const its = rank(delivery.command);
    if (its === undefined || (only && its > 0)) continue;
    if (!best || its < best.rank) best = { delivery, rank: its };
  }
  return best?.delivery;
}

export function refuse(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.message, refusal.code, refusal);
}

const LOST: Refusal = { code: 'Unavailable', message: 'The command got no answer: give it again.' };

/** News that nobody waits for an answer to. */
export interface News<N> {
  /** Our own work found it out: it comes before what others say. */
  found(news: N): void;
  /** A signal said it, and anybody can send one: the same again says no more. */
  heard(news: N): void;
  take(): N | undefined;
  isEmpty(): boolean;
}

export function createNews<N>(): News<N> {
  const found: N[] = [];
  const heard: N[] = [];
  return {
    found: (news) => void found.push(news),
    heard(news) {
      if (!heard.some((one) => same(one, news))) heard.push(news);
    },
    take: () => found.shift() ?? heard.shift(),
    isEmpty: () => found.length === 0 && heard.length === 0,
  };
}

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
