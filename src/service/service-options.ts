import type { Client } from '@temporalio/client';
import type { Signer } from '../identity/signer.ts';

export interface ServiceOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** The service bearers, where they are known; none means that the worker alone checks them. */
  readonly bearers: readonly string[];
  /** `ADMISSION_ID_KEY`, the same as of the workers: ids and attributes cannot be computed without it. */
  readonly idKey?: string | undefined;
  /** Proves who gives a command, where an actor comes without proof. */
  readonly sign?: Signer;
}
