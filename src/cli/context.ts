import { readConfig } from '../config.ts';
import type { Config, Environment } from '../config.ts';
import { createAdmissionService } from '../service/admission-service.ts';
import type { AdmissionService } from '../service/admission-service.ts';
import { connect } from '../service/connect.ts';
import type { TemporalAccess } from '../service/connect.ts';
import { bad } from '../service/result.ts';
import type { AdmissionError, Result } from '../service/result.ts';
import { readDevFile } from '../stack/dev-file.ts';
import { printError } from './output.ts';

/** What a command needs to talk to the admission system. */
export interface Context {
  readonly service: AdmissionService;
  readonly config: Config;
  readonly access: TemporalAccess;
  readonly env: Environment;
  /** The page of a request in the Temporal UI; `null` where nobody said where the UI is. */
  readonly uiUrl: (id: string, runId: string) => string | null;
}

/** The environment that counts here: of the `npm run dev` that runs in this folder, else of the process. */
export async function currentEnvironment(): Promise<Environment> {
  const dev = await readDevFile('.admission');
  return dev ? { ...process.env, ...dev.env, ADMISSION_TASK_QUEUE: dev.taskQueue } : process.env;
}

export function configOf(env: Environment): Result<Config> {
  const config = readConfig(env);
  if (config.ok) return config;
  const [first] = config.issues;
  return bad({ code: 'InvalidConfiguration', message: 'The environment is not valid.', ...first });
}

/** Runs a command that needs Temporal; its errors are printed, and its connection closed. */
export async function withService(
  json: boolean | undefined,
  command: (context: Context) => Promise<AdmissionError | undefined>,
): Promise<void> {
  const env = await currentEnvironment();
  const config = configOf(env);
  if (!config.ok) return printError(json, config.error);
  const access = await connect(env);
  if (!access.ok) return printError(json, access.error);
  try {
    const error = await command(contextOf(env, config.value, access.value));
    if (error) printError(json, error);
  } finally {
    // Not awaited: a call that no worker answers would hold it up for another ten seconds.
    void access.value.close();
  }
}

function contextOf(env: Environment, config: Config, access: TemporalAccess): Context {
  const { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_BEARERS: bearers, ADMISSION_UI_URL: ui } = config;
  const { client, namespace } = access;
  return {
    env,
    config,
    access,
    service: createAdmissionService({ client, taskQueue, bearers }),
    uiUrl: (id, runId) =>
      ui ? `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(id)}/${encodeURIComponent(runId)}` : null,
  };
}
