import { ApplicationFailure, defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  makeContinueAsNewFunc,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
  type WorkflowInfo,
} from '@temporalio/workflow';
import { MAX_DURATION_MS } from '../../domain/duration.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { SEARCH_ATTRIBUTES, type SearchAttribute } from '../../domain/search-attributes.ts';
import { localActivities, activitiesFor } from './activities.ts';

/**
 * Goes on as a new run, once this one has had its share of messages. Temporal refuses that while messages wait, and
 * then forgets the whole task: so it happens in a task of its own, in which nothing else is done, and commands that come
 * meanwhile are sent to the next run. Returns where something has come that this run has to see to: also a cancellation,
 * of which Temporal tells the next run nothing.
 */
export async function continueAsNew(
  inbox: { close(): void; open(): void },
  isQuiet: () => boolean,
  input: unknown,
  state: unknown,
): Promise<void> {
  inbox.close();
  await condition(() => allHandlersFinished() || !isQuiet());
  if (isQuiet()) await sleep(1, { summary: 'Go on as a new run' });
  if (!isQuiet() || !allHandlersFinished()) return inbox.open();
  const { memo, typedSearchAttributes } = workflowInfo();
  type Workflow = (input: unknown, carried: unknown) => Promise<unknown>;
  // Continuing loses whatever is not passed on.
  const goOn = makeContinueAsNewFunc<Workflow>({ memo: memo ?? {}, typedSearchAttributes });
  await goOn(input, state);
}

/** A run has taken its share of messages, or its history is long. */
export function hadItsShare(taken: number, commandsPerRun: number | undefined): boolean {
  return commandsPerRun !== undefined && (taken >= commandsPerRun || workflowInfo().continueAsNewSuggested);
}

/**
 * What is wrong with how this run came to be, whatever its input says. Anybody who reaches Temporal can start one with
 * approvals in it; can have Temporal run it again, which then looks like a run that goes on; can put it off until
 * nobody remembers that the proof of who asks was used; and can have the server end it before a term does.
 */
export function wrongStart(carried: unknown): ApplicationFailure | undefined {
  const info = workflowInfo();
  const isFirst = info.continuedFromExecutionRunId === undefined;
  const odd = ODD_OPTIONS.find(({ isSet }) => isSet(info, isFirst));
  if (odd) return failure('InvalidStart', `${odd.why}: start it without ${odd.option}.`);
  return isFirst && carried !== undefined ? forged() : undefined;
}

interface OddOption {
  readonly option: string;
  readonly why: string;
  readonly isSet: (info: WorkflowInfo, isFirst: boolean) => boolean;
}

const ODD_OPTIONS: readonly OddOption[] = [
  { option: 'a cron schedule', why: 'Asking once counts once', isSet: (info) => info.cronSchedule !== undefined },
  { option: 'a retry policy', why: 'Asking once counts once', isSet: (info) => info.retryPolicy !== undefined },
  {
    option: 'a delay',
    why: 'Who asks now is proved now',
    // So the SDK calls the delay of any start; a run that goes on may have one of the server's.
    isSet: (info, isFirst) => isFirst && info.cronScheduleToScheduleInterval !== undefined,
  },
  {
    // It limits the run, too.
    option: 'an execution timeout',
    why: 'The server would end it half way',
    isSet: ({ executionTimeoutMs }) => endsIt(executionTimeoutMs),
  },
  {
    option: 'a run timeout',
    why: 'The server would end it half way',
    isSet: ({ runTimeoutMs }) => endsIt(runTimeoutMs),
  },
  {
    option: 'a workflow task timeout of its own',
    why: 'Its tasks take as long as those of all others',
    isSet: ({ taskTimeoutMs }) => taskTimeoutMs < SHORTEST_TASK_MS || taskTimeoutMs > LONGEST_TASK_MS,
  },
  {
    option: 'a priority',
    why: 'Nobody goes before others',
    isSet: ({ priority }) => Object.values(priority ?? {}).some(Boolean),
  },
];

/** Some servers limit every run to ten years. */
function endsIt(timeoutMs: number | undefined): boolean {
  return timeoutMs !== undefined && timeoutMs > 0 && timeoutMs < MAX_DURATION_MS;
}

/** The usual is 10 s; a server may be configured otherwise. */
const SHORTEST_TASK_MS = 5_000;
const LONGEST_TASK_MS = 60_000;

/**
 * Takes away what the starter of a workflow that ends at once wrote where this system shows how something stands, and shows it
 * as ended. One that goes on is compared with its first state by `createShow`.
 */
export function clearBrought({ refused }: { readonly refused: boolean }): void {
  const { continuedFromExecutionRunId, typedSearchAttributes, memo } = workflowInfo();
  if (continuedFromExecutionRunId !== undefined && !refused) return;
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttribute[];
  const brought = names.some((name) => typedSearchAttributes.get(keyOf(name)) !== undefined);
  const ends: { readonly [N in SearchAttribute]?: string } = refused
    ? { AdmissionState: 'closed', AdmissionOutcome: 'failed' }
    : {};
  const pairs = names.map((name) => ({ key: keyOf(name), value: ends[name] ?? null }) as SearchAttributeUpdatePair);
  if (brought) upsertSearchAttributes(pairs);
  const written = Object.keys(memo ?? {});
  if (written.length > 0) upsertMemo(Object.fromEntries(written.map((name) => [name, null])));
}

function keyOf(name: SearchAttribute) {
  return defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]);
}

/**
 * A workflow of anybody's can continue as one of ours, with any state: so the server is asked whether the run before was
 * one that a worker of ours did.
 */
export async function assertGoesOnFromOurs(inbox: { refuseRest(refusal: Refusal): void }): Promise<void> {
  const { continuedFromExecutionRunId: before } = workflowInfo();
  if (before === undefined || (await isRunOfOurs(before))) return;
  clearBrought({ refused: true });
  inbox.refuseRest(NOT_OURS);
  await condition(allHandlersFinished);
  throw forged();
}

async function isRunOfOurs(runId: string): Promise<boolean> {
  const summary = 'Check which run this one goes on from';
  try {
    return await localActivities(summary).isRunOfOurs(runId);
  } catch {
    return activitiesFor(PATIENTLY, summary).isRunOfOurs(runId);
  }
}

const PATIENTLY = { do: 'isRunOfOurs', key: 'isRunOfOurs', lane: 'patient', stop: 'wait' } as const;

const NOT_OURS: Refusal = {
  code: 'InvalidRequest',
  message: 'This workflow was started with a state of somebody else.',
};

/** The same of what only a request or an onboarding starts: anybody could have its text signed and sent in our name. */
export function startedByHand(): ApplicationFailure | undefined {
  return workflowInfo().parent
    ? undefined
    : failure('InvalidStart', 'Requests and onboardings start this; nobody else does.');
}

export function forged(): ApplicationFailure {
  return failure(
    'ForgedState',
    'Only a run that goes on from an earlier one brings a state with it: start it with the input alone.',
  );
}

function failure(type: 'ForgedState' | 'InvalidStart', message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type, { code: type, message });
}
