import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { readConfig } from '../config.ts';
import { builtBundle } from '../package-files.ts';
import type { Config, Environment } from '../config.ts';
import { visible } from '../domain/text.ts';
import { redacted } from '../redact.ts';
import { searchAttributeState } from '../service/search-attributes.ts';
import { siblingScript } from '../sibling-script.ts';

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
  return { workflowsPath: siblingScript(import.meta.url, '../workflows/index') };
}
