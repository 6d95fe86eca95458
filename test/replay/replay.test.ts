import { readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';
import { ONBOARDING_OUTCOMES, ONBOARDING_STATES } from '../../src/domain/onboarding/state.ts';
import { OUTCOMES, STATES } from '../../src/domain/outcome.ts';
import { installTestRuntime } from '../support/admission.ts';
import { HISTORIES } from './histories.ts';
import { scenes } from './scenes.ts';
import { traces } from './scrub.ts';

/** A recorded history, read as JSON; only what the tests here look at is typed. */
interface Recorded {
  readonly events: {
    readonly eventType: string;
    readonly workflowExecutionStartedEventAttributes?: {
      readonly workflowId?: string;
      readonly workflowType: { readonly name: string };
      readonly continuedExecutionRunId?: string;
      readonly parentWorkflowExecution?: { readonly workflowId: string };
      readonly searchAttributes?: { readonly indexedFields: Record<string, { readonly data?: string }> };
    };
    readonly workflowExecutionFailedEventAttributes?: {
      readonly failure: { readonly applicationFailureInfo?: { readonly type: string } };
    };
    readonly upsertWorkflowSearchAttributesEventAttributes?: {
      readonly searchAttributes: { readonly indexedFields: Record<string, { readonly data?: string }> };
    };
    readonly workflowExecutionUpdateAcceptedEventAttributes?: { readonly acceptedRequestSequencingEventId: string };
    readonly activityTaskScheduledEventAttributes?: { readonly activityType: { name: string } };
  }[];
}

const names = (await readdir(HISTORIES)).map((file) => file.replace('.json', '')).toSorted();
const text = async (name: string) => readFile(new URL(`${name}.json`, HISTORIES), 'utf8');
const recorded = async (name: string) => JSON.parse(await text(name)) as Recorded;

installTestRuntime();

/** What went wrong in each replay, by name. */
async function replay(histories: Record<string, Recorded>): Promise<Record<string, string>> {
  const bundle = { workflowBundle: { codePath: inject('workflowBundle') } };
  // Children are called after the id of their parent.
  const ids = new Map(
    Object.entries(histories).map(([name, { events }]) => [
      events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? name,
      name,
    ]),
  );
  const entries = [...ids].map(([workflowId, name]) => ({ workflowId, history: historyFromJSON(histories[name]) }));
  expect(ids.size).toBe(Object.keys(histories).length);
  const failures: Record<string, string> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories(bundle, entries)) {
    if (error) failures[ids.get(workflowId) ?? workflowId] = `${error.name}: ${error.message}`;
  }
  return failures;
}

const startOf = ({ events }: Recorded) => events[0]?.workflowExecutionStartedEventAttributes;

/** `state/outcome` as lists show a request, or an onboarding; or how its workflow ended where they never did. */
function standing({ events }: Recorded): string {
  const fields: Record<string, { readonly data?: string }> = {};
  // Each event writes what differs from before.
  for (const event of events) {
    const { searchAttributes: atFirst } = event.workflowExecutionStartedEventAttributes ?? {};
    const { searchAttributes: later } = event.upsertWorkflowSearchAttributesEventAttributes ?? {};
    Object.assign(fields, atFirst?.indexedFields, later?.indexedFields);
  }
  const value = (name: string) => JSON.parse(atob(fields[name]?.data ?? '') || 'null') as string | null;
  const [state, outcome] = [value('AdmissionState'), value('AdmissionOutcome')];
  if (state === null) return events.at(-1)?.eventType ?? '';
  // Lists do not show a call that is made at once.
  const last = events.findLast((event) => event.activityTaskScheduledEventAttributes);
  const isCalled = last?.activityTaskScheduledEventAttributes?.activityType.name === 'createChannelMembership';
  return `${isCalled && state === 'evaluating' ? 'granting' : state}/${outcome}`;
}

test('every recorded history replays with the workflow code of today', async () => {
  const all = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await recorded(name)] as const)));
  expect(await replay(all)).toEqual({});
});

test('every scene is recorded, and nothing else', () => {
  expect(names).toEqual(Object.keys(scenes).toSorted());
});

const KINDS = [
  { type: 'joinChannel', states: STATES, outcomes: OUTCOMES },
  { type: 'onboardMember', states: ONBOARDING_STATES, outcomes: ONBOARDING_OUTCOMES },
] as const;

test.each(KINDS)(
  'every state and every outcome that $type can reach is recorded',
  async ({ type, states, outcomes }) => {
    const all = await Promise.all(names.map(async (name) => recorded(name)));
    const standings = new Set(all.filter((one) => startOf(one)?.workflowType.name === type).map(standing));
    const open = states.filter((state) => state !== 'closed');
    const reachable = [...open.map((state) => `${state}/null`), ...outcomes.map((outcome) => `closed/${outcome}`)];
    // What never was a request, or an onboarding, shows nothing.
    const shown = [...standings].filter((one) => one.includes('/'));
    expect(shown.toSorted()).toEqual(reachable.toSorted());
  },
);

/** What names begin with, but for `onboarding-`: the state, or the outcome that it means. */
function beginnings(states: readonly string[], outcomes: readonly string[]): Record<string, string> {
  return Object.fromEntries([
    ...states.map((state) => [state, `${state}/null`]),
    ...outcomes.map((outcome) => [outcome, `closed/${outcome}`]),
  ]);
}
const OF_REQUESTS = { ...beginnings(STATES, OUTCOMES), already: 'closed/alreadyMember' };
const OF_ONBOARDINGS = beginnings(ONBOARDING_STATES, ONBOARDING_OUTCOMES);

/** What a name says of where it stands; the names of runs that go on, and of telling, say nothing of it. */
function said(name: string): string | undefined {
  if (/failed-(invalid-input|forged-state)$/.test(name)) return 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED';
  const [first = '', second = ''] = name.split('-');
  return first === 'onboarding' ? OF_ONBOARDINGS[second] : (OF_REQUESTS as Record<string, string>)[first];
}

test('names say where histories stand, or that they are of runs that go on, or of telling', () => {
  const others = names.filter((name) => said(name) === undefined);
  expect(others.filter((name) => !/^(onboarding-)?continued-.*(before|after)$|^telling-/.test(name))).toEqual([]);
});

test.each(names.filter((name) => said(name) !== undefined))('%s is what its name says', async (name) => {
  const history = await recorded(name);
  expect(standing(history)).toBe(said(name));
  expect(startOf(history)?.workflowType.name).toBe(name.startsWith('onboarding-') ? 'onboardMember' : 'joinChannel');
});

test.each(names.filter((name) => /continued-/.test(name)))('%s is the run that its name says', async (name) => {
  const history = await recorded(name);
  const goesOn = history.events.at(-1)?.eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW';
  const wentOn = Boolean(startOf(history)?.continuedExecutionRunId);
  expect({ goesOn, wentOn }).toEqual(
    name.endsWith('-before') ? { goesOn: true, wentOn: false } : { goesOn: false, wentOn: true },
  );
});

test.each(names.filter((name) => name.endsWith('-as-a-step')))('%s was asked for by an onboarding', async (name) => {
  expect(startOf(await recorded(name))?.parentWorkflowExecution?.workflowId).toMatch(/^onboard:/);
});

test.each([
  ['forged-state', 'ForgedState'],
  ['invalid-input', 'InvalidRequest'],
])('what ends with %s failed with %s', async (end, type) => {
  const found = names.filter((name) => name.endsWith(`failed-${end}`));
  const failures = await Promise.all(
    found.map(async (name) => {
      const last = (await recorded(name)).events.at(-1);
      return last?.workflowExecutionFailedEventAttributes?.failure.applicationFailureInfo?.type;
    }),
  );
  expect(failures).toEqual([type, type]);
});

test('a history in which an activity was swapped does not replay', async () => {
  const history = await recorded('joined');
  const scheduled = history.events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  for (const { activityType } of scheduled) activityType.name = 'deleteChannelMembership';
  expect(scheduled).toHaveLength(1);
  expect(await replay({ history })).toEqual({ history: expect.stringContaining('DeterminismViolationError') });
});

test.each(names.filter((name) => name.endsWith('in-one-task')))('%s holds two reviews of one task', async (name) => {
  const { events } = await recorded(name);
  const tasks = events.flatMap(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequestSequencingEventId ?? [],
  );
  const [, first, second] = tasks;
  expect(tasks).toHaveLength(3);
  expect(second).toBe(first);
});

test.each(names)('%s names no machine: no path, host, port or process', async (name) => {
  expect(traces(await text(name))).toEqual([]);
});
