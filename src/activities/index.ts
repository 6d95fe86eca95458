import type { ChimeClients } from '../chime/client.ts';
import { createFactReader } from '../chime/facts.ts';
import { createChimeReads } from '../chime/reads.ts';
import type { Settings } from '../domain/settings.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { createAdmit } from './admit.ts';
import { createMembershipActivities } from './membership.ts';
import { createActorActivities } from './actors.ts';

export interface ActivityDependencies {
  readonly clients: Pick<ChimeClients, 'messaging' | 'identity'>;
  readonly policySet: PolicySet;
  readonly bearers: readonly string[];
  readonly trustClients: boolean;
  readonly settings: Settings;
  /** How long settings and rosters of a channel may be remembered, in ms. */
  readonly factTtlMs: number;
}

/** All activities of a worker; workflows see their types alone. */
export function createActivities({ clients, factTtlMs, ...rest }: ActivityDependencies) {
  const reads = createChimeReads(clients);
  const facts = createFactReader(reads, factTtlMs);
  return {
    admit: createAdmit({ ...rest, facts }),
    ...createActorActivities({ ...rest, facts }),
    ...createMembershipActivities({ ...rest, reads, messaging: clients.messaging }),
  };
}

export type Activities = ReturnType<typeof createActivities>;
