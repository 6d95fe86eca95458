import { CancellationScope, condition } from '@temporalio/workflow';
import type { CommandResult, Refusal, ReviewCommand, WithdrawCommand } from '../domain/commands.ts';
import { isRefusal } from '../domain/commands.ts';
import { refuse } from './failures.ts';

export type Command =
  | { readonly kind: 'review'; readonly command: ReviewCommand }
  | { readonly kind: 'withdraw'; readonly command: WithdrawCommand };

/** A command on its way to the main loop, which takes them one at a time and gives each an answer. */
export type Delivery = Command & { answer?: CommandResult | Refusal };

export interface Inbox {
  /** Hands a command to the main loop and waits for its answer; a refusal is thrown. */
  submit(command: Command): Promise<CommandResult>;
  /** Takes the next command to handle. */
  take(): Delivery | undefined;
  /** The command that `take` would give. */
  peek(): Delivery | undefined;
  isEmpty(): boolean;
  /** Whether somebody cancelled the workflow in Temporal, which means withdraw. */
  isCancelled(): boolean;
  /** Answers whatever is still waiting. */
  refuseRest(refusal: Refusal): void;
}

export function createInbox(): Inbox {
  const waiting: Delivery[] = [];
  // Of commands that came in the same instant, one that ends the request goes first.
  const next = () =>
    Math.max(
      waiting.findIndex(({ kind, command }) => kind === 'withdraw' || command.decision === 'deny'),
      0,
    );
  let cancelled = false;
  CancellationScope.current().cancelRequested.catch(() => {
    cancelled = true;
  });
  return {
    async submit(command) {
      const delivery: Delivery = { ...command };
      waiting.push(delivery);
      await condition(() => delivery.answer !== undefined);
      const { answer } = delivery;
      if (!answer || isRefusal(answer)) throw refuse(answer ?? LOST);
      return answer;
    },
    take: () => waiting.splice(next(), 1)[0],
    peek: () => waiting[next()],
    isEmpty: () => waiting.length === 0,
    isCancelled: () => cancelled,
    refuseRest(refusal) {
      for (const delivery of waiting.splice(0)) delivery.answer = refusal;
    },
  };
}

const LOST: Refusal = { code: 'Unavailable', message: 'The command got no answer: give it again.' };
