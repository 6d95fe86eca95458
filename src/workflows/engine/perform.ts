import { CancellationScope } from '@temporalio/workflow';
import type { EffectBase, MachineEvent, Values } from '../../domain/engine.ts';
import { isTerminal, toRequestError } from './activities.ts';
import type { Effects } from './host.ts';

/** Does effects: one in the background at most, in its slot, and the others while the loop waits for them. */
export interface Performer<S, E, R> {
  /** The effect in the background, until its result is taken. */
  running(): E | undefined;
  isDone(): boolean;
  take(): R | undefined;
  start(effect: E, state: S): void;
  /** Cancels and forgets it: its late result reaches nobody. */
  drop(): void;
  /** One was dropped since the last rest: its end may come in while this very task lasts. */
  hasDropped(): boolean;
  rest(): void;
  /** Never rejects. */
  perform(effect: E, state: S): Promise<R>;
}

interface Slot<E, R> {
  readonly effect: E;
  readonly scope: CancellationScope;
  result?: R;
}

export function createPerformer<S, C, E extends EffectBase, V extends Values<E>, Checked, N>(
  effects: Effects<S, E, V, N>,
  tell: (news: N) => void,
): Performer<S, E, MachineEvent<C, E, V, Checked, N>> {
  type Result = MachineEvent<C, E, V, Checked, N>;
  type Work = (effect: E, state: S, tell: (news: N) => void) => Promise<unknown>;
  let slot: Slot<E, Result> | undefined;
  let dropped = false;
  // An effect without a result would hold the machine for ever: so whatever is thrown is one, also by our own code.
  const perform = async (effect: E, state: S): Promise<Result> => {
    try {
      const work = effects[effect.do as E['do']] as unknown as Work;
      const value = await work(effect, state, tell);
      return { kind: 'result', effect, value } as unknown as Result;
    } catch (error) {
      return failed(effect, error);
    }
  };
  return {
    running: () => slot?.effect,
    isDone: () => slot?.result !== undefined,
    take() {
      const result = slot?.result;
      if (result) slot = undefined;
      return result;
    },
    start(effect, state) {
      const next: Slot<E, Result> = { effect, scope: new CancellationScope() };
      slot = next;
      const fill = (result: Result) => {
        next.result = result;
      };
      void next.scope
        .run(async () => perform(effect, state))
        .then(fill, (error: unknown) => fill(failed(effect, error)));
    },
    drop() {
      slot?.scope.cancel();
      slot = undefined;
      dropped = true;
    },
    hasDropped: () => dropped,
    rest() {
      dropped = false;
    },
    perform,
  };
}

function failed<E extends EffectBase>(effect: E, error: unknown) {
  return { kind: 'failed', effect, error: toRequestError(error), retryable: !isTerminal(error) } as const;
}
