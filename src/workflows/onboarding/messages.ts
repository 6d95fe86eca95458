import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { PLAN_QUERY, STATE_QUERY } from '../../domain/commands.ts';
import { ONBOARDING_COMMAND_NAMES, START_ONBOARDING } from '../../domain/onboarding/commands.ts';
import type { OnboardingResult } from '../../domain/onboarding/commands.ts';
import { CHILD_PROGRESS } from '../../domain/onboarding/messages.ts';
import type { OnboardingView } from '../../domain/onboarding/state.ts';
import type { OnboardingProgress } from '../../domain/onboarding/view.ts';

/** Arguments come from anywhere, the Temporal UI included: they are checked, whatever their type says. */
export const startOnboardingUpdate = defineUpdate<OnboardingResult, [unknown]>(START_ONBOARDING);
export const commandUpdates = ONBOARDING_COMMAND_NAMES.map(
  (name) => [name, defineUpdate<OnboardingResult, [unknown]>(name)] as const,
);
export const stateQuery = defineQuery<OnboardingView>(STATE_QUERY);
export const planQuery = defineQuery<OnboardingProgress>(PLAN_QUERY);
export const childProgressSignal = defineSignal<[unknown]>(CHILD_PROGRESS);
