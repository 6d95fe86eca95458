import { CancellationScope, sleep } from '@temporalio/workflow';
import { summaryText } from '../domain/text.ts';

/** One durable timer that can be moved. Setting it to the same time again leaves it, so that commands add no events. */
export interface Alarm {
  /** `at`: ms since 1970; `what` happens then, for people who look at the timers. */
  set(at: number | undefined, what: string): void;
  isDue(): boolean;
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
    stop,
  };
}
