import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createChimeClients } from '../src/chime/client.ts';
import { readConfig } from '../src/config.ts';
import { SEARCH_ATTRIBUTES } from '../src/domain/search-attributes.ts';
import type { PolicySet } from '../src/policies/policy-set.ts';
import { createAdmissionService, type AdmissionService } from '../src/service/admission-service.ts';
import { connect } from '../src/service/connect.ts';
import { startLocalStack, type LocalStack } from '../src/stack/local-stack.ts';
import { createLogger, installRuntime } from '../src/telemetry.ts';
import { createWorkers } from '../worker.ts';

export interface Bench {
  readonly stack: LocalStack;
  /** A worker of its own for a policy set, and the way to it. */
  serve(
    name: string,
    policySet: PolicySet,
    options?: Pick<WorkerOptions, 'maxCachedWorkflows'>,
  ): Promise<{ service: AdmissionService; events(id: string): Promise<number> }>;
}

export interface Served {
  readonly service: AdmissionService;
  /** How many events the history of a request has. */
  events(id: string): Promise<number>;
}

/** Runs a benchmark on a local stack of its own, and stops everything after it. */
export async function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  const stack = await startLocalStack({ mode: 'temporary', log: console.error, searchAttributes: SEARCH_ATTRIBUTES });
  const stops: (() => Promise<void>)[] = [() => stack.stop()];
  Object.assign(process.env, stack.env);
  installRuntime(createLogger('error'));
  try {
    const workflowsPath = fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url));
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: QUIET });
    await run({
      stack,
      async serve(name, policySet, options) {
        const taskQueue = `bench-${name}`;
        const env = { ...stack.env, ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_CHIME_TASK_QUEUE: `${taskQueue}-chime` };
        const config = readConfig(env);
        const access = await connect(env);
        if (!config.ok || !access.ok) throw new Error('the local stack cannot be used');
        const { address, client } = access.value;
        const connection = await NativeConnection.connect({ address });
        const clients = createChimeClients({ callTimeoutMs: 5_000 });
        const parts = { config: config.value, connection, namespace: 'default', clients, policySet };
        const workers = await createWorkers(parts, { workflowBundle: { code }, ...options });
        const running = Promise.all(workers.map((worker) => worker.run()));
        stops.unshift(async () => {
          for (const worker of workers) worker.shutdown();
          await running;
          clients.destroy();
          await connection.close();
          await access.value.close();
        });
        return {
          service: createAdmissionService({
            client,
            taskQueue,
            bearers: [stack.serviceBearer],
            idKey: config.value.ADMISSION_ID_KEY,
          }),
          async events(id) {
            return (await client.workflow.getHandle(id).fetchHistory()).events?.length ?? 0;
          },
        };
      },
    });
  } finally {
    for (const stop of stops) await stop();
  }
}

const ignore = () => undefined;
const QUIET = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: console.error };
