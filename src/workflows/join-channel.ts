import { ApplicationFailure } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import {
  ACCEPTED_IN_COMMAND,
  parseJoinCommand,
  PLAN_QUERY,
  REQUEST_JOIN,
  STATE_QUERY,
  type CommandName,
} from '../domain/commands.ts';
import { guardCommand } from '../domain/guard.ts';
import type { Checked, Command } from '../domain/join/commands.ts';
import type { Effect, EffectValues } from '../domain/join/effects.ts';
import { answerTo, isSettled, otherRequest } from '../domain/join/asked.ts';
import { born } from '../domain/join/evaluate.ts';
import { attributesOf, memoOf } from '../domain/join/listed.ts';
import type { JoinAnswer } from '../domain/join/notes.ts';
import { NOT_SEEN } from '../domain/join/presence.ts';
import { viewOf } from '../domain/join/project.ts';
import { RESOLVED } from '../domain/join/refuse.ts';
import type { CommandCall } from '../domain/checked.ts';
import type { State } from '../domain/join/state.ts';
import { joinMachine } from '../domain/join/transition.ts';
import { planOf } from '../domain/plan.ts';
import { isRefusal } from '../domain/refusal.ts';
import type { JoinRequest } from '../domain/request.ts';
import type { RequestView } from '../domain/view.ts';
import { currentDetails } from '../domain/join/page.ts';
import { runMachine } from './engine/run.ts';
import type { Host, Start } from './engine/host.ts';
import { check } from './join-check.ts';
import { joinEffects } from './join-effects.ts';

/**
 * One request to join a channel, from the question to the membership, and to its end where it has a term. It does all the
 * work from its input, so that a start from the Temporal UI behaves the same; the input may be anything. Cancelling it
 * means withdraw, or revoke once the member is there. `carried`: the state of an earlier run of the same request.
 */
export async function joinChannel(input: unknown, carried?: unknown): Promise<RequestView> {
  const state = await runMachine(host, startOf(input, carried));
  const view = viewOf(state);
  // A failed request keeps its record in the second detail.
  if (view.error) throw ApplicationFailure.nonRetryable(view.error.message, view.error.type, view.error, view);
  return view;
}

type JoinHost = Host<State, Command, Effect, EffectValues, CommandCall, Checked, JoinAnswer, never>;

const ENDS: ReadonlySet<CommandName> = new Set(['withdraw', 'revoke', 'abandon']);

const host: JoinHost = {
  machine: joinMachine,
  effects: joinEffects,
  check,
  messages: {
    commands: Object.fromEntries(
      Object.entries(ACCEPTED_IN_COMMAND).map(([name, accepted]) => [
        name,
        { accepted, ...(ENDS.has(name as CommandName) ? { ends: true as const } : {}) },
      ]),
    ),
    guard(name, input) {
      const command = guardCommand(name as CommandName, input);
      return isRefusal(command) ? command : ({ name, command } as Command);
    },
    ask: {
      name: REQUEST_JOIN,
      description: 'Ask to join, and learn where the request stands; never waits for people',
      refuse: otherRequest,
      isSettled,
      isFirstUntimed: true,
      first: (state) => (state.state === 'active' ? { command: { name: 'look' }, late: NOT_SEEN } : undefined),
      answer: answerTo,
    },
    queries: {
      [STATE_QUERY]: { description: 'Everything there is to know about this request', answer: viewOf },
      [PLAN_QUERY]: {
        description: 'What happened, what is going on, what is to come, who may act and by when',
        answer: (state) => planOf(viewOf(state)),
      },
    },
  },
  shown: {
    attributesOf,
    memoOf,
    pageOf: (state) => currentDetails(viewOf(state)),
    isPassing: ({ state }) => state === 'granting',
  },
  commandsPerRun: (state) =>
    state.state === 'closed' || state.state === 'closing' ? undefined : state.judged?.context.settings.commandsPerRun,
  resolved: RESOLVED,
};

function startOf(input: unknown, carried: unknown): Start<State> {
  const parsed = parseJoinCommand(input);
  const invalid = parsed.ok ? undefined : invalidRequest(parsed.issues);
  return {
    input: parsed.ok ? parsed.value.request : input,
    carried,
    invalid,
    begin() {
      const { workflowId: id, runId, firstExecutionRunId: firstRunId, startTime, parent } = workflowInfo();
      const isChild = parent !== undefined;
      const actor = parsed.ok && parsed.value.actor ? { actor: parsed.value.actor } : {};
      const request = parsed.ok ? parsed.value.request : ({} as JoinRequest);
      const memory = { usedAssertions: [], reviewIds: [], told: 0, evaluations: 0 };
      const about = { id, runId, firstRunId, isChild, request, requestedAt: startTime.toISOString() };
      return born({ ...about, memory, notes: [], answers: [] }, { ...actor, isChild, firstRunId }, Date.now());
    },
    goOn: (state) => ({ ...state, runId: workflowInfo().runId }),
  };
}

function invalidRequest(issues: readonly { message: string }[]): ApplicationFailure {
  const message = issues.map((issue) => issue.message).join('; ');
  // The second detail is where a failed request keeps its record; there is none here.
  return ApplicationFailure.nonRetryable(message, 'InvalidRequest', { ...issues[0], issues });
}
