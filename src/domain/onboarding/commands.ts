import { z } from 'zod';
import { Actor } from '../actor.ts';
import { boundsIssue } from '../bounds.ts';
import { firstIssue } from '../commands.ts';
import type { Refusal } from '../refusal.ts';
import { StepId } from './condition.ts';
import type { OnboardingView } from './state.ts';

export const ONBOARDING_TYPE = 'onboardMember';
export const START_ONBOARDING = 'startOnboarding';
/** The command that an assertion of who starts one names. */
export const ONBOARD = 'onboard';

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Why = z.string().min(1).max(1024).regex(/\S/, 'it says nothing');
const common = { actor: Actor };
const operator = { ...common, step: StepId, reason: Why };

/** Every command about a running onboarding: its schema, and what is accepted, for people. */
export const ONBOARDING_COMMANDS = {
  submitInput: {
    schema: z.strictObject({ ...common, step: StepId, answers: z.record(z.string(), z.unknown()) }),
    accepted: 'actor: the member, step, answers: an object that fits the schema of the step',
  },
  review: {
    schema: z
      .strictObject({
        ...common,
        step: StepId,
        decision: z.enum(['approve', 'deny', 'abstain', 'comment']),
        comment: Why.exactOptional(),
        reviewId: z
          .string()
          .regex(/^[\w.:-]{1,64}$/)
          .exactOptional(),
        /** `reviewDigest` of the view, as the reviewer saw it; without it the review is about what is under review now. */
        requestDigest: Digest.exactOptional(),
      })
      .refine(({ decision, comment }) => decision !== 'comment' || comment !== undefined, {
        path: ['comment'],
        message: 'a comment needs a text',
      }),
    accepted:
      'actor: an approver, step, decision: approve, deny, abstain or comment, comment?, reviewId?, requestDigest?',
  },
  skip: { schema: z.strictObject(operator), accepted: 'actor: an app instance admin, step, reason' },
  retryStep: { schema: z.strictObject(operator), accepted: 'actor: an app instance admin, step, reason' },
  pause: { schema: z.strictObject({ ...common, reason: Why }), accepted: 'actor: an app instance admin, reason' },
  resume: { schema: z.strictObject({ ...common, reason: Why }), accepted: 'actor: an app instance admin, reason' },
  cancel: {
    schema: z.strictObject({ ...common, reason: Why, compensate: z.boolean() }),
    accepted: 'actor: an app instance admin or who asked for the onboarding, reason, compensate: true or false',
  },
} as const satisfies Record<string, { schema: z.ZodType; accepted: string }>;

export type OnboardingCommandName = keyof typeof ONBOARDING_COMMANDS;
export const ONBOARDING_COMMAND_NAMES = Object.keys(ONBOARDING_COMMANDS) as OnboardingCommandName[];
export type OnboardingCommandOf<N extends OnboardingCommandName> = z.output<(typeof ONBOARDING_COMMANDS)[N]['schema']>;
export type OnboardingCommand = {
  [N in OnboardingCommandName]: { readonly name: N; readonly command: OnboardingCommandOf<N> };
}[OnboardingCommandName];

/** Where an onboarding stands after a command. */
export type OnboardingResult = Pick<OnboardingView, 'id' | 'runId' | 'state' | 'outcome' | 'percent'> & {
  readonly step?: string;
};

/** Checks a command of unknown origin. */
export function parseOnboardingCommand(name: OnboardingCommandName, input: unknown): OnboardingCommand | Refusal {
  const { schema, accepted } = ONBOARDING_COMMANDS[name];
  const code = 'InvalidCommand';
  const tooBig = boundsIssue(input, 'command');
  if (tooBig) return { code, ...tooBig };
  const parsed = schema.safeParse(input);
  if (parsed.success) return { name, command: parsed.data } as OnboardingCommand;
  return { code, ...firstIssue(parsed.error), accepted };
}
