import { z } from 'zod';
import { boundsIssue } from '../domain/bounds.ts';
import {
  ACCEPTED_IN_ONBOARDING_COMMAND,
  STEP_REVIEW_DECISIONS,
  type OnboardingCommandName,
  type OnboardingCommandOf,
} from '../domain/onboarding/commands.ts';
import type { Refusal } from '../domain/refusal.ts';
import { firstIssue } from './commands.ts';
import { Actor, Digest, GivenAnswers, ReviewId, Why } from './fields.ts';
import { StepId } from './flow.ts';

const common = { actor: Actor };
const Operation = z.strictObject({ ...common, step: StepId, reason: Why });
const Reasoned = z.strictObject({ ...common, reason: Why });

/** Every command about a running onboarding. */
export const ONBOARDING_COMMANDS = {
  submitInput: z.strictObject({ ...common, step: StepId, answers: GivenAnswers }),
  review: z
    .strictObject({
      ...common,
      step: StepId,
      decision: z.enum(STEP_REVIEW_DECISIONS),
      comment: Why.exactOptional(),
      reviewId: ReviewId.exactOptional(),
      requestDigest: Digest.exactOptional(),
    })
    .refine(({ decision, comment }) => decision !== 'comment' || comment !== undefined, {
      path: ['comment'],
      message: 'a comment needs a text',
    }),
  skip: Operation,
  retryStep: Operation,
  pause: Reasoned,
  resume: Reasoned,
  cancel: z.strictObject({ ...common, reason: Why, compensate: z.boolean() }),
} as const satisfies { [N in OnboardingCommandName]: z.ZodType<OnboardingCommandOf<N>> };

/** Checks a command of unknown origin. */
export function parseOnboardingCommand<N extends OnboardingCommandName>(
  name: N,
  input: unknown,
): OnboardingCommandOf<N> | Refusal {
  const code = 'InvalidCommand';
  const tooBig = boundsIssue(input, 'command');
  if (tooBig) return { code, ...tooBig };
  const parsed = ONBOARDING_COMMANDS[name].safeParse(input);
  if (parsed.success) return parsed.data as OnboardingCommandOf<N>;
  return { code, ...firstIssue(parsed.error), accepted: ACCEPTED_IN_ONBOARDING_COMMAND[name] };
}
