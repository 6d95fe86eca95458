import { CancellationScope, sleep, workflowInfo } from '@temporalio/workflow';
import { CLOCK_STANDS_STILL } from '../../domain/engine.ts';
import { summaryText } from '../../domain/text.ts';

/**
 * One durable timer that can be moved. Setting it to the same time again leaves it, so that commands add no events: a timer that is
 * moved costs two, so it is set at rest alone.
 */
export interface Alarm {
  /** `at`: ms since 1970; `what` happens then, for people who look at the timers. */
  set(at: number | undefined, what: string): void;
  isDue(): boolean;
  /**
   * The time for which it rang, once. It uses up the ring: one that stays would wake the loop for ever, as soon as the state has no
   * deadline to set it to.
   */
  takeRing(): number | undefined;
  stop(): void;
}

export function createAlarm(): Alarm {
  let timer: { readonly at: number; readonly scope: CancellationScope; rang: boolean } | undefined;
  const stop = () => {
    timer?.scope.cancel();
    timer = undefined;
  };
  return {
    set(at, what) {
      if (timer && timer.at === at && !timer.rang) return;
      stop();
      if (at === undefined) return;
      const next = { at, scope: new CancellationScope(), rang: false };
      timer = next;
      const ringing = next.scope.run(async () => {
        await sleep(Math.max(at - Date.now(), 1), { summary: summaryText(what) });
        next.rang = true;
      });
      // It only ever fails by being stopped.
      ringing.catch(() => undefined);
    },
    isDue: () => timer?.rang === true,
    takeRing() {
      if (!timer?.rang) return undefined;
      const { at } = timer;
      timer = undefined;
      return at;
    },
    stop,
  };
}

/**
 * The time of the task that is being worked on. It can stand still: where a query brings a worker that has forgotten a workflow its
 * history, the events of the task to come are handed over with the time of the task before it, and a replay sees the true time. Whatever
 * compares times would then decide otherwise, and the workflow would be frozen. So nothing is done in such a task.
 */
export interface Clock {
  /** Throws `StaleTask`. */
  now(): number;
  /** The same, where a timer says that it is at least so late. */
  assertPast(at: number): void;
}

/** Fails the task, or the query that brought it about: the server hands the task out anew, with its own time. */
export class StaleTask extends Error {
  override readonly name = 'StaleTask';
}

export function createClock(): Clock {
  let seen = { historyLength: 0, now: 0 };
  return {
    now() {
      const { historyLength } = workflowInfo();
      const now = Date.now();
      if (historyLength === seen.historyLength) return now;
      if (now <= seen.now) throw new StaleTask(`${CLOCK_STANDS_STILL} at ${new Date(now).toISOString()}.`);
      seen = { historyLength, now };
      return now;
    },
    assertPast(at) {
      if (Date.now() < Math.floor(at))
        throw new StaleTask(`${CLOCK_STANDS_STILL}: a timer for ${new Date(at).toISOString()} has fired already.`);
    },
  };
}
