import type { Logger } from 'pino';
import type { Config, Environment } from '../config.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { choosePolicySet } from '../policies/load/load-policy-set.ts';
import { connect } from '../service/connect.ts';
import { reevaluatePending } from '../service/reevaluate.ts';
import { StartError } from './start-checks.ts';

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
