import { shippedFlows } from '../package-files.ts';
import type { Environment } from '../config.ts';

export interface TemporalAccess {
  /** host:port */
  address: string;
  namespace: string;
  /** Temporal's web UI; unknown for a server that was only given by address. */
  uiUrl: string | undefined;
}

/** No other variable is ever taken from a file. */
export const STACK_VARIABLES = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING',
  'AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_PROFILE',
  'ADMISSION_BEARERS',
  'ADMISSION_TRUST_CLIENTS',
  'ADMISSION_ID_KEY',
  'ADMISSION_FLOWS',
  'ADMISSION_UI_URL',
] as const;
export type StackEnvironment = { readonly [V in (typeof STACK_VARIABLES)[number]]?: string };

/** The environment variables with which the worker and the CLI use a local stack. Clients of the AWS SDK find the emulator by them. */
export function stackEnvironment(
  temporal: TemporalAccess,
  emulatorUrl: string,
  bearer: string,
  { ADMISSION_ID_KEY: idKey, ADMISSION_FLOWS: flows = shippedFlows() }: Environment,
): StackEnvironment {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING: emulatorUrl,
    AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY: emulatorUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    // The SDK prefers a profile to keys: the user's real one must not be asked for.
    AWS_PROFILE: '',
    ADMISSION_BEARERS: bearer,
    ADMISSION_TRUST_CLIENTS: 'true',
    // Whoever uses this stack has to derive the same ids as its worker.
    ...(idKey && { ADMISSION_ID_KEY: idKey }),
    ...(flows && { ADMISSION_FLOWS: flows }),
    ...(temporal.uiUrl !== undefined && { ADMISSION_UI_URL: temporal.uiUrl }),
  };
}
