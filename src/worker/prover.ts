import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { createProver } from '../identity/prover.ts';
import type { Prover } from '../identity/prover.ts';

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
