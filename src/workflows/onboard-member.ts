import { ApplicationFailure } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import type { CommandCall } from '../domain/checked.ts';
import { PLAN_QUERY, STATE_QUERY } from '../domain/commands.ts';
import { guardOnboardingCommand } from '../domain/guard.ts';
import { answerTo, attributesOf, born, memoOf, otherOnboarding } from '../domain/onboarding/asked.ts';
import { continued, type News } from '../domain/onboarding/children.ts';
import {
  ACCEPTED_IN_ONBOARDING_COMMAND,
  START_ONBOARDING,
  type OnboardingCommandName,
  type OnboardingResult,
  type UncheckedCommand,
} from '../domain/onboarding/commands.ts';
import type { Effect, Values } from '../domain/onboarding/effects.ts';
import type { Checked } from '../domain/onboarding/give.ts';
import { parseOnboarding } from '../domain/onboarding/input.ts';
import { CHILD_PROGRESS, hintIn } from '../domain/onboarding/messages.ts';
import { pageOf } from '../domain/onboarding/page.ts';
import { progressOf } from '../domain/onboarding/progress.ts';
import { RESOLVED } from '../domain/onboarding/refuse.ts';
import type { State } from '../domain/onboarding/state.ts';
import { isUnderway } from '../domain/onboarding/steps.ts';
import { onboarding } from '../domain/onboarding/transition.ts';
import { viewOf, type OnboardingView } from '../domain/onboarding/view.ts';
import { isRefusal, type Refusal } from '../domain/refusal.ts';
import type { FieldIssue } from '../domain/request.ts';
import { quickThenFirm } from './engine/check.ts';
import type { Host, Start } from './engine/host.ts';
import { runMachine } from './engine/run.ts';
import { onboardEffects } from './onboard-effects.ts';

/**
 * One onboarding, from its first step to its last, however many months that takes. The input names a flow and may be
 * anything; the flow that counts is in the history. Cancelling it in Temporal ends it, and leaves the memberships that it
 * made. `carried`: the state of an earlier run of the same onboarding.
 */
export async function onboardMember(input: unknown, carried?: unknown): Promise<OnboardingView> {
  const state = await runMachine(host, startOf(input, carried));
  const view = viewOf(state);
  if (state.state !== 'closed' || state.result.outcome !== 'failed') return view;
  // A failed onboarding keeps its record in the second detail.
  const { error } = state.result;
  throw ApplicationFailure.nonRetryable(error.message, error.type, error, view);
}

const host: Host<State, UncheckedCommand, Effect, Values, CommandCall, Checked, OnboardingResult, News> = {
  machine: onboarding,
  effects: onboardEffects,
  check,
  messages: {
    commands: Object.fromEntries(
      Object.entries(ACCEPTED_IN_ONBOARDING_COMMAND).map(([name, accepted]) => [
        name,
        { accepted, ...(name === 'cancel' ? { ends: true as const } : {}) },
      ]),
    ),
    guard(name, input) {
      const command = guardOnboardingCommand(name as OnboardingCommandName, input);
      return isRefusal(command) ? command : ({ name, command } as UncheckedCommand);
    },
    ask: {
      name: START_ONBOARDING,
      description: 'Start, and learn where it stands; never waits for people',
      refuse: (input, state) => (isSettled(state) ? otherOnboarding(parseOnboarding(input), state) : undefined),
      isSettled,
      answer: (input, state) => answerTo(parseOnboarding(input), state),
    },
    queries: {
      [STATE_QUERY]: { description: 'Everything there is to know about this onboarding', answer: viewOf },
      [PLAN_QUERY]: {
        description: 'Its steps: what was done, what is going on, what is to come, who may act and by when',
        answer: (state) => progressOf(viewOf(state)),
      },
    },
    signals: {
      [CHILD_PROGRESS](input) {
        const hint = hintIn(input);
        return hint && { what: 'changed', child: hint.id, state: hint.state };
      },
    },
  },
  shown: { attributesOf, memoOf, pageOf },
  commandsPerRun: (state) => (isUnderway(state) ? state.course.settings.commandsPerRun : undefined),
  resolved: RESOLVED,
};

function isSettled({ state }: State): boolean {
  return state !== 'preparing';
}

/** Has a command read in full, and finds out who gives it: see `checkCommand`. */
async function check(call: CommandCall | undefined, given: UncheckedCommand): Promise<Checked | Refusal> {
  if (!call) throw new Error('somebody has to answer for every command');
  const { name, command: input } = given;
  const summary = call.standing ? 'Check who gives the command, and their office' : 'Check who gives the command';
  const about = { of: 'onboarding', name, input, ...call } as const;
  return (await quickThenFirm(summary, (proxy) => proxy.checkCommand(about))) as Checked | Refusal;
}

function startOf(input: unknown, carried: unknown): Start<State> {
  const parsed = parseOnboarding(input);
  return {
    input,
    carried,
    invalid: parsed.ok ? undefined : invalidOnboarding(parsed.issues),
    begin() {
      if (!parsed.ok) throw invalidOnboarding(parsed.issues);
      const { workflowId: id, runId, firstExecutionRunId: firstRunId, startTime } = workflowInfo();
      return born(parsed.value, { id, runId, firstRunId, requestedAt: startTime.toISOString() });
    },
    goOn: (state) => continued(state, workflowInfo().runId),
  };
}

function invalidOnboarding(issues: readonly FieldIssue[]): ApplicationFailure {
  const message = issues.map((issue) => issue.message).join('; ');
  return ApplicationFailure.nonRetryable(message, 'InvalidRequest', { ...issues[0], issues });
}
