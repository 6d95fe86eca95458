import { CancellationScope, condition } from '@temporalio/workflow';
import { isRefusal } from '../domain/commands.ts';
import type { CommandName, CommandOf, CommandResult, Refusal } from '../domain/commands.ts';
import { refuse } from './failures.ts';
import type { Seen } from './look.ts';

/** A command as it came in. */
export type Command = { [N in CommandName]: { readonly name: N; readonly command: CommandOf<N> } }[CommandName];

/** A command on its way to the main loop, which takes them one at a time and gives each an answer. */
export type Delivery = Command & { answer?: CommandResult | Refusal };

export interface Inbox {
  /** Hands a command to the main loop and waits for its answer; a refusal is thrown. */
  submit(command: Command): Promise<CommandResult>;
  /** Takes the next command to handle; of those that came in the same instant, one that ends the request goes first, and one that approves last. */
  take(): Delivery | undefined;
  /** Takes the next withdrawal, and leaves everything else. */
  takeWithdrawal(): (Delivery & { name: 'withdraw' }) | undefined;
  isEmpty(): boolean;
  /** Asks the main loop to look whether the member is still there, and waits for that; `undefined`: nobody did in time. */
  look(withinMs: number): Promise<Seen | undefined>;
  isLookedFor(): boolean;
  /** Tells everybody who asked so far what was seen. */
  tellSeen(seen: Seen): void;
  hasWithdrawal(): boolean;
  hasRevocation(): boolean;
  /** Whether somebody cancelled the workflow in Temporal, which means withdraw. */
  isCancelled(): boolean;
  /** Answers whatever has no answer yet, also what was taken and could not be handled. */
  refuseRest(refusal: Refusal): void;
  /** From here on every command is to be given to the next run. */
  close(): void;
  /** It goes on in this run after all. */
  open(): void;
  isClosed(): boolean;
}

export function createInbox(): Inbox {
  const waiting: Delivery[] = [];
  let looks: { seen?: Seen }[] = [];
  const unanswered = new Set<Delivery>();
  let closed = false;
  // Known at once, also where it came together with what the main loop wakes up for: a promise would tell it too late.
  const scope = CancellationScope.current();
  const takeAt = (index: number): Delivery | undefined => {
    const [delivery] = index < 0 ? [] : waiting.splice(index, 1);
    return delivery;
  };
  return {
    async submit(command) {
      const delivery: Delivery = { ...command };
      waiting.push(delivery);
      unanswered.add(delivery);
      await condition(() => delivery.answer !== undefined);
      unanswered.delete(delivery);
      const { answer } = delivery;
      if (!answer || isRefusal(answer)) throw refuse(answer ?? LOST);
      return answer;
    },
    take: () => takeAt(first(waiting)),
    takeWithdrawal: () =>
      [takeAt(waiting.findIndex(isWithdrawal))].find((one) => one && isWithdrawal(one)) as
        (Delivery & { name: 'withdraw' }) | undefined,
    isEmpty: () => waiting.length === 0,
    async look(withinMs) {
      const asked: { seen?: Seen } = {};
      looks.push(asked);
      await condition(() => asked.seen !== undefined, withinMs, { summary: 'Look whether the member is still there' });
      looks = looks.filter((one) => one !== asked);
      return asked.seen;
    },
    isLookedFor: () => looks.length > 0,
    tellSeen(seen) {
      for (const asked of looks.splice(0)) asked.seen = seen;
    },
    hasWithdrawal: () => waiting.some(isWithdrawal),
    hasRevocation: () => waiting.some(({ name }) => name === 'revoke'),
    isCancelled: () => scope.consideredCancelled,
    refuseRest(refusal) {
      waiting.length = 0;
      for (const delivery of unanswered) delivery.answer ??= refusal;
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

function isWithdrawal(delivery: Delivery): delivery is Delivery & { name: 'withdraw' } {
  return delivery.name === 'withdraw';
}

/** Of what came in the same instant: who ends the request, then who takes an approval back, then all others. */
function first(waiting: readonly Delivery[]): number {
  const ranks = waiting.map(rank);
  return ranks.indexOf(Math.min(...ranks));
}

function rank(delivery: Delivery): number {
  if (isWithdrawal(delivery) || delivery.name === 'revoke') return 0;
  if (delivery.name !== 'review') return 2;
  return { deny: 0, abstain: 1, requestChanges: 1, approve: 2, comment: 2 }[delivery.command.decision];
}

const LOST: Refusal = { code: 'Unavailable', message: 'The command got no answer: give it again.' };
