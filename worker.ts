import { once } from 'node:events';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities, createExternalPolicies } from './src/activities/index.ts';
import { servingOnly } from './src/activities/origin.ts';
import { createChimeClients, type ChimeClients } from './src/chime/client.ts';
import { readConfig, type Config, type Environment } from './src/config.ts';
import type { Settings } from './src/domain/settings.ts';
import { fairnessSalt } from './src/workflow-id.ts';
import { flowsOf, NO_FLOWS, type Flows } from './src/flows.ts';
import { embeddedPolicySet, shortDigest, type PolicySet } from './src/policies/policy-set.ts';
import { readablePayloads } from './src/readable-payloads.ts';
import { shownAddress, redacting } from './src/redact.ts';
import { TemporalConfigError, temporalConfig, whyNot } from './src/service/connect.ts';
import { createLogger, installRuntime } from './src/telemetry.ts';
import {
  configuredFlows,
  configuredNotifications,
  applyToOpenRequests,
  configuredPolicySet,
  configuredProver,
  warnIfNobodyIsBelieved,
  checkSearchAttributes,
  StartError,
  workerConfig,
  workflowSource,
} from './src/worker-start.ts';

/** The two workers of a process: one decides, the other writes to Chime, on the queue where all such calls are counted. */
export async function createWorkers(
  { config, connection, namespace, clients, policySet = embeddedPolicySet(), flows = NO_FLOWS }: WorkerParts,
  source: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'maxCachedWorkflows'>,
): Promise<Worker[]> {
  const notifications = await configuredNotifications(config);
  const activities = {
    ...createActivities({ clients, policySet, flows, notifications, ...activityConfig(config, namespace) }),
    ...createExternalPolicies(policySet),
  };
  const { ADMISSION_TASK_QUEUE: taskQueue } = config;
  const inbound = [redacting, servingOnly(taskQueue)];
  const interceptors = { activity: inbound.map((one) => () => ({ inbound: one })) };
  const common = {
    connection,
    namespace,
    activities,
    interceptors,
    dataConverter: { payloadCodecs: [readablePayloads] },
    shutdownGraceTime: '20s',
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...common,
      ...source,
      taskQueue,
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
  readonly flows?: Flows;
}

export interface WorkerRun {
  readonly env: Environment;
  readonly logger: Logger;
  readonly stop: AbortSignal;
  /** The set to use, whatever is configured. */
  readonly policySet?: PolicySet;
}

/** Runs until `stop` is aborted, then drains. Throws a StartError when something that it needs is missing. */
export async function runWorker(
  { env, logger, stop, policySet: given }: WorkerRun,
  ready: () => void = () => undefined,
): Promise<void> {
  const config = workerConfig(env);
  const { connectionOptions, address, namespace } = temporalConfig(env);
  const connection = await NativeConnection.connect({ ...connectionOptions, address }).catch((error: unknown) => {
    throw new StartError(
      `No Temporal server answers at ${shownAddress(address)} (${whyNot(error, address)}): set TEMPORAL_ADDRESS.`,
    );
  });
  const clients = createChimeClients({ callTimeoutMs: config.ADMISSION_CALL_TIMEOUT });
  try {
    await checkSearchAttributes(connection, namespace);
    const policySet = given ?? (await configuredPolicySet(config));
    const flows = await configuredFlows(config, policySet);
    const parts = { config, connection, namespace, clients, policySet, flows: flowsOf(flows) };
    const workers = await createWorkers(parts, workflowSource(config, env));
    const policies = { file: policySet.file ?? 'embedded', digest: shortDigest(policySet) };
    const known = flows.map(({ name, digest }) => ({ name, digest: digest.slice(0, 12) }));
    warnIfNobodyIsBelieved(config, logger);
    logger.info(
      { address: shownAddress(address), namespace, taskQueue: config.ADMISSION_TASK_QUEUE, policies, flows: known },
      'the worker is ready',
    );
    ready();
    const stopped = aborted(stop);
    const applied = applyToOpenRequests(policySet, { env, taskQueue: config.ADMISSION_TASK_QUEUE, logger });
    await Promise.all(workers.map((worker) => worker.runUntil(stopped)));
    await applied;
    logger.info('the worker has drained and stops');
  } finally {
    clients.destroy();
    await connection.close();
  }
}

/** Resolves once `stop` is aborted, also where that was while the worker was starting. */
async function aborted(stop: AbortSignal): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort');
}

function activityConfig(config: Config, namespace: string) {
  const { ADMISSION_FACT_TTL: factTtlMs, ADMISSION_ID_KEY: idKey } = config;
  const settings: Settings = {
    ...(idKey === undefined ? {} : { fairnessSalt: fairnessSalt(idKey) }),
    expireAfterMs: config.ADMISSION_EXPIRE_AFTER,
    validForMs: config.ADMISSION_VALID_FOR,
    notify: config.ADMISSION_NOTIFICATIONS !== undefined,
    commandsPerRun: config.ADMISSION_COMMANDS_PER_RUN,
    chimeTaskQueue: config.ADMISSION_CHIME_TASK_QUEUE,
    retry: {
      initialMs: config.ADMISSION_RETRY_INITIAL,
      maximumMs: config.ADMISSION_RETRY_MAXIMUM,
      attemptTimeoutMs: config.ADMISSION_ATTEMPT_TIMEOUT,
      forMs: config.ADMISSION_RETRY_FOR,
    },
  };
  const bearers = config.ADMISSION_BEARERS;
  const taskQueue = config.ADMISSION_TASK_QUEUE;
  return { settings, bearers, prover: configuredProver(config, namespace), factTtlMs, idKey, taskQueue };
}

/** Runs a worker as a process: exit code 0 after a drain, 1 when it cannot start. */
export async function main(env: Environment): Promise<number> {
  const level = readConfig(env);
  const logger = createLogger(level.ok ? level.value.ADMISSION_LOG_LEVEL : 'info');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  try {
    // Before the native part is loaded, which keeps a process alive that never connects.
    workerConfig(env);
    installRuntime(logger);
    await runWorker({ env, logger, stop: stop.signal });
    return 0;
  } catch (error) {
    if (!(error instanceof StartError || error instanceof TemporalConfigError)) throw error;
    logger.fatal(error.message);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.env);
