import type { ChimeClients } from '../chime/client.ts';
import { createFactReader } from '../chime/facts.ts';
import { createChimeReads } from '../chime/reads.ts';
import type { Settings } from '../domain/settings.ts';
import type { Prover } from '../identity/prover.ts';
import { warmUpSchemas } from '../json-schema/bounded.ts';
import type { Flows } from '../flows.ts';
import { warmUpCel } from '../policies/cel/bounded.ts';
import { createOwnFacts } from '../policies/own-facts.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { createActorActivities } from './actors.ts';
import { createAdmitActivities } from './admit.ts';
import { createCheckActivities } from './check-command.ts';
import { createExternalPolicies } from './external-policies.ts';
import { createGrantedActivities } from './granted.ts';
import { createMembershipActivities } from './membership.ts';
import { createMessageActivities } from './messages.ts';
import { createNotifyActivities, type NotifyDependencies } from './notify.ts';
import { createOnboardingActivities } from './onboarding.ts';
import { createOriginActivities } from './origin.ts';

export interface ActivityDependencies extends NotifyDependencies {
  readonly clients: Pick<ChimeClients, 'messaging' | 'identity'>;
  readonly policySet: PolicySet;
  readonly flows: Flows;
  readonly bearers: readonly string[];
  /** Says whether the actor of a command is who they say. */
  readonly prover: Prover;
  readonly settings: Settings;
  /** `ADMISSION_ID_KEY`. */
  readonly idKey?: string | undefined;
  /** How long settings and rosters of a channel may be remembered, in ms. */
  readonly factTtlMs: number;
}

/** The activities that every worker has; workflows see their types alone. */
export function createActivities({ clients, factTtlMs, ...rest }: ActivityDependencies) {
  const reads = createChimeReads(clients);
  void Promise.all([warmUpCel(), warmUpSchemas()]);
  const sources = { ...rest, facts: createFactReader(reads, factTtlMs), own: createOwnFacts(rest.policySet) };
  return {
    ...createCheckActivities(sources),
    ...createAdmitActivities(sources),
    ...createActorActivities(sources),
    ...createMembershipActivities({ ...rest, reads, messaging: clients.messaging }),
    ...createMessageActivities({ ...rest, messaging: clients.messaging }),
    ...createNotifyActivities(rest),
    ...createGrantedActivities({ ...rest, reads }),
    ...createOnboardingActivities({ ...sources, reads }),
    ...createOriginActivities(rest),
  };
}

/** One more activity for each external policy of the set. */
export { createExternalPolicies };

export type Activities = ReturnType<typeof createActivities>;
