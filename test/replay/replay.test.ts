import { readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Runtime, Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';
import { OUTCOMES, STATES } from '../../src/domain/outcome.ts';
import { createLogger, installRuntime } from '../../src/telemetry.ts';
import { HISTORIES } from './histories.ts';
import { scenes } from './scenes.ts';
import { traces } from './scrub.ts';

/** A recorded history, read as JSON; only what the tests here look at is typed. */
interface Recorded {
  readonly events: {
    readonly eventType: string;
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string };
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

if (Runtime._instance === undefined) installRuntime(createLogger('error'));

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

/** `state/outcome` as the request last showed it, or how its workflow ended where it never did. */
function standing({ events }: Recorded): string {
  const shown = events.findLast((event) => event.upsertWorkflowSearchAttributesEventAttributes);
  const fields = shown?.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes.indexedFields;
  const value = (name: string) => JSON.parse(atob(fields?.[name]?.data ?? '') || 'null') as string | null;
  return fields ? `${value('AdmissionState')}/${value('AdmissionOutcome')}` : (events.at(-1)?.eventType ?? '');
}

test('every recorded history replays with the workflow code of today', async () => {
  const all = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await recorded(name)] as const)));
  expect(await replay(all)).toEqual({});
});

test('every state and every outcome that a request can reach is recorded', async () => {
  const standings = new Set(await Promise.all(names.map(async (name) => standing(await recorded(name)))));
  const open = STATES.filter((state) => state !== 'closed');
  const reachable = [...open.map((state) => `${state}/null`), ...OUTCOMES.map((outcome) => `closed/${outcome}`)];
  // What never was a request shows nothing, nor does the workflow that tells people of one.
  const shown = [...standings].filter((one) => one.includes('/'));
  expect(shown.toSorted()).toEqual(reachable.toSorted());
  expect(names).toEqual(Object.keys(scenes).toSorted());
});

/** What names begin with that is no state: the outcome that it means. Other names say nothing of where a request stands. */
const BEGINNINGS: Record<string, string> = {
  ...Object.fromEntries(STATES.map((state) => [state, `${state}/null`])),
  ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, `closed/${outcome}`])),
  already: 'closed/alreadyMember',
};
const ofRequests = names.filter((name) => !['failed-invalid-input', 'failed-forged-state'].includes(name));

test.each(ofRequests.filter((name) => (name.split('-')[0] ?? '') in BEGINNINGS))(
  '%s is what its name says',
  async (name) => {
    expect(standing(await recorded(name))).toBe(BEGINNINGS[name.split('-')[0] ?? '']);
  },
);

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
