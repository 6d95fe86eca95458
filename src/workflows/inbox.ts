import { CancellationScope, condition } from '@temporalio/workflow';
import type { CommandResult, ReevaluateCommand, Refusal, ReviewCommand, WithdrawCommand } from '../domain/commands.ts';
import { isRefusal } from '../domain/commands.ts';
import { refuse } from './failures.ts';

export type Command =
  | { readonly kind: 'review'; readonly command: ReviewCommand }
  | { readonly kind: 'withdraw'; readonly command: WithdrawCommand }
  | { readonly kind: 'reevaluate'; readonly command: ReevaluateCommand };

/** A command on its way to the main loop, which takes them one at a time and gives each an answer. */
export type Delivery = Command & { answer?: CommandResult | Refusal };

export interface Inbox {
  /** Hands a command to the main loop and waits for its answer; a refusal is thrown. */
  submit(command: Command): Promise<CommandResult>;
  /** Takes the next command to handle; of those that came in the same instant, one that ends the request goes first. */
  take(): Delivery | undefined;
  /** Takes the next withdrawal, and leaves everything else. */
  takeWithdrawal(): (Delivery & { kind: 'withdraw' }) | undefined;
  isEmpty(): boolean;
  hasWithdrawal(): boolean;
  /** Whether somebody cancelled the workflow in Temporal, which means withdraw. */
  isCancelled(): boolean;
  /** Answers whatever is still waiting. */
  refuseRest(refusal: Refusal): void;
}

export function createInbox(): Inbox {
  const waiting: Delivery[] = [];
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
    take: () => waiting.splice(Math.max(waiting.findIndex(endsRequest), 0), 1)[0],
    takeWithdrawal: () => {
      const index = waiting.findIndex(isWithdrawal);
      return index < 0 ? undefined : waiting.splice(index, 1).find(isWithdrawal);
    },
    isEmpty: () => waiting.length === 0,
    hasWithdrawal: () => waiting.some(isWithdrawal),
    isCancelled: () => cancelled,
    refuseRest(refusal) {
      for (const delivery of waiting.splice(0)) delivery.answer = refusal;
    },
  };
}

function isWithdrawal(delivery: Delivery): delivery is Delivery & { kind: 'withdraw' } {
  return delivery.kind === 'withdraw';
}

function endsRequest(delivery: Delivery): boolean {
  return isWithdrawal(delivery) || (delivery.kind === 'review' && delivery.command.decision === 'deny');
}

const LOST: Refusal = { code: 'Unavailable', message: 'The command got no answer: give it again.' };
