import { randomUUID } from 'node:crypto';
import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { inject } from 'vitest';
import { createChimeClients } from '../../src/chime/client.ts';
import { readConfig } from '../../src/config.ts';
import { digestOf } from '../../src/identity/digest.ts';
import type { Flows } from '../../src/flows.ts';
import type { AdmissionService } from '../../src/service/admission-service.ts';
import type { PolicySet } from '../../src/policies/policy-set.ts';
import { createAdmissionService } from '../../src/service/admission-service.ts';
import { connect } from '../../src/service/connect.ts';
import { createLogger, installRuntime } from '../../src/telemetry.ts';
import { createWorkers } from '../../worker.ts';
import { startTestEmulator } from './emulator.ts';
import type { TestEmulator } from './emulator.ts';
import { testEnvironment } from './environment.ts';

/** A whole admission system of a test file's own: emulator, worker and service, on the server that all tests share. */
export interface TestAdmission {
  readonly emulator: TestEmulator;
  readonly service: AdmissionService;
  readonly client: Client;
  readonly taskQueue: string;
  readonly env: Record<string, string>;
  /** The flows of its worker: what is added while it runs may be started at once. */
  readonly flows: TestFlows;
  close(): Promise<void>;
}

/** `settings`: environment variables that differ from the tests' own. `temporalAddress`: another server than the shared one. */
export async function startAdmission(
  settings: Record<string, string> = {},
  {
    temporalAddress = inject('temporalAddress'),
    worker = true,
    policySet,
  }: { temporalAddress?: string; worker?: boolean; policySet?: PolicySet } = {},
): Promise<TestAdmission> {
  const emulator = await startTestEmulator();
  const taskQueue = `test-${randomUUID()}`;
  const { url: emulatorUrl, bearer } = emulator;
  const env = { ...testEnvironment({ temporalAddress, emulatorUrl, taskQueue, bearer }), ...settings };
  // The AWS SDK reads its own variables from the process; after each test file they are as before.
  Object.assign(process.env, env);
  const access = await connect(env);
  if (!access.ok) throw new Error(access.error.message);
  const { client } = access.value;
  const flows = testFlows();
  const stopWorker = worker ? await startTestWorker(env, policySet, flows) : async () => undefined;
  return {
    emulator,
    client,
    taskQueue,
    env,
    flows,
    service: createAdmissionService({ client, taskQueue, bearers: [bearer], idKey: env['ADMISSION_ID_KEY'] }),
    async close() {
      await stopWorker();
      await access.value.close();
      await emulator.close();
    },
  };
}

/** A worker in this process, from the bundle that all tests share; returns what stops it. */
export async function startTestWorker(
  env: Record<string, string>,
  policySet?: PolicySet,
  flows: Flows = testFlows(),
): Promise<() => Promise<void>> {
  const config = readConfig(env);
  if (!config.ok) throw new Error(JSON.stringify(config.issues));
  installTestRuntime();
  const connection = await NativeConnection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  const clients = createChimeClients({ callTimeoutMs: config.value.ADMISSION_CALL_TIMEOUT });
  const namespace = env['TEMPORAL_NAMESPACE'] ?? 'default';
  const parts = { config: config.value, connection, namespace, clients, flows, ...(policySet ? { policySet } : {}) };
  const workers = await createWorkers(parts, { workflowBundle: { codePath: inject('workflowBundle') } });
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    clients.destroy();
    await connection.close();
  };
}

export interface TestFlows extends Flows {
  /** Its name. */
  add<F extends { readonly name: string }>(flow: F): string;
}

/** Flows as a worker has them that loaded them when it started, but for one thing: more may be added. */
export function testFlows(): TestFlows {
  const known = new Map<string, { written: unknown; digest: string }>();
  return {
    get: (name) => known.get(name),
    names: () => [...known.keys()],
    add(flow) {
      known.set(flow.name, { written: flow, digest: digestOf(flow) });
      return flow.name;
    },
  };
}

/** The runtime of Temporal is one for a process, and so for all test files that run in it. */
export function installTestRuntime(): void {
  if (Runtime._instance === undefined) installRuntime(createLogger('error'));
}

/** The value of a good result; throws what a bad one says. */
export function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: object }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The error of a bad result. */
export function errorOf<E>(result: { ok: true; value: unknown } | { ok: false; error: E }): E {
  if (result.ok) throw new Error(`expected an error, got ${JSON.stringify(result.value)}`);
  return result.error;
}
