import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { readConfig, type Config, type Environment } from './config.ts';
import { visible } from './domain/text.ts';
import { loadFlows, type ConfiguredFlow } from './flows.ts';
import { createProver, type Prover } from './identity/prover.ts';
import { loadNotifications } from './notifications/load-notifications.ts';
import type { Notifications } from './notifications/notifications.ts';
import { builtBundle } from './package-files.ts';
import { choosePolicySet } from './policies/load/load-policy-set.ts';
import { ownFacts, type PolicySet } from './policies/policy-set.ts';
import { redacted } from './redact.ts';
import { connect } from './service/connect.ts';
import { reevaluatePending } from './service/reevaluate.ts';
import { searchAttributeState } from './service/search-attributes.ts';
import { siblingScript } from './sibling-script.ts';
import { formatIssue } from './yaml/problem.ts';

/** A reason why the worker does not start: what is wrong, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(message: string, details: readonly string[] = []) {
    super([details.length > 0 ? `${message}:` : message, ...details].map((one) => visible(redacted(one))).join('\n'));
  }
}

/** The configuration of a worker; without a service bearer it could not read a single fact. */
export function workerConfig(env: Environment): Config {
  const config = readConfig(env);
  if (!config.ok) {
    const issues = config.issues.map(({ message, accepted }) => `${message}: accepted is ${accepted}`);
    throw new StartError('the environment is not valid', issues);
  }
  if (config.value.ADMISSION_BEARERS.length === 0) {
    throw new StartError(
      'ADMISSION_BEARERS is missing: name an app instance admin (user or bot) for each app instance.',
    );
  }
  return config.value;
}

/** Without its search attributes, a request would hang on a workflow task that fails for ever. */
export async function checkSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { missing, wrong } = await searchAttributeState(connection, namespace);
  if (missing.length === 0 && wrong.length === 0) return;
  const problems = [
    ...(missing.length > 0 ? [`${missing.join(', ')} missing`] : []),
    ...wrong.map(({ name, type, needed }) => `${name} is ${type} instead of ${needed}`),
  ];
  throw new StartError(`Search attributes of namespace ${namespace}: ${problems.join('; ')}. Run \`admit setup\`.`);
}

/** A prebuilt bundle where there is one; production refuses to make one at every start. */
export function workflowSource(
  config: Config,
  env: Environment,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const production = env['NODE_ENV'] === 'production';
  const codePath = config.ADMISSION_WORKFLOW_BUNDLE ?? (production ? builtBundle() : undefined);
  if (codePath) return { workflowBundle: { codePath } };
  if (production) throw new StartError('There is no dist/workflow-bundle.js: run `npm run build` first.');
  return { workflowsPath: siblingScript(import.meta.url, 'workflows/index') };
}

/** The policy set of `ADMISSION_POLICIES`, of `admission.yaml`, or the embedded one. A set with any mistake stops the worker. */
export async function configuredPolicySet({ ADMISSION_POLICIES: file }: Config): Promise<PolicySet> {
  const chosen = await choosePolicySet(file);
  if (chosen.ok) return chosen.set;
  throw new StartError(chosen.message, chosen.details);
}

/** Makes open requests ask the policies again where the set says so; runs beside the worker, and never stops it. */
export async function applyToOpenRequests(
  set: PolicySet,
  { env, taskQueue, logger }: { readonly env: Environment; readonly taskQueue: string; readonly logger: Logger },
): Promise<void> {
  if (set.onPolicyChange !== 'reevaluate') return;
  const access = await connect(env);
  if (!access.ok) return logger.error(access.error, 'open requests keep their old verdicts');
  try {
    const { asked, failed } = await reevaluatePending(access.value.client, {
      policyDigest: set.digest,
      taskQueue,
    });
    logger.info({ asked, failed: failed.length, ids: failed.slice(0, 20) }, 'open requests asked their policies again');
  } catch (error) {
    logger.error(error, 'open requests keep their old verdicts');
  } finally {
    await access.value.close();
  }
}

/** The flows of `ADMISSION_FLOWS`; none where it is not set. Any mistake in one of them stops the worker. */
export async function configuredFlows({ ADMISSION_FLOWS: places }: Config, set: PolicySet): Promise<ConfiguredFlow[]> {
  const own = ownFacts(set);
  const loaded = await loadFlows(places, (name) => own.has(name));
  if (loaded.ok) return loaded.value;
  throw new StartError(`the flows cannot be used:\n${loaded.issues.map(formatIssue).join('\n')}`);
}

/** What `ADMISSION_NOTIFICATIONS` says; none where nobody is told of anything. Any mistake in it stops the worker. */
export async function configuredNotifications({
  ADMISSION_NOTIFICATIONS: file,
}: Config): Promise<Notifications | undefined> {
  if (file === undefined) return undefined;
  const loaded = await loadNotifications(file);
  if (loaded.ok) return loaded.notifications;
  throw new StartError('the notifications cannot be used', loaded.issues.map(formatIssue));
}

export function configuredProver(
  { ADMISSION_ASSERTION_KEYS: keys, ADMISSION_TRUST_CLIENTS: trustClients, ADMISSION_AUDIENCE: audience }: Config,
  namespace: string,
): Prover {
  return createProver({ keys, trustClients, audience: audience ?? namespace });
}

/** Says so at the start if this worker can believe nobody. */
export function warnIfNobodyIsBelieved(config: Config, logger: Logger): void {
  if (config.ADMISSION_ASSERTION_KEYS !== undefined || config.ADMISSION_TRUST_CLIENTS) return;
  logger.warn(
    'Every command will be refused as Unauthenticated: set ADMISSION_ASSERTION_KEYS to the JWKS of those who sign ' +
      '(`admit keys new` makes one), or ADMISSION_TRUST_CLIENTS=true where everybody who can reach Temporal is trusted.',
  );
}
