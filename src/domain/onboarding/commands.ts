import type { Actor } from '../actor.ts';
import type { ReviewDecision } from '../approval/panel.ts';
import type { Unchecked } from '../checked.ts';
import type { OnboardingView } from './view.ts';

export const ONBOARDING_TYPE = 'onboardMember';
export const START_ONBOARDING = 'startOnboarding';
/** The command that an assertion of who starts one names. */
export const ONBOARD = 'onboard';

export const STEP_REVIEW_DECISIONS = ['approve', 'deny', 'abstain', 'comment'] as const satisfies ReviewDecision[];

interface Given {
  readonly actor: Actor;
}

interface Explained extends Given {
  readonly reason: string;
}

interface Operation extends Explained {
  readonly step: string;
}

/** Every command about a running onboarding. Their schemas, for input of unknown origin, are in `src/schemas/onboarding.ts`. */
export interface OnboardingCommands {
  readonly submitInput: Given & { readonly step: string; readonly answers: Readonly<Record<string, unknown>> };
  readonly review: Given & {
    readonly step: string;
    readonly decision: (typeof STEP_REVIEW_DECISIONS)[number];
    readonly comment?: string;
    readonly reviewId?: string;
    /** `reviewDigest` of the view, as the reviewer saw it; without it the review is about what is under review now. */
    readonly requestDigest?: string;
  };
  readonly skip: Operation;
  readonly retryStep: Operation;
  readonly pause: Explained;
  readonly resume: Explained;
  readonly cancel: Explained & { readonly compensate: boolean };
}

/** The fields that each command accepts, for people. */
export const ACCEPTED_IN_ONBOARDING_COMMAND: Readonly<Record<OnboardingCommandName, string>> = {
  submitInput: 'actor: the member, step, answers: an object that fits the schema of the step',
  review: 'actor: an approver, step, decision: approve, deny, abstain or comment, comment?, reviewId?, requestDigest?',
  skip: 'actor: an app instance admin, step, reason',
  retryStep: 'actor: an app instance admin, step, reason',
  pause: 'actor: an app instance admin, reason',
  resume: 'actor: an app instance admin, reason',
  cancel: 'actor: an app instance admin or who asked for the onboarding, reason, compensate: true or false',
};

export type OnboardingCommandName = keyof OnboardingCommands;
export const ONBOARDING_COMMAND_NAMES = Object.keys(ACCEPTED_IN_ONBOARDING_COMMAND) as OnboardingCommandName[];
export type OnboardingCommandOf<N extends OnboardingCommandName> = OnboardingCommands[N];
export type OnboardingCommand = {
  [N in OnboardingCommandName]: { readonly name: N; readonly command: OnboardingCommandOf<N> };
}[OnboardingCommandName];
/** The same as the guard let it in. */
export type UncheckedCommand = {
  [N in OnboardingCommandName]: { readonly name: N; readonly command: Unchecked<OnboardingCommandOf<N>> };
}[OnboardingCommandName];

/** Where an onboarding stands after a command. */
export type OnboardingResult = Pick<OnboardingView, 'id' | 'runId' | 'state' | 'outcome' | 'percent'> & {
  readonly step?: string;
};
