import type { Config, Environment } from '../config.ts';
import type { LoadedSigner } from '../identity/signer.ts';
import type { AdmissionService } from '../service/admission-service.ts';
import type { TemporalAccess } from '../service/connect.ts';
import type { OnboardingService } from '../service/onboarding.ts';
import { bad, good, type AdmissionError, type Result } from '../service/result.ts';
// Whatever validates, signs or talks to Temporal is loaded by the command that needs it: help and version print at once.
import { currentEnvironment } from './dev-stack.ts';
import { note, printError } from './output.ts';

/** What a command needs to talk to the admission system. */
export interface Context {
  readonly service: AdmissionService;
  readonly onboarding: OnboardingService;
  readonly config: Config;
  readonly access: TemporalAccess;
  readonly env: Environment;
  /** Whom a personal signing key is for: who gives a command where nothing else is said. */
  readonly principal: string | undefined;
  /** The page of a request in the Temporal UI; `null` where nobody said where the UI is. */
  readonly uiUrl: (id: string, runId: string) => string | null;
}

/** Whom a personal signing key here is for. */
export async function keyOwner(): Promise<string | undefined> {
  const env = await currentEnvironment();
  const config = await configOf(env);
  const signer = config.ok ? await signerOf(config.value, env) : config;
  return signer.ok ? signer.value?.principal : undefined;
}

export async function configOf(env: Environment): Promise<Result<Config>> {
  const { readConfig } = await import('../config.ts');
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
  const config = await configOf(env);
  if (!config.ok) return printError(json, config.error);
  const signer = await signerOf(config.value, env);
  if (!signer.ok) return printError(json, signer.error);
  const { connect } = await import('../service/connect.ts');
  const access = await connect(env);
  if (!access.ok) return printError(json, access.error);
  try {
    const error = await command(
      await contextOf({ env, config: config.value, signer: signer.value, access: access.value }),
    );
    if (error) printError(json, error);
  } finally {
    // Not awaited: a call that no worker answers would hold it up for another ten seconds.
    void access.value.close();
  }
}

/** Who signs commands here; nobody where there is no key. */
async function signerOf(
  { ADMISSION_SIGNING_KEY: file, ADMISSION_AUDIENCE: audience }: Config,
  env: Environment,
): Promise<Result<LoadedSigner | undefined>> {
  if (file === undefined) return good(undefined);
  const [{ loadSigner }, { temporalConfig }] = await Promise.all([
    import('../identity/signer.ts'),
    import('../service/connect.ts'),
  ]);
  const loaded = await loadSigner(file, audience ?? temporalConfig(env).namespace);
  if (!loaded.ok)
    return bad({ code: 'InvalidConfiguration', message: 'The signing key is not usable.', ...loaded.issues[0] });
  if (loaded.value.warning !== undefined) note(`warning: ${loaded.value.warning}`);
  return good(loaded.value);
}

interface Parts extends Pick<Context, 'env' | 'config' | 'access'> {
  readonly signer: LoadedSigner | undefined;
}

async function contextOf({ env, config, signer, access }: Parts): Promise<Context> {
  const [{ createAdmissionService }, { createOnboardingService }] = await Promise.all([
    import('../service/admission-service.ts'),
    import('../service/onboarding.ts'),
  ]);
  const { ADMISSION_TASK_QUEUE: taskQueue, ADMISSION_BEARERS: bearers, ADMISSION_UI_URL: ui } = config;
  const { ADMISSION_ID_KEY: idKey } = config;
  const { client, namespace } = access;
  const options = { client, taskQueue, bearers, idKey, ...(signer ? { sign: signer.sign } : {}) };
  return {
    env,
    config,
    access,
    principal: signer?.principal,
    service: createAdmissionService(options),
    onboarding: createOnboardingService(options),
    uiUrl: (id, runId) =>
      ui ? `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(id)}/${encodeURIComponent(runId)}` : null,
  };
}
