import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { activityInfo } from '@temporalio/activity';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WithStartWorkflowOperation,
} from '@temporalio/client';
import { unlessClosed } from '../../../src/service/connect.ts';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TypedSearchAttributes } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, expect, inject } from 'vitest';
import type { ToyAnswer, ToyInput } from './toy-types.ts';
import type { toy as ToyWorkflow, ToyActivities } from './toy-workflow.ts';

const ignore = () => undefined;

/** The workflows of a file of this folder, on a queue of a test file's own; ended after its tests. */
export async function startToys({ cache = 200 } = {}) {
  if (Runtime._instance === undefined) Runtime.install({ logger: new DefaultLogger('ERROR', ignore) });
  const address = inject('temporalAddress');
  const taskQueue = `toy-${randomUUID()}`;
  const workflowsPath = fileURLToPath(new URL('toy-workflow.ts', import.meta.url));
  const logger = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: console.warn, error: console.error };
  const [workflowBundle, connection, clientConnection] = await Promise.all([
    bundleWorkflowCode({ workflowsPath, logger }),
    NativeConnection.connect({ address }),
    Connection.connect({
      address,
      interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), unlessClosed],
    }),
  ]);
  const client = new Client({ connection: clientConnection });
  const world = createWorld();
  const stops = new Set<() => Promise<void>>();
  const started = async (worker: Worker) => {
    const running = worker.run();
    const stop = async () => {
      if (!stops.delete(stop)) return;
      worker.shutdown();
      await running;
    };
    stops.add(stop);
    return stop;
  };
  afterAll(async () => {
    world.open();
    await Promise.all([...stops].map((stop) => stop()));
    await clientConnection.close();
    await connection.close();
  });
  const handle = (id: string) => client.workflow.getHandle<typeof ToyWorkflow>(id);
  return {
    client,
    taskQueue,
    world,
    handle,

    /** What runs workflows and reads; the function that stops it. */
    startWorker: async () =>
      started(
        await Worker.create({
          connection,
          taskQueue,
          workflowBundle,
          maxCachedWorkflows: cache,
          stickyQueueScheduleToStartTimeout: '1s',
          activities: world.activities,
        }),
      ),

    /** What makes the writes, from their own queue. */
    startChimeWorker: async () =>
      started(await Worker.create({ connection, taskQueue: `${taskQueue}-chime`, activities: world.activities })),

    /** Asks as the service does: the update that comes with the start. */
    async ask(
      id: string,
      input: ToyInput | null,
      attributes?: TypedSearchAttributes,
    ): Promise<ToyAnswer & { looked: number }> {
      const startWorkflowOperation = new WithStartWorkflowOperation<typeof ToyWorkflow>('toy', {
        workflowId: id,
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        ...(attributes ? { typedSearchAttributes: attributes } : {}),
      });
      return client.workflow.executeUpdateWithStart('requestToy', { startWorkflowOperation, args: [input] });
    },

    async send(
      id: string,
      name: string,
      command: object | string,
      updateId: string = randomUUID(),
    ): Promise<ToyAnswer> {
      return handle(id).executeUpdate<ToyAnswer, [unknown]>(name, { args: [command], updateId });
    },

    /** The server has it, though no worker may have seen it yet. */
    async isAdmitted(workflowId: string, updateId: string): Promise<boolean> {
      const updateRef = { workflowExecution: { workflowId }, updateId };
      return client.workflowService.pollWorkflowExecutionUpdate({ namespace: 'default', updateRef }).then(
        () => true,
        () => false,
      );
    },

    /** Every run of these ids replays; the failures. */
    async replayFailures(ids: readonly string[]): Promise<string[]> {
      const histories = await Promise.all(ids.map(async (id) => allRuns(client, handle(id))));
      const failures: string[] = [];
      for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories.flat())) {
        if (error) failures.push(`${workflowId}: ${String(error)}`);
      }
      return failures;
    },
  };
}

/** The same, with the ids of all that a test file starts. */
export async function newToys(options: { cache?: number } = {}) {
  const toys = await startToys(options);
  const ids: string[] = [];
  const newId = () => {
    const id = `toy-${randomUUID()}`;
    ids.push(id);
    return id;
  };
  const eventsOf = async (id: string) => (await toys.handle(id).fetchHistory()).events ?? [];
  return {
    toys: { ...toys, replayFailures: async () => toys.replayFailures(ids) },
    newId,

    /** One that waits for reviews. */
    pending: async (input: ToyInput): Promise<string> => {
      const id = newId();
      expect(await toys.ask(id, input)).toMatchObject({ state: 'waiting' });
      return id;
    },

    eventsOf,

    /** Each one is a workflow that hangs until somebody mends the code. */
    failedTasks: async (id: string) =>
      (await eventsOf(id)).filter((event) => event.workflowTaskFailedEventAttributes).length,
  };
}

/** The type of the failure that an update was refused with, or its answer. */
export async function errorType(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: { cause?: { type?: string } }) => error.cause?.type);
}

async function allRuns(client: Client, { workflowId }: WorkflowHandle) {
  const runs: { workflowId: string; history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>> }[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    runs.push({ workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() });
  }
  return runs;
}

const pause = async (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What the toy's effects meet: gates that hold them, and members who are gone. */
function createWorld() {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const calls: string[] = [];
  const gone = new Set<string>();
  const unreadable = new Set<string>();
  let ours = true;
  const pass = async (name: string) => {
    calls.push(name);
    await gates.get(name)?.promise;
  };
  const activities: ToyActivities & { isRunOfOurs(): Promise<boolean> } = {
    async evaluate(input, lane) {
      await pause(input.evaluateMs);
      if (lane === 'quick' && input.quickFails) throw ApplicationFailure.retryable('an outage');
      if (lane === 'patient') {
        await pass(`evaluate ${activityInfo().workflowExecution?.workflowId}`);
        await pause(input.patientMs);
      }
      if (input.external) return { action: 'external' };
      return { action: input.need > 0 ? 'pend' : 'admit' };
    },
    async ask(index) {
      await pause(Math.random() * 200);
      return index;
    },
    async grant(id, { grantMs, grantFails }, tries) {
      await pass(`grant ${id}`);
      await pause(grantMs);
      if (grantFails && tries === 0) throw ApplicationFailure.nonRetryable('refused', 'Refused');
      return {};
    },
    async remove(id) {
      await pass(`remove ${id}`);
      return {};
    },
    async look(id, lane) {
      await pass(`look ${lane} ${id}`);
      if (unreadable.has(`${lane} ${id}`)) throw ApplicationFailure.retryable('an outage');
      return { is: gone.has(id) ? 'gone' : 'there' };
    },
    async check(command, id) {
      const { ms, is } = 'check' in command ? (command.check ?? {}) : {};
      await pass(`check ${command.name} ${id}`);
      await pause(ms);
      if (is === 'bad') return { code: 'Unauthenticated', message: 'not you' } as never;
      if (is === 'refusedForGood')
        throw ApplicationFailure.nonRetryable('no', 'Refused', { code: 'NotYours', message: 'not yours' });
      if (is === 'down' || (is === 'flaky' && activityInfo().isLocal)) throw ApplicationFailure.retryable('an outage');
      return { verified: true };
    },
    async isRunOfOurs() {
      return ours;
    },
  };
  return {
    activities,
    calls,
    gone,
    unreadable,
    /** Holds every call of that name until the gate is opened. */
    hold(name: string): () => void {
      const gate = Promise.withResolvers<void>();
      gates.set(name, gate);
      return () => {
        gates.delete(name);
        gate.resolve();
      };
    },
    open() {
      for (const gate of gates.values()) gate.resolve();
    },
    setOurs(are: boolean) {
      ours = are;
    },
  };
}
