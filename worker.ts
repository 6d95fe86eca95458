import { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from './src/activities/index.ts';
import { createChimeClients } from './src/chime/client.ts';
import type { ChimeClients } from './src/chime/client.ts';
import { builtBundle, readConfig } from './src/config.ts';
import type { Config, Environment } from './src/config.ts';
import type { Settings } from './src/domain/settings.ts';
import { embeddedPolicySet } from './src/policies/policy-set.ts';
import type { PolicySet } from './src/policies/policy-set.ts';
import { temporalConfig } from './src/service/connect.ts';
import { searchAttributeState } from './src/service/search-attributes.ts';
import { createLogger, installRuntime } from './src/telemetry.ts';

/** A reason why the worker does not start: what is wrong, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The two workers of a process: one decides, the other writes to Chime, on the queue where all such calls are counted. */
export async function createWorkers(
  { config, connection, namespace, clients, policySet = embeddedPolicySet() }: WorkerParts,
  source: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>,
): Promise<Worker[]> {
  const activities = createActivities({ clients, policySet, ...activityConfig(config) });
  const common = { connection, namespace, activities, shutdownGraceTime: '20s' } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...common,
      ...source,
      taskQueue: config.ADMISSION_TASK_QUEUE,
      // After a worker dies, its open requests answer again within a second instead of ten.
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({ ...common, taskQueue: config.ADMISSION_CHIME_TASK_QUEUE }),
  ]);
}

export interface WorkerParts {
  readonly config: Config;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly clients: ChimeClients;
  readonly policySet?: PolicySet;
}

/** Runs until `stop` is aborted, then drains. Throws a StartError when something that it needs is missing. */
export async function runWorker(
  { env, logger, stop }: { env: Environment; logger: Logger; stop: AbortSignal },
  ready: () => void = () => undefined,
): Promise<void> {
  const config = checkedConfig(env);
  const { connectionOptions, address, namespace } = temporalConfig(env);
  const connection = await NativeConnection.connect({ ...connectionOptions, address }).catch((error: unknown) => {
    throw new StartError(`No Temporal server answers at ${address} (${String(error)}): set TEMPORAL_ADDRESS.`);
  });
  const clients = createChimeClients({ callTimeoutMs: config.ADMISSION_CALL_TIMEOUT });
  try {
    await checkSearchAttributes(connection, namespace);
    const workers = await createWorkers({ config, connection, namespace, clients }, workflowSource(config, env));
    logger.info({ address, namespace, taskQueue: config.ADMISSION_TASK_QUEUE }, 'the worker is ready');
    ready();
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.all(workers.map((worker) => worker.runUntil(stopped)));
    logger.info('the worker has drained and stops');
  } finally {
    clients.destroy();
    await connection.close();
  }
}

function checkedConfig(env: Environment): Config {
  const config = readConfig(env);
  if (!config.ok) {
    const issues = config.issues.map(({ message, accepted }) => `${message}: accepted is ${accepted}`);
    throw new StartError(issues.join('\n'));
  }
  if (config.value.ADMISSION_BEARERS.length === 0) {
    throw new StartError(
      'ADMISSION_BEARERS is missing: name an app instance admin (user or bot) for each app instance.',
    );
  }
  return config.value;
}

async function checkSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { missing, wrong } = await searchAttributeState(connection, namespace);
  if (missing.length === 0 && wrong.length === 0) return;
  const problems = [
    ...(missing.length > 0 ? [`${missing.join(', ')} missing`] : []),
    ...wrong.map(({ name, type, needed }) => `${name} is ${type} instead of ${needed}`),
  ];
  throw new StartError(`Search attributes of namespace ${namespace}: ${problems.join('; ')}. Run \`admit setup\`.`);
}

function activityConfig(config: Config) {
  const settings: Settings = {
    expireAfterMs: config.ADMISSION_EXPIRE_AFTER,
    chimeTaskQueue: config.ADMISSION_CHIME_TASK_QUEUE,
    retry: {
      initialMs: config.ADMISSION_RETRY_INITIAL,
      maximumMs: config.ADMISSION_RETRY_MAXIMUM,
      attemptTimeoutMs: config.ADMISSION_ATTEMPT_TIMEOUT,
      forMs: config.ADMISSION_RETRY_FOR,
    },
  };
  const bearers = config.ADMISSION_BEARERS;
  return { settings, bearers, trustClients: config.ADMISSION_TRUST_CLIENTS, factTtlMs: config.ADMISSION_FACT_TTL };
}

/** A prebuilt bundle where there is one; production refuses to make one at every start. */
function workflowSource(config: Config, env: Environment): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = config.ADMISSION_WORKFLOW_BUNDLE ?? (env['NODE_ENV'] === 'production' ? builtBundle() : undefined);
  if (codePath) return { workflowBundle: { codePath } };
  if (env['NODE_ENV'] === 'production') {
    throw new StartError('There is no dist/workflow-bundle.js: run `npm run build` first.');
  }
  return { workflowsPath: new URL('src/workflows/index.ts', import.meta.url).pathname };
}

/** Runs a worker as a process: exit code 0 after a drain, 1 when it cannot start. */
export async function main(env: Environment): Promise<number> {
  const level = readConfig(env);
  const logger = createLogger(level.ok ? level.value.ADMISSION_LOG_LEVEL : 'info');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  installRuntime(logger);
  try {
    await runWorker({ env, logger, stop: stop.signal });
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    logger.fatal(error.message);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.env);
