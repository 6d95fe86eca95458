import { cancellationSignal } from '@temporalio/activity';
import type { FactReader } from '../chime/facts.ts';
import { isUser } from '../domain/arn.ts';
import type { Actor, Refusal } from '../domain/commands.ts';
import type { ApproverRole } from '../domain/facts.ts';
import { requiredBearer } from './bearers.ts';
import { chimeFailure } from './chime-failure.ts';

export interface Verified {
  /** `false`: the caller was trusted, nothing was proved. */
  readonly verified: boolean;
  /** The offices of the principal on the channel, now; empty for a bot. */
  readonly offices: readonly ApproverRole[];
}

export interface VerifyDependencies {
  readonly facts: FactReader;
  readonly bearers: readonly string[];
  /** Take commands without proof of who gives them (demo, `npm run dev`, tests). */
  readonly trustClients: boolean;
}

export function createActorActivities({ facts, bearers, trustClients }: VerifyDependencies) {
  async function officesOf(principal: string, channelArn: string): Promise<readonly ApproverRole[]> {
    // Bots never review, whatever office they hold.
    if (!isUser(principal)) return [];
    const scope = { channelArn, bearer: requiredBearer(channelArn, bearers), signal: cancellationSignal() };
    try {
      return await facts.offices(principal, scope);
    } catch (error) {
      throw chimeFailure(error);
    }
  }

  return {
    /** Whether the actor of a command is who they say, and what offices they hold on the channel now, if one is named. */
    async verifyActor(actor: Actor, channelArn: string | null): Promise<Verified | Refusal> {
      if (!trustClients) return UNAUTHENTICATED;
      return { verified: false, offices: channelArn ? await officesOf(actor.principal, channelArn) : [] };
    },

    /** The offices that earlier reviewers hold at this moment, in the order of `principals`. */
    async confirmOffices(
      principals: readonly string[],
      channelArn: string,
    ): Promise<readonly (readonly ApproverRole[])[]> {
      return Promise.all(principals.map((principal) => officesOf(principal, channelArn)));
    },
  };
}

const UNAUTHENTICATED: Refusal = {
  code: 'Unauthenticated',
  message: 'Nothing proves who gives this command, and this worker does not trust its callers.',
  accepted: 'a worker with ADMISSION_TRUST_CLIENTS=true, where everybody who can reach Temporal is trusted',
};
