import { CancellationScope, sleep } from '@temporalio/workflow';
import { summaryText } from '../../domain/text.ts';

/**
 * One durable timer that can be moved. Setting it to the same time again leaves it, so that commands add no events: a timer that is
 * moved costs two, so it is set at rest alone.
 */
export interface Alarm {
  /** `at`: ms since 1970; `what` happens then, for people who look at the timers. */
  set(at: number | undefined, what: string): void;
  isDue(): boolean;
  /** Uses up the ring: one that stays would wake the loop for ever, as soon as the state has no deadline to set it to. */
  takeRing(): void;
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
      if (timer?.rang) timer = undefined;
    },
    stop,
  };
}
