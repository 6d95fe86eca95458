import { ApplicationFailure } from '@temporalio/common';
import { executeChild, workflowInfo } from '@temporalio/workflow';
import type { RequestError } from '../../../src/domain/view.ts';
import { activitiesFor, chimeActivities } from '../../../src/workflows/engine/activities.ts';
import { quickThenFirm } from '../../../src/workflows/engine/check.ts';
import type { Host } from '../../../src/workflows/engine/host.ts';
import { runMachine } from '../../../src/workflows/engine/run.ts';
import { ODD } from './odd.ts';
import { toyMachine } from './toy-machine.ts';
import type { Toy, ToyAnswer, ToyChecked, ToyCommand, ToyEffect, ToyInput, ToyNews, ToyValues } from './toy-types.ts';

export interface ToyActivities {
  evaluate(input: ToyInput, lane: string): Promise<ToyValues['evaluate']>;
  ask(index: number): Promise<number>;
  grant(id: string, input: ToyInput, tries: number): Promise<object>;
  remove(id: string): Promise<object>;
  look(id: string, lane: string): Promise<ToyValues['look']>;
  check(command: ToyCommand, id: string): Promise<ToyChecked>;
}

const RETRY = { initialMs: 50, maximumMs: 200, attemptTimeoutMs: 10_000, forMs: 60_000 };

/** Writes go to a queue of their own, as in earnest. */
function writes(summary: string): ToyActivities {
  const settings = {
    retry: RETRY,
    chimeTaskQueue: `${workflowInfo().taskQueue}-chime`,
    expireAfterMs: 0,
    validForMs: 0,
    notify: false,
    commandsPerRun: 0,
  };
  return chimeActivities(summary, 'bearer', settings) as unknown as ToyActivities;
}

function toyActivities(effect: ToyEffect): ToyActivities {
  return activitiesFor(effect, effect.key, RETRY) as unknown as ToyActivities;
}

type ToyHost = Host<Toy, ToyCommand, ToyEffect, ToyValues, ToyCommand, ToyChecked, ToyAnswer, ToyNews>;

const host: ToyHost = {
  machine: toyMachine,
  effects: {
    evaluate: async (effect, { input }) => toyActivities(effect).evaluate(input, effect.lane),
    external: async (effect) => Promise.all([0, 1, 2].map(async (index) => toyActivities(effect).ask(index))),
    look: async (effect, { id }) => toyActivities(effect).look(id, effect.lane),
    grant: async (effect, { id, input }, tell) => {
      const done = writes('Grant').grant(id, input, effect.tries);
      tell({ said: 'news of the grant' });
      return done;
    },
    remove: async (_effect, { id }) => writes('Remove').remove(id),
    odd: (effect) => {
      const thrown = ODD[effect.which]?.();
      // Some of it before a promise is there.
      if (effect.which % 2 === 0) throw thrown;
      return Promise.reject(thrown);
    },
  },
  check: async (call, { name }) =>
    quickThenFirm(`Check ${name}`, async (proxy) =>
      (proxy as unknown as ToyActivities).check(call ?? { name: 'look' }, workflowInfo().workflowId),
    ),
  messages: {
    commands: {
      review: { accepted: 'by, decision' },
      withdraw: { accepted: 'by', ends: true },
      revoke: { accepted: 'by', ends: true },
      amend: { accepted: 'by' },
      retry: { accepted: 'by' },
      odd: { accepted: 'by, which, lane' },
      break: { accepted: 'by, fault' },
    },
    guard: (name, input) =>
      typeof input === 'object' && input !== null && 'by' in input
        ? ({ ...input, name } as ToyCommand)
        : { code: 'InvalidCommand', message: 'not a command' },
    ask: {
      name: 'requestToy',
      description: 'Ask',
      refuse: (input) => (input === 'nonsense' ? { code: 'InvalidRequest', message: 'nonsense' } : undefined),
      isSettled: ({ state }) => !['evaluating', 'granting'].includes(state),
      isFirstUntimed: true,
      first: ({ state }) =>
        state === 'active'
          ? { command: { name: 'look' }, late: { code: 'Unavailable', message: 'nobody looked in time' } }
          : undefined,
      answer: (_input, { state, looked }) => ({ state, looked }),
    },
    queries: { toy: { description: 'All of it', answer: (state) => state } },
    signals: {
      hint: (input) => {
        if (input === 'throw') throw new Error('a signal that cannot be read');
        return typeof input === 'string' ? { said: input } : undefined;
      },
    },
  },
  shown: {
    attributesOf: (state) => {
      if (state.fault?.startsWith('show')) throw new Error('broken in show');
      return {
        AdmissionState: state.state,
        AdmissionOutcome: state.state === 'closed' ? state.outcome : null,
        AdmissionDueAt: state.state === 'waiting' ? new Date(state.dueAt).toISOString() : null,
      };
    },
    pageOf: (state) => {
      if (state.fault?.startsWith('page')) throw new Error('broken in page');
      return `### ${state.state}`;
    },
    isPassing: (state) => state.state === 'granting' && state.by.length === 0,
  },
  commandsPerRun: ({ input }) => input.perRun,
  resolved: { code: 'AlreadyResolved', message: 'It is over.' },
};

export async function toy(input: ToyInput | null, carried?: unknown): Promise<Toy> {
  const { workflowId: id } = workflowInfo();
  const last = await runMachine(host, {
    input,
    carried,
    invalid: input === null ? ApplicationFailure.nonRetryable('no input', 'InvalidRequest') : undefined,
    begin: (): Toy => ({
      id,
      input: input ?? { need: 0, forMs: 0 },
      state: 'evaluating',
      evaluations: 1,
      asking: { lane: 'quick', step: 'admit' },
      looked: 0,
      tries: 0,
      told: 0,
      log: [],
    }),
    goOn: (state): Toy => ({ ...state, log: [...state.log, 'goes on'] }),
  });
  if (last.state !== 'closed' || last.outcome !== 'failed') return last;
  const error: RequestError = { type: 'Failed', message: 'failed' };
  throw ApplicationFailure.nonRetryable(error.message, error.type, error, last);
}

export async function notifyPeople(): Promise<void> {}

/** Starts a toy as its child, and hears from it. */
export async function toyParent(input: ToyInput): Promise<Toy> {
  return executeChild(toy, { args: [input], workflowId: `${workflowInfo().workflowId}-child` });
}
