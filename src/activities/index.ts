import type { ChimeClients } from '../chime/client.ts';
import { createFactReader } from '../chime/facts.ts';
import { createChimeReads } from '../chime/reads.ts';
import type { Settings } from '../domain/settings.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { createAdmitActivities } from './admit.ts';
import { createExternalPolicies } from './external-policies.ts';
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

/** The activities that every worker has; workflows see their types alone. */
export function createActivities({ clients, factTtlMs, ...rest }: ActivityDependencies) {
  const reads = createChimeReads(clients);
  const facts = createFactReader(reads, factTtlMs);
  return {
    ...createAdmitActivities({ ...rest, facts }),
    ...createActorActivities({ ...rest, facts }),
    ...createMembershipActivities({ ...rest, reads, messaging: clients.messaging }),
  };
}

/** One more activity for each external policy of the set. */
export { createExternalPolicies };

export type Activities = ReturnType<typeof createActivities>;
