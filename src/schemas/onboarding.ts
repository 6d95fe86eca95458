import { z } from 'zod';
import { parseArn } from '../domain/arn.ts';
import { boundsIssue, fewIssues, ONBOARDING_BOUNDS } from '../domain/bounds.ts';
import { ACCEPTED_IN_ONBOARDING_COMMAND, STEP_REVIEW_DECISIONS } from '../domain/onboarding/commands.ts';
import type { OnboardingCommand, OnboardingCommandName, OnboardingCommandOf } from '../domain/onboarding/commands.ts';
import { ACCEPTED_IN_ONBOARDING, foreignIssue, onboardingIssue } from '../domain/onboarding/input.ts';
import type { Onboarding } from '../domain/onboarding/input.ts';
import { MAX_PARAM, MAX_PARAMS } from '../domain/onboarding/params.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { FieldIssue, Parsed } from '../domain/request.ts';
import { firstIssue } from './commands.ts';
import { Actor, Digest, GivenAnswers, ReviewId, UserOrBotArn, Why } from './fields.ts';
import { FlowName, StepId } from './flow.ts';

/** The name of a flow that the worker has; a flow that an admin brings along is looked at once that is proved. */
const NameOrFlow = z.union([FlowName, z.record(z.string(), z.unknown())]);

/** What an onboarding starts with. */
export const OnboardingFields = z.strictObject({
  flow: NameOrFlow,
  member: UserOrBotArn,
  requestedBy: UserOrBotArn,
  params: z
    .record(z.string().max(32), z.string().max(MAX_PARAM))
    .refine((params) => Object.keys(params).length <= MAX_PARAMS)
    .default({}),
  actor: Actor.exactOptional(),
});

/** Checks an input of unknown origin, as far as that needs no flow. Never throws. */
export function parseOnboarding(input: unknown): Parsed<Onboarding> {
  const tooBig = boundsIssue(input, 'input', ONBOARDING_BOUNDS);
  if (tooBig) return no([tooBig]);
  const parsed = OnboardingFields.safeParse(input);
  if (!parsed.success) {
    return no(
      parsed.error.issues.map(({ path: [field = 'input'] }) =>
        onboardingIssue(
          String(field),
          'is not valid',
          ACCEPTED_IN_ONBOARDING[String(field)] ?? 'flow, member, requestedBy, params?',
        ),
      ),
    );
  }
  const { actor, ...subject } = parsed.data;
  const { member, requestedBy } = subject;
  const home = parseArn(member)?.appInstanceArn;
  if (parseArn(requestedBy)?.appInstanceArn !== home) return no([foreignIssue('requestedBy', home)]);
  if (actor && actor.principal !== requestedBy)
    return no([onboardingIssue('actor.principal', 'is not who asks', requestedBy)]);
  return { ok: true, value: { subject, ...(actor ? { actor } : {}) } };
}

function no(issues: FieldIssue[]): Parsed<never> {
  return { ok: false, issues: fewIssues(issues) };
}

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
export function parseOnboardingCommand(name: OnboardingCommandName, input: unknown): OnboardingCommand | Refusal {
  const code = 'InvalidCommand';
  const tooBig = boundsIssue(input, 'command');
  if (tooBig) return { code, ...tooBig };
  const parsed = ONBOARDING_COMMANDS[name].safeParse(input);
  if (parsed.success) return { name, command: parsed.data } as OnboardingCommand;
  return { code, ...firstIssue(parsed.error), accepted: ACCEPTED_IN_ONBOARDING_COMMAND[name] };
}
