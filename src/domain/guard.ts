/**
 * The first look at the commands that come into a workflow, without a library: of each it lets in all that its schema
 * accepts, and a little more. The activity `checkCommand` reads it in full. What starts a request or an onboarding is
 * read by `parseJoinCommand` and `parseOnboarding`.
 */
import { ACTOR } from './actor.ts';
import { REVIEW_DECISIONS } from './approval/panel.ts';
import { boundsIssue, COMMAND_BOUNDS } from './bounds.ts';
import type { Unchecked } from './checked.ts';
import {
  is,
  isRecord,
  list,
  object,
  oneOf,
  oneOfFields,
  optional,
  orNull,
  someText,
  text,
  type Check,
  type Fields,
} from './checks.ts';
import { ACCEPTED_IN_COMMAND, CHANGES, type Amendment, type CommandName, type CommandOf } from './commands.ts';
import { isDuration } from './duration.ts';
import {
  ACCEPTED_IN_ONBOARDING_COMMAND,
  STEP_REVIEW_DECISIONS,
  type OnboardingCommandName,
  type OnboardingCommandOf,
} from './onboarding/commands.ts';
import { KEBAB } from './onboarding/flow.ts';
import type { Refusal } from './refusal.ts';
import { MEMBERSHIP_TYPES } from './request.ts';
import type { Approvers } from './requirement.ts';
import type { RevocationCommand } from './revocation.ts';

const WHY = text(1_024, /\S/);
const STEP = text(64, KEBAB);
const BINDING = someText(256);
const REVIEW_ID = optional(text(64, /^[\w.:-]+$/));
const DIGEST = optional(text(64, /^[0-9a-f]{64}$/));
const ARNS = optional(list(50, text(1_600)));

const actor = { actor: ACTOR };
const explained = { ...actor, reason: WHY };
const operation = { ...explained, step: STEP };

/** The fields of every command about a request. */
export const GUARDS: { readonly [N in CommandName]: Fields<CommandOf<N>> } = {
  review: {
    ...actor,
    decision: oneOf(REVIEW_DECISIONS),
    comment: optional(WHY),
    reviewId: REVIEW_ID,
    requestDigest: DIGEST,
  },
  withdraw: actor,
  amend: {
    ...actor,
    changes: object<Amendment>(
      {
        type: optional(oneOf(MEMBERSHIP_TYPES)),
        subChannelId: orNull(text(128)),
        chimeBearer: orNull(text(1_600)),
        reason: orNull(text(1_024)),
        term: orNull(text(32)),
      },
      (changes) => (Object.keys(changes).length > 0 ? undefined : ''),
    ),
  },
  submitInput: { ...actor, binding: BINDING, answers: is(isRecord) },
  override: { ...explained, ticket: text(128, /\S/) },
  reassign: {
    ...explained,
    binding: BINDING,
    to: object<Approvers>(
      {
        users: ARNS,
        roles: optional(list(20, text(COMMAND_BOUNDS.characters))),
        expression: optional(text(4_096)),
        exclude: ARNS,
      },
      oneOfFields('users', 'roles', 'expression'),
    ),
  },
  retry: explained,
  abandon: explained,
  extend: { ...actor, by: is((value) => typeof value === 'string' && isDuration(value)), reason: optional(WHY) },
  revoke: explained,
  reevaluate: { policyDigest: optional(text(64)), changed: optional(list(4, oneOf(CHANGES))) },
};

/** The same of an onboarding. */
export const ONBOARDING_GUARDS: { readonly [N in OnboardingCommandName]: Fields<OnboardingCommandOf<N>> } = {
  submitInput: { ...actor, step: STEP, answers: is(isRecord) },
  review: {
    ...actor,
    step: STEP,
    decision: oneOf(STEP_REVIEW_DECISIONS),
    comment: optional(WHY),
    reviewId: REVIEW_ID,
    requestDigest: DIGEST,
  },
  skip: operation,
  retryStep: operation,
  pause: explained,
  resume: explained,
  cancel: { ...explained, compensate: is((value) => typeof value === 'boolean') },
};

/** What the fields of a command have to be together. */
const WHOLE: Readonly<Record<string, (value: Readonly<Record<string, unknown>>) => string | undefined>> = {
  review: ({ decision, comment }) => (decision === 'comment' && comment === undefined ? 'comment' : undefined),
  reevaluate: ({ policyDigest, changed }) => ((policyDigest ?? changed) ? undefined : ''),
};

/** Lets a command about a request in. `reevaluate`, for which nobody has to answer, is checked in full. */
export function guardCommand<N extends CommandName>(name: N, input: unknown): Unchecked<CommandOf<N>> | Refusal {
  const code = name === 'review' ? 'InvalidReview' : 'InvalidCommand';
  const refusal = refused(input, 'command', GUARDS[name], { code, accepted: ACCEPTED_IN_COMMAND[name] }, WHOLE[name]);
  return refusal ?? (input as Unchecked<CommandOf<N>>);
}

/** The same of an onboarding. */
export function guardOnboardingCommand<N extends OnboardingCommandName>(
  name: N,
  input: unknown,
): Unchecked<OnboardingCommandOf<N>> | Refusal {
  const accepted = ACCEPTED_IN_ONBOARDING_COMMAND[name];
  const refusal = refused(input, 'command', ONBOARDING_GUARDS[name], { code: 'InvalidCommand', accepted }, WHOLE[name]);
  return refusal ?? (input as Unchecked<OnboardingCommandOf<N>>);
}

/** A command to end the membership of a closed request: `revoke`, and which request made it. */
export interface UncheckedRevocation {
  readonly target: RevocationCommand['target'];
  readonly command: Unchecked<CommandOf<'revoke'>>;
}

export function guardRevocation(input: unknown): UncheckedRevocation | Refusal {
  const fields = { target: object({ id: someText(1_000), runId: someText(100) }), ...GUARDS.revoke };
  const accepted = `target: { id, runId } of a closed request, ${ACCEPTED_IN_COMMAND.revoke}`;
  const refusal = refused(input, 'revocation', fields, { code: 'InvalidCommand', accepted });
  if (refusal) return refusal;
  const { target, ...command } = input as CommandOf<'revoke'> & Pick<UncheckedRevocation, 'target'>;
  return { target, command };
}

/** `what`: the name of the whole, where no field of it is at fault. */
function refused(
  input: unknown,
  what: string,
  fields: Readonly<Record<string, Check>>,
  about: Pick<Refusal, 'code' | 'accepted'>,
  whole?: (value: Readonly<Record<string, unknown>>) => string | undefined,
): Refusal | undefined {
  const tooBig = boundsIssue(input, what);
  if (tooBig) return { code: about.code, ...tooBig };
  const at = object<Readonly<Record<string, unknown>>>(fields, whole)(input);
  if (at === undefined) return undefined;
  const field = at || what;
  return { ...about, field, message: `${field} ${isThere(input, at) ? 'is not valid' : 'is missing'}` };
}

function isThere(input: unknown, path: string): boolean {
  const value = path.split('.').reduce<unknown>((at, name) => (isRecord(at) ? at[name] : at), input);
  return path === '' || value !== undefined;
}
