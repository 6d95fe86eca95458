import { CancellationScope, condition } from '@temporalio/workflow';
import type { OnboardingResult, UncheckedCommand } from '../../domain/onboarding/commands.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { refuse } from '../failures.ts';

/** A command on its way to the main loop, which takes them one at a time and gives each an answer. */
export type Delivery = UncheckedCommand & { answer?: OnboardingResult | Refusal };

export interface Inbox {
  /** Hands a command to the main loop and waits for its answer; a refusal is thrown. */
  submit(command: UncheckedCommand): Promise<OnboardingResult>;
  /** Takes the next command; of those that came in the same instant, one that ends the onboarding goes first. */
  take(): Delivery | undefined;
  isEmpty(): boolean;
  /** Whether somebody cancelled the workflow in Temporal. */
  isCancelled(): boolean;
  /** Answers whatever has no answer yet, also what was taken and could not be handled. */
  refuseRest(refusal: Refusal): void;
}

export function createInbox(): Inbox {
  const waiting: Delivery[] = [];
  const unanswered = new Set<Delivery>();
  // Known at once, also where it came together with what the main loop wakes up for: a promise would tell it too late.
  const scope = CancellationScope.current();
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
    take() {
      const first = Math.max(waiting.findIndex(endsIt), 0);
      const [delivery] = waiting.splice(first, 1);
      return delivery;
    },
    isEmpty: () => waiting.length === 0,
    isCancelled: () => scope.consideredCancelled,
    refuseRest(refusal) {
      waiting.length = 0;
      for (const delivery of unanswered) delivery.answer ??= refusal;
    },
  };
}

/** A denial comes before an approval that came with it, and the end of everything before both. */
function endsIt({ name, command }: UncheckedCommand): boolean {
  return name === 'cancel' || (name === 'review' && command.decision === 'deny');
}

const LOST: Refusal = { code: 'Unavailable', message: 'The command got no answer: give it again.' };
